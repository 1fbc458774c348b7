//! `netsession top`: who is connected, live.

mod args;
mod closing;
mod event_loop;
mod feed;
mod input;
mod screen;
mod terminal;

use std::io::{IsTerminal as _, Write, stderr, stdout};
#[cfg(feature = "demo")]
use std::time::Duration;

use anyhow::{Result, bail};
#[cfg(feature = "demo")]
use tokio::runtime::Runtime;

pub(crate) use args::TopArgs;
use event_loop::Settings;

use crate::output::error_line;
#[cfg(feature = "demo")]
use crate::process::Interrupt;
use crate::process::{Exit, Terminal, is_dumb, log, say};
use crate::shell::{LiveServers, rejected};

/// Shows the servers until it is quit; talk before and after goes to `err`.
pub(crate) fn run(args: TopArgs, err: &mut dyn Write, terminal: Terminal) -> Exit {
    let TopArgs { interval, read_only, verbose, target } = args;
    if verbose {
        log::start();
    }
    let prepared = check_terminal()
        .and_then(|()| check_log(verbose))
        .and_then(|()| LiveServers::prepare(&target, &mut |warning| say(err, &error_line(warning))));
    match prepared {
        Ok((servers, runtime, interrupt)) => {
            let settings = Settings { interval, read_only, is_coloured: terminal.colour };
            finish(event_loop::show(&servers, &runtime, interrupt, &settings), err)
        }
        Err(error) => rejected(&error, err),
    }
}

/// The same on servers that are known already.
#[cfg(feature = "demo")]
pub(crate) fn show(
    servers: &LiveServers,
    runtime: &Runtime,
    interrupt: Option<Interrupt>,
    interval: Duration,
    terminal: Terminal,
    err: &mut dyn Write,
) -> Exit {
    let settings = Settings { interval, read_only: false, is_coloured: terminal.colour };
    finish(event_loop::show(servers, runtime, interrupt, &settings), err)
}

fn finish(result: Result<Exit>, err: &mut dyn Write) -> Exit {
    result.unwrap_or_else(|error| {
        say(err, &error_line(&format!("{error:#}")));
        Exit::Failure
    })
}

/// An error where the log would stand across the screen.
fn check_log(verbose: bool) -> Result<()> {
    if verbose && stderr().is_terminal() {
        bail!(
            "-v writes to stderr, and that is the terminal that top draws on: send it to a file, 2>top.log"
        );
    }
    Ok(())
}

/// An error where there is no screen to draw on.
pub(crate) fn check_terminal() -> Result<()> {
    const WATCH: &str = "netsession watch prints a line for each change, on any terminal and into a file";
    if !stdout().is_terminal() {
        bail!("top draws on the whole screen of a terminal, and stdout is none: {WATCH}");
    }
    if is_dumb() {
        bail!("top draws on the whole screen of a terminal, and this one cannot (TERM=dumb): {WATCH}");
    }
    Ok(())
}
