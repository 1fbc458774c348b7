//! `netsession exporter`.

mod args;
mod settings;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use netsession_exporter::{Ended, Settings, run as answer};
use tokio::runtime;
use tracing::warn;

use crate::config;
use crate::output::error_line;
use crate::process::{Exit, log, open_files};
pub(crate) use args::ExporterArgs;

/// How many connections the exporter takes at the same time.
const CONNECTIONS: usize = 2048;

/// Answers until a signal ends it.
pub(crate) fn run(args: &ExporterArgs, err: &mut dyn Write) -> Exit {
    log::start_for_service(args.verbose);
    let prepared = path(args).and_then(|path| Ok((load(&path)?, path)));
    let (result, otherwise) = match prepared {
        Ok((settings, path)) => (serve(args, settings, path), Exit::Failure),
        Err(error) => (Err(error), Exit::Usage),
    };
    match result {
        Ok(Ended::Terminated) => Exit::Success,
        Ok(Ended::Interrupted) => Exit::Interrupted,
        Err(error) => {
            // Where stderr cannot be written to, there is no other place.
            let _ = err.write_all(error_line(&format!("{error:#}")).as_bytes());
            otherwise
        }
    }
}

fn serve(args: &ExporterArgs, settings: Settings, path: PathBuf) -> Result<Ended> {
    // Each server and each connection of Prometheus is one.
    let wanted = settings.concurrency.saturating_add(CONNECTIONS);
    let possible = open_files::servers_at_once(wanted);
    if possible < wanted {
        warn!(
            "this process may open too few files: {possible} where {wanted} can be needed: raise the limit \
             (ulimit -n, or LimitNOFILE of systemd)"
        );
    }
    let runtime = runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    let reload = move || load(&path).map_err(|error| format!("{error:#}"));
    let ended = runtime.block_on(answer(args.listen, settings, reload));
    // A resolver or a program for a password may be stuck: its thread is left behind.
    runtime.shutdown_background();
    ended.with_context(|| format!("cannot listen on {}", args.listen))
}

fn path(args: &ExporterArgs) -> Result<PathBuf> {
    args.config
        .clone()
        .or_else(config::default_path)
        .context("no configuration: name one with --config, since neither HOME nor XDG_CONFIG_HOME is set")
}

/// The configuration with every secret read.
fn load(path: &Path) -> Result<Settings> {
    let config = config::load_from(path)?.with_context(|| {
        format!("{}: there is no such file, and without one no server may be asked", path.display())
    })?;
    settings::settings(&config, &mut |warning| warn!("{}", warning.trim_start_matches("warning: ")))
}
