//! `netsession record`: what changes, into a file.

use std::io::{self, Write};
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use netsession::{Refresh, Refreshes, Snapshot, Watch};
use netsession_history::{Outcome, Recorder, Round, Settings, Uptime, WriteStatus};
use tokio::runtime::Runtime;
use tokio::time::{MissedTickBehavior, interval};

use super::history::{default_path, make_folder};
use crate::args::{self, TargetArgs};
use crate::output::{ErrorTexts, LISTS_FILES_AGAIN, Trouble, error_line};
use crate::process::{EndSignal, Exit, Interrupt, log, say};
use crate::shell::{EVERY_ACCOUNT_REFUSED, LiveServers, rejected, time_is_up};
use crate::text::{duration, store_limit};

const EXAMPLES: &str = "\
Examples:
  netsession record -A /etc/smb-admin fs1 fs2
                                             until Ctrl-C, into the user's store
  netsession record --retain 30d --files @all
                                             open files as well, for a month
  netsession history --at 'yesterday 15:00'  ask it, also while it records";

const EXIT_CODES: &str = "\
Exit codes:
  0    --for has passed, or SIGTERM came
  1    the store could not be written, every account was refused, or a server
       did not answer at the end of --for, or did not list its files
  2    rejected before anything was sent: arguments, an unreadable file
  130  interrupted (Ctrl-C)";

const STORE: &str = "\
What is stored:
  For each session: server, client, user, level, flags, client type, transport,
  begin and end, and at the end its open files and idle time. With --files also
  each open file: path, share, user, client, access, begin and end. Nothing of
  what files contain. The file is for its owner alone (mode 0600). See
  netsession history forget to erase a user.";

/// How often changes are written and requests of other processes looked for.
const TICK: Duration = Duration::from_secs(1);

/// Record who is connected, into a file that `netsession history` answers from
///
/// Asks the servers again and again over connections that are kept, and stores what changes: intervals, not samples.
/// A server that does not answer leaves a gap, which `netsession history` reports. Ends with Ctrl-C (exit code 130) or
/// SIGTERM (exit code 0), after what was answered is written.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = [EXAMPLES, args::LOGIN, EXIT_CODES, STORE].join("\n\n"))]
pub(crate) struct RecordArgs {
    /// Store to write [default: in the state folder of the user]
    ///
    /// `$XDG_STATE_HOME/netsession/history` on Unix; without the variable it is below `~/.local/state`, on macOS below
    /// `~/Library/Application Support`. `%LOCALAPPDATA%\netsession\history` on Windows. One process writes a store.
    #[arg(long, value_name = "FILE", help_heading = "Record")]
    store: Option<PathBuf>,

    /// Time between two refreshes of a server
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration::parse, help_heading = "Record")]
    interval: Duration,

    /// How long to store what ended: 90d, 2w, 12h
    ///
    /// What is older is erased within a day.
    #[arg(long, value_name = "DURATION", default_value = "90d", value_parser = store_limit::retention, help_heading = "Record")]
    retain: Duration,

    /// Maximum size of what is stored; the oldest goes first
    ///
    /// The file stays below 2.2 times that. At least 1MiB.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = store_limit::max_size, help_heading = "Record")]
    max_size: u64,

    /// Record open files as well
    #[arg(long, help_heading = "Record")]
    files: bool,

    /// End after this time, at most 24h; exit code 1 if a server does not answer then
    ///
    /// Also if it does not list the files that --files asks for.
    #[arg(long = "for", value_name = "DURATION", value_parser = duration::parse, help_heading = "Record")]
    length: Option<Duration>,

    /// Log the protocol steps to stderr
    #[arg(short, long, help_heading = "Record")]
    verbose: bool,

    #[command(flatten)]
    target: TargetArgs,
}

pub(crate) fn run(args: RecordArgs, err: &mut dyn Write) -> Exit {
    if args.verbose {
        log::start();
    }
    let length = args.length;
    let watch = Watch::new().interval(args.interval).files(args.files);
    let prepared = prepare(args, &mut |warning| say(err, &error_line(warning)));
    let ((servers, runtime, interrupt), recorder) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return rejected(&error, err),
    };
    log::start_warnings(|line| say(&mut io::stderr(), &error_line(line)));
    let names = servers.names();
    let recording = Recording { recorder, names, problems: Problems::new(err), uptime: Uptime::start() };
    runtime.block_on(async { recording.run(servers.start(watch), interrupt, length).await })
}

type Prepared = ((LiveServers, Runtime, Option<Interrupt>), Recorder);

fn prepare(args: RecordArgs, warn: &mut dyn FnMut(&str)) -> Result<Prepared> {
    let path = args.store.clone().or_else(default_path);
    let path = path.context("no --store, and neither HOME nor XDG_STATE_HOME is set")?;
    let mut settings = Settings::default();
    settings.interval = args.interval;
    settings.retain = Some(args.retain);
    settings.max_size = Some(args.max_size);
    if args.store.is_none() {
        make_folder(&path)?;
    }
    // Before the prompt: a store that is in use, or damaged, is found first. Its text has its cause in it.
    let recorder = Recorder::open(path, settings).map_err(|error| anyhow!("{error}"))?;
    Ok((LiveServers::prepare(&args.target, warn)?, recorder))
}

/// Why the recording ends.
enum End {
    Signal(EndSignal),
    TimeIsUp,
    /// No server is asked any more.
    NoServer,
    /// The store was removed or replaced.
    StoreIsGone(netsession_history::Error),
}

struct Recording<'e> {
    recorder: Recorder,
    names: Vec<String>,
    problems: Problems<'e>,
    uptime: Uptime,
}

