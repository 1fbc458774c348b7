//! `netsession watch`: what changes, a line for each change.

mod event;
mod json;
mod lines;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use netsession::{Refresh, Watch, WatchEvent, WatchedServer};

use crate::args::{self, TargetArgs};
use crate::output::{ErrorTexts, LISTS_FILES_AGAIN, Sink, Trouble, error_line};
use crate::process::{Exit, Terminal, log, reader_has_gone, say};
use crate::shell::{EVERY_ACCOUNT_REFUSED, Next, RunningWatch, WatchedServers, rejected};
use crate::text::duration;
use event::Event;
use lines::Lines;

const EXAMPLES: &str = "\
Examples:
  netsession watch fs1                        who comes and goes on fs1
  netsession watch --files --initial fs1      open files, and what is there
  netsession watch -f jsonl @all >> changes.jsonl
                                              every change, for programs
  netsession watch --for 10m --interval 1s fs1 fs2
                                              ten minutes, looking every second";

const EXIT_CODES: &str = "\
Exit codes:
  0    --for or --count was reached, or the reader has gone
  1    no server is asked any more, or some did not answer at the end, or did
       not list the files that --files asks for
  2    rejected before anything was sent: arguments, an unreadable file
  130  interrupted (Ctrl-C)";

/// Show what changes on servers: a line for each session that begins or ends
///
/// Keeps one connection to each server and asks again and again: one round trip and no log-on for each look. A
/// server that does not answer has one line, and is asked again after longer and longer pauses, of at most 30 s; its
/// sessions have not ended because of that. What ended meanwhile has its line when the server answers, with ~ after
/// the time: the moment is not known. Your own session is among those shown.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = [EXAMPLES, args::LOGIN, EXIT_CODES].join("\n\n"))]
pub(crate) struct WatchArgs {
    /// Time between two refreshes of a server
    #[arg(long, value_parser = duration::parse, default_value = "5s", value_name = "DURATION", help_heading = "Watching")]
    interval: Duration,

    /// Watch the open files, too
    ///
    /// A server that does not list them is reported on stderr, once.
    #[arg(long, help_heading = "Watching")]
    files: bool,

    /// Begin with what is there, as if it had just come
    #[arg(long, help_heading = "Watching")]
    initial: bool,

    /// A session counts as idle after this time without a request; Samba does not report it
    #[arg(long, value_parser = duration::parse, default_value = "15m", value_name = "DURATION", help_heading = "Watching")]
    idle: Duration,

    /// End after this time, at most 24h
    #[arg(long = "for", value_parser = duration::parse, value_name = "DURATION", help_heading = "Watching")]
    length: Option<Duration>,

    /// End after this number of lines
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Watching")]
    count: Option<u64>,

    /// Output format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    format: Format,

    /// Log the protocol steps to stderr
    #[arg(short, long, help_heading = "Output")]
    verbose: bool,

    #[command(flatten)]
    target: TargetArgs,
}

/// The formats of changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Lines,
    /// One object a line
    Jsonl,
}

/// Shows changes until the end that was asked for: data to `out`, talk to `err`.
pub(crate) fn run(args: WatchArgs, out: &mut Sink<'_>, err: &mut dyn Write, terminal: Terminal) -> Exit {
    let WatchArgs { interval, files, initial, idle, length, count, format, verbose, target } = args;
    if verbose {
        log::start();
    }
    let watch = Watch::new().interval(interval).files(files);
    let watched = WatchedServers::prepare(&target, &mut |warning| say(err, &error_line(warning)));
    let watched = match watched {
        Ok(watched) => watched,
        Err(error) => return rejected(&error, err),
    };
    log::start_warnings(|line| say(&mut std::io::stderr(), &error_line(line)));
    let names = watched.names();
    let mut changes = Changes {
        known: names.iter().map(|_| WatchedServer::new(Some(idle))).collect(),
        is_new: vec![true; names.len()],
        without_files: Trouble::new(LISTS_FILES_AGAIN),
        lines: Lines::new(&names, terminal),
        names,
        initial,
        format,
        left: count,
        errors: ErrorTexts::default(),
    };
    let shown = watched.start(watch, length).and_then(|running| changes.show(running, out, err));
    shown.unwrap_or_else(|error| {
        say(err, &error_line(&format!("{error:#}")));
        Exit::Failure
    })
}

