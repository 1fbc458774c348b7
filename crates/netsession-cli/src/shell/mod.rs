//! The shell of every command that asks servers: runtime, prompt, Ctrl-C, progress, formats, summary, exit code.

mod asking;
mod command;
mod fleet;
mod live;
mod preparation;
mod presenter;
mod progress;
mod reverse_dns;
mod single;
mod watching;

use std::io::{self, Write};

use anyhow::{Result, ensure};
use tokio::runtime::Runtime;

use crate::args::{AskArgs, OutputArgs};
use crate::output::{Readers, Selection, Sink, WholeFile, error_line};
use crate::process::{Exit, Terminal, log, open_files, say};
use asking::Job;
pub(crate) use command::ServerCommand;
use fleet::{ConnectOptions, FleetLimits};
pub(crate) use live::{EVERY_ACCOUNT_REFUSED, LiveServers, time_is_up};
use preparation::Preparation;
pub(crate) use preparation::rejected;
use presenter::Presenter;
use progress::Progress;
pub(crate) use single::{Connection, SingleServer};
pub(crate) use watching::{Next, RunningWatch, WatchedServers};

/// Asks the servers and shows what they answer: data to `out`, talk to `err`.
pub(crate) fn run<C: ServerCommand + 'static>(
    command: &C,
    out: &mut Sink<'_>,
    err: &mut dyn Write,
    terminal: Terminal,
) -> Exit {
    let args = command.ask_args();
    if args.output.verbose {
        log::start();
    }
    let prepared = prepare(command, &mut |warning| say(err, &error_line(warning)));
    let mut prepared = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return rejected(&error, err),
    };
    let shown = match prepared.file.take() {
        None => present(args, prepared, out, err, terminal),
        Some(mut file) => {
            let shown = present(args, prepared, &mut Sink::new(&mut file), err, Terminal::default());
            shown.and_then(|exit| file.commit().map(|()| exit))
        }
    };
    shown.unwrap_or_else(|error| {
        say(err, &error_line(&format!("{error:#}")));
        Exit::Failure
    })
}

/// Asks, and shows what is answered.
fn present<C: ServerCommand + 'static>(
    args: &AskArgs,
    Prepared { runtime, job, selection, .. }: Prepared<C>,
    out: &mut Sink<'_>,
    err: &mut dyn Write,
    terminal: Terminal,
) -> Result<Exit> {
    let servers = job.servers.len();
    let progress = Progress::new(servers, args.output.verbose);
    let beside = progress.clone();
    // After -v, which has every step as well.
    log::start_warnings(move |line| beside.beside(|| say(&mut io::stderr(), &error_line(line))));
    let mut presenter = Presenter::new::<C>(args.output.format, selection, servers, terminal);
    let answers = asking::start(runtime, job, progress.clone());
    if answers.is_ok() {
        progress.start_ticking();
    }
    answers.and_then(|answers| presenter.present(answers, &progress, out, err))
}

/// Everything that is known before the first packet.
struct Prepared<C: ServerCommand> {
    runtime: Runtime,
    job: Job<C>,
    selection: Selection<C::Row>,
    /// `None` is stdout.
    file: Option<WholeFile>,
}

/// Looks at everything that can be wrong, and asks for the password last.
fn prepare<C: ServerCommand>(command: &C, warn: &mut dyn FnMut(&str)) -> Result<Prepared<C>> {
    let args = command.ask_args();
    let selection = Selection::new(&args.output.columns)?;
    check_metrics(&args.output)?;
    let readers = if args.output.format.is_metrics() { Readers::Everybody } else { Readers::Umask };
    let file = args.output.output.as_deref().map(|path| WholeFile::new(path, readers)).transpose()?;
    let question = command.question()?;
    let Preparation { runtime, servers, interrupt } = Preparation::new(&args.target, warn)?;
    let wanted = usize::from(args.target.servers.jobs).min(servers.len());
    let jobs = open_files::servers_at_once(wanted);
    if let Some(warning) = open_files::warning(wanted, jobs) {
        warn(&warning);
    }
    let job = Job {
        question,
        servers,
        limits: FleetLimits { jobs, rate: args.target.servers.rate },
        options: ConnectOptions::new(&args.target),
        resolves_clients: command.resolves_clients(),
        interrupt,
    };
    Ok(Prepared { runtime, job, selection, file })
}

/// Metrics are sums: they have no columns, and no order.
fn check_metrics(args: &OutputArgs) -> Result<()> {
    let (columns, is_sorted) = (args.columns.columns.is_some(), args.columns.sort.is_some());
    ensure!(
        !args.format.is_metrics() || !(columns || is_sorted),
        "-f prometheus: metrics have neither columns nor an order"
    );
    Ok(())
}