impl Recording<'_> {
    async fn run(
        mut self,
        mut refreshes: Refreshes,
        interrupt: Option<Interrupt>,
        length: Option<Duration>,
    ) -> Exit {
        let mut ends = match Interrupt::listen_to_all() {
            Ok(ends) => ends,
            Err(error) => {
                self.problems.say(&format!("cannot listen to signals: {error}"));
                return Exit::Failure;
            }
        };
        // A listener of before the prompt hears the same signals.
        drop(interrupt);
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut time_is_up = pin!(time_is_up(length));
        let end = loop {
            tokio::select! {
                refresh = refreshes.next() => match refresh {
                    Some(refresh) => self.take(refresh),
                    None => break End::NoServer,
                },
                _ = tick.tick() => if let Err(gone) = self.write() { break End::StoreIsGone(gone) },
                signal = ends.wait() => break End::Signal(signal),
                () = &mut time_is_up => break End::TimeIsUp,
            }
        };
        // What has come in is written; a server that is being asked is not waited for.
        drop(refreshes);
        let end = match self.write() {
            Err(gone) => End::StoreIsGone(gone),
            Ok(()) => end,
        };
        match end {
            End::StoreIsGone(gone) => {
                self.problems.say(&gone.to_string());
                Exit::Failure
            }
            // What was answered is not written.
            End::TimeIsUp | End::Signal(_) if self.problems.has_unwritten() => Exit::Failure,
            #[cfg(unix)]
            End::Signal(EndSignal::Terminate) => Exit::Success,
            End::Signal(signal) => Exit::Signal(signal),
            End::TimeIsUp if self.problems.has_failing() => Exit::Failure,
            End::TimeIsUp => Exit::Success,
            End::NoServer => {
                self.problems.say(EVERY_ACCOUNT_REFUSED);
                Exit::Failure
            }
        }
    }

    fn take(&mut self, refresh: Refresh) {
        let name = self.names.get(refresh.index).cloned().unwrap_or_else(|| refresh.server.clone());
        self.problems.server(&name, refresh.result.as_ref().err());
        let outcome = match &refresh.result {
            Ok(Snapshot { sessions, files, .. }) => {
                let files = files.as_ref().map(|files| files.as_ref());
                self.problems.files(&name, files.and_then(Result::err));
                let files = files.map(|files| files.map_err(netsession::Error::without_server));
                Outcome::from_listed(sessions.level(), sessions.sessions(), files)
            }
            Err(error) => Outcome::Failed(error.without_server()),
        };
        // A listing of 100,000 sessions is not held beside what is recorded of it.
        drop(refresh.result);
        // Not the time of now: while a slow disk writes, refreshes wait, and the clock would look as if it were set.
        let mut round = Round::new(name, refresh.time, outcome);
        round.uptime = self.uptime.reading_at(refresh.instant);
        self.recorder.add(round);
    }

    /// Writes what came in. An error is the end: what is recorded now would be lost.
    fn write(&mut self) -> Result<(), netsession_history::Error> {
        match self.recorder.write() {
            Err(gone @ netsession_history::Error::Replaced(_)) => Err(gone),
            written => {
                self.problems.store(written, self.recorder.is_full());
                Ok(())
            }
        }
    }
}

/// Says each problem once, and that it is over.
struct Problems<'e> {
    err: &'e mut dyn Write,
    texts: ErrorTexts,
    failing: Trouble,
    /// Of servers that list sessions and not their open files.
    without_files: Trouble,
    store: WriteStatus,
}

impl<'e> Problems<'e> {
    fn new(err: &'e mut dyn Write) -> Self {
        Self {
            err,
            texts: ErrorTexts::default(),
            failing: Trouble::new("answers again"),
            without_files: Trouble::new(LISTS_FILES_AGAIN),
            store: WriteStatus::default(),
        }
    }

    fn say(&mut self, text: &str) {
        say(self.err, &error_line(text));
    }

    fn server(&mut self, name: &str, error: Option<&netsession::Error>) {
        let news = self.failing.update(&mut self.texts, name, error);
        news.into_iter().for_each(|text| say(self.err, &text));
    }

    /// The open files of a server that answers.
    fn files(&mut self, name: &str, error: Option<&netsession::Error>) {
        let news = self.without_files.update(&mut self.texts, name, error);
        news.into_iter().for_each(|text| say(self.err, &text));
    }

    fn store(&mut self, written: Result<(), netsession_history::Error>, is_full: bool) {
        let news = self.store.update(written);
        for text in news.as_deref().into_iter().chain(self.store.update_size(is_full)) {
            say(self.err, &error_line(text));
        }
    }

    /// Whether some server did not answer, or not list its files, when it was asked last.
    fn has_failing(&self) -> bool {
        !self.failing.is_over() || !self.without_files.is_over()
    }

    fn has_unwritten(&self) -> bool {
        self.store.is_failing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_and_its_end_are_said_once() {
        use netsession::{Error, ErrorKind};
        let mut said = Vec::new();
        let mut problems = Problems::new(&mut said);
        let error = Error::for_testing(ErrorKind::AccessDenied, "fs1");
        for error in [Some(&error), Some(&error), None, None] {
            problems.files("fs1", error);
            assert_eq!(problems.has_failing(), error.is_some());
        }
        for is_full in [false, true, true, false, true] {
            problems.store(Ok(()), is_full);
        }
        let said = String::from_utf8(said).unwrap();
        assert_eq!(said.matches("fs1 lists its open files again").count(), 1, "{said}");
        assert_eq!(said.matches("more than the maximum size").count(), 1, "{said}");
        assert_eq!(said.matches("netsession: ").count(), 3, "{said}");
    }
}