/// What is known of all servers, and how their changes are shown.
struct Changes {
    names: Vec<String>,
    known: Vec<WatchedServer>,
    /// Which servers have not answered yet.
    is_new: Vec<bool>,
    /// Of servers that list sessions and not their open files.
    without_files: Trouble,
    initial: bool,
    format: Format,
    lines: Lines,
    /// How many lines may still be shown.
    left: Option<u64>,
    errors: ErrorTexts,
}

impl Changes {
    /// Shows what comes in, until it ends or enough lines are shown.
    fn show(&mut self, mut running: RunningWatch, out: &mut Sink<'_>, err: &mut dyn Write) -> Result<Exit> {
        loop {
            let refresh = match running.next() {
                Next::Refresh(refresh) => *refresh,
                Next::TimeIsUp => {
                    let silent = self.is_new.contains(&true);
                    return Ok(if silent || self.has_failures() { Exit::Failure } else { Exit::Success });
                }
                Next::End => {
                    say(err, &error_line(EVERY_ACCOUNT_REFUSED));
                    return Ok(Exit::Failure);
                }
            };
            if reader_has_gone() {
                return Ok(Exit::Success);
            }
            let index = refresh.index;
            let events = self.take(refresh);
            if let Some(text) = self.files_problem(index) {
                say(err, &text);
            }
            for event in events {
                if let WatchEvent::Unreachable(error) = &event.what
                    && self.format == Format::Lines
                {
                    say(err, &self.errors.text(&event.server, error));
                }
                let bytes = match self.format {
                    Format::Lines => self.lines.line(&event).into_bytes(),
                    Format::Jsonl => json::line(&event)?,
                };
                out.write(&bytes).context("cannot write the output")?;
                if out.is_closed() {
                    return Ok(Exit::Success);
                }
                self.left = self.left.map(|left| left.saturating_sub(1));
                if self.left == Some(0) {
                    return Ok(if self.has_failures() { Exit::Failure } else { Exit::Success });
                }
            }
        }
    }

    /// What a refresh changes.
    fn take(&mut self, refresh: Refresh) -> Vec<Event> {
        let (index, time, is_ok) = (refresh.index, refresh.time, refresh.result.is_ok());
        let (Some(known), Some(server)) = (self.known.get_mut(index), self.names.get(index)) else {
            return Vec::new();
        };
        let before = (known.level(), known.files_level());
        let mut changes: Vec<_> = known.apply(refresh).into_iter().map(|change| change.event).collect();
        let is_new = self.is_new.get_mut(index);
        if is_ok && is_new.is_some_and(std::mem::take) && self.initial {
            changes.extend(known.sessions().iter().cloned().map(WatchEvent::Connected));
            changes.extend(known.files().unwrap_or_default().iter().cloned().map(WatchEvent::Opened));
        }
        let now = (known.level(), known.files_level());
        let event = |what| {
            // What ended was listed last by the answer before, which may have been of another level.
            let has_ended = matches!(what, WatchEvent::Disconnected { .. } | WatchEvent::Closed { .. });
            let (level, files_level) = if has_ended { before } else { now };
            Event { time, server: server.clone(), level, files_level, what }
        };
        changes.into_iter().map(event).collect()
    }

    /// A line where a server begins or ceases to list its sessions without its open files. It is no event: the server
    /// answers, and no file was closed.
    fn files_problem(&mut self, index: usize) -> Option<String> {
        let (known, name) = (self.known.get(index)?, self.names.get(index)?);
        let error = known.files_error();
        // A server that does not answer at all keeps its state.
        let is_known = error.is_some() || known.error().is_none();
        is_known.then(|| self.without_files.update(&mut self.errors, name, error)).flatten()
    }

    fn has_failures(&self) -> bool {
        self.known.iter().any(|server| server.error().is_some() || server.files_error().is_some())
    }
}
