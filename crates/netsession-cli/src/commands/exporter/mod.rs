//! `netsession exporter`.

mod history;
mod listen;
mod preparation;
#[cfg(windows)]
mod service;
mod settings;

use std::io::Write;

use netsession_exporter::{Ended, StartError, run as serve_prometheus};

use crate::output::error_line;
use crate::process::{EndSignal, Exit, say};
pub(crate) use preparation::ExporterArgs;
use preparation::{Prepared, cannot_start, prepare, start_log};

/// Serves until a signal ends it.
pub(crate) fn run(args: ExporterArgs, err: &mut dyn Write) -> Exit {
    #[cfg(windows)]
    if args.service {
        return service::run(args, err);
    }
    if let Err(error) = start_log(&args) {
        say(err, &error_line(&format!("{error:#}")));
        return Exit::Usage;
    }
    let served = prepare(&args).and_then(|prepared| {
        let Prepared { runtime, settings, reload } = prepared;
        let listening = args.listen.resolve().map_err(StartError::Listen);
        let ended =
            listening.and_then(|addresses| runtime.block_on(serve_prometheus(&addresses, settings, reload)));
        // A resolver or a program for a password may be stuck: its thread is left behind.
        runtime.shutdown_background();
        ended.map_err(|error| (cannot_start(&args, error), Exit::Failure))
    });
    match served {
        Ok(Ended::Terminated) => Exit::Success,
        Ok(Ended::Interrupted) => Exit::Signal(EndSignal::Interrupt),
        Err((error, exit)) => {
            say(err, &error_line(&format!("{error:#}")));
            exit
        }
    }
}
