//! The shell of every command that asks servers: runtime, prompt, Ctrl-C, progress, formats, summary, exit code.

mod asking;
mod command;
mod fleet;
mod presenter;
mod progress;
mod reverse_dns;
mod single;

use std::io::{self, Write};

use anyhow::{Context as _, Result};
use netsession::MemoryBudget;
use tokio::runtime::{self, Runtime};

use crate::config;
use crate::identity::Interrupted;
use crate::output::{Selection, Sink, error_line};
use crate::process::{Exit, Terminal, log, open_files, say};
use crate::resolve::resolve;
use asking::Job;
pub(crate) use command::ServerCommand;
use fleet::{ConnectOptions, FleetLimits};
use presenter::Presenter;
use progress::Progress;
pub(crate) use single::{Connection, SingleServer};

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
        Err(error) => {
            if let Some(Interrupted(signal)) = error.downcast_ref() {
                return Exit::Signal(*signal);
            }
            say(err, &error_line(&format!("{error:#}")));
            return Exit::Usage;
        }
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
    let configuration = config::load()?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    // The prompt listens to signals.
    let guard = runtime.enter();
    let (servers, interrupt) = resolve(args, &configuration, warn)?;
    drop(guard);
    let wanted = usize::from(args.servers.jobs).min(servers.len());
    let jobs = open_files::servers_at_once(wanted);
    if let Some(warning) = open_files::warning(wanted, jobs) {
        warn(&warning);
    }
    MemoryBudget::of_this_process().set_limit(args.connection.max_memory);
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
