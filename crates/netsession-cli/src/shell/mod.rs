//! The shell of every command that asks servers: runtime, prompt, Ctrl-C, progress, formats, summary, exit code.

mod asking;
mod command;
mod fleet;
mod preparation;
mod presenter;
mod progress;
mod reverse_dns;
mod single;
mod watched;

use std::io::{self, Write};

use anyhow::Result;
use tokio::runtime::Runtime;

use crate::output::{Selection, Sink, error_line};
use crate::process::{Exit, Terminal, log, open_files, say};
use asking::Job;
pub(crate) use command::ServerCommand;
use fleet::{ConnectOptions, FleetLimits};
use preparation::Preparation;
pub(crate) use preparation::rejected;
use presenter::Presenter;
use progress::Progress;
pub(crate) use single::{Connection, SingleServer};
pub(crate) use watched::WatchedServers;

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
    let (runtime, job, selection) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return rejected(&error, err),
    };
    let servers = job.servers.len();
    let progress = Progress::new(servers, args.output.verbose);
    let beside = progress.clone();
    // After -v, which has every step as well.
    log::start_warnings(move |line| beside.beside(|| say(&mut io::stderr(), &error_line(line))));
    let mut presenter = Presenter::<C::Row>::new(args.output.format, selection, servers, terminal);
    let answers = asking::start(runtime, job, progress.clone());
    let shown = answers.and_then(|answers| presenter.present(answers, &progress, out, err));
    shown.unwrap_or_else(|error| {
        say(err, &error_line(&format!("{error:#}")));
        Exit::Failure
    })
}

type Prepared<C> = (Runtime, Job<C>, Selection<<C as ServerCommand>::Row>);

/// Looks at everything that can be wrong, and asks for the password last.
fn prepare<C: ServerCommand>(command: &C, warn: &mut dyn FnMut(&str)) -> Result<Prepared<C>> {
    let args = command.ask_args();
    let selection = Selection::new(&args.output)?;
    let question = command.question()?;
    let Preparation { runtime, servers, interrupt } = Preparation::new(args, warn)?;
    let wanted = usize::from(args.servers.jobs).min(servers.len());
    let jobs = open_files::servers_at_once(wanted);
    if let Some(warning) = open_files::warning(wanted, jobs) {
        warn(&warning);
    }
    let job = Job {
        question,
        servers,
        limits: FleetLimits { jobs, rate: args.servers.rate },
        options: ConnectOptions::new(args),
        resolves_clients: command.resolves_clients(),
        interrupt,
    };
    Ok((runtime, job, selection))
}
