//! `netsession list`.

mod backend;
mod plan;

use std::io::{self, Write};
use std::process;
use std::sync::mpsc;
use std::thread;

use anyhow::{Context as _, Result};
use tokio::runtime::{self, Runtime};

use crate::ask;
use crate::cli::{Format, ListArgs};
use crate::errors::{self, Errors};
use crate::exit::Exit;
use crate::identity::Interrupted;
use crate::interrupt::Interrupt;
use crate::outcome::Outcome;
use crate::output::{self, Look, Sink};
use plan::Plan;

/// Asks the servers and shows what they answer: data to `out`, talk to `err`.
pub(crate) fn run(args: &ListArgs, out: &mut Sink<'_>, err: &mut dyn Write, look: Look) -> Exit {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("cannot start");
    let prepared = runtime.and_then(|runtime| {
        // The prompt listens to signals.
        let guard = runtime.enter();
        let plan = Plan::new(args, &mut |warning| say(err, &errors::line(warning)))?;
        drop(guard);
        Ok((runtime, plan))
    });
    let (runtime, plan) = match prepared {
        Ok(prepared) => prepared,
        Err(error) if error.is::<Interrupted>() => return Exit::Interrupted,
        Err(error) => {
            say(err, &errors::line(&format!("{error:#}")));
            return Exit::Wrong;
        }
    };
    let servers = plan.targets.len();
    match show(args.format, servers, &start(runtime, plan), out, err, look) {
        Ok(exit) => exit,
        Err(error) => {
            say(err, &errors::line(&format!("{error:#}")));
            Exit::Failed
        }
    }
}

/// Asks on a thread of its own: while a slow reader holds up the output, the servers and their deadlines
/// go on. Nobody waits for the thread's end, nor for that of a resolver that is stuck.
fn start(runtime: Runtime, plan: Plan) -> mpsc::Receiver<(usize, Outcome)> {
    let (sender, receiver) = mpsc::channel();
    let Plan { question, targets, jobs, interrupt } = plan;
    thread::spawn(move || {
        runtime.block_on(async move {
            let asking = ask::ask_all(question, targets, jobs, |index, outcome| {
                // Whoever does not listen any more is at the end of the program.
                let _ = sender.send((index, outcome));
            });
            tokio::select! {
                () = asking => {}
                // At once, from here: the main thread may be held up by whoever reads the output.
                () = interrupted(interrupt) => process::exit(Exit::Interrupted.code().into()),
            }
        });
        runtime.shutdown_background();
    });
    receiver
}

async fn interrupted(listening: Option<Interrupt>) {
    match listening.map_or_else(Interrupt::listen, Ok) {
        Ok(mut interrupt) => interrupt.wait().await,
        // Then the signal does what it does by default, and ends the process.
        Err(_) => std::future::pending().await,
    }
}

/// Shows outcomes as they come, or all at the end, as the format has it.
fn show(
    format: Format,
    servers: usize,
    outcomes: &mpsc::Receiver<(usize, Outcome)>,
    out: &mut Sink<'_>,
    err: &mut dyn Write,
    look: Look,
) -> Result<Exit> {
    let mut errors = Errors::default();
    let mut exit = Exit::Answered;
    let mut answered: Vec<Option<Outcome>> = Vec::new();
    answered.resize_with(servers, || None);
    if format == Format::Csv {
        write(out, &output::csv_header()?)?;
    }
    for (index, outcome) in outcomes {
        if let Err(error) = &outcome.result {
            exit = Exit::Failed;
            if format != Format::Jsonl {
                say(err, &errors.text(&outcome.server, error));
            }
        }
        match (format, &outcome.result) {
            (Format::Jsonl, _) => write(out, &output::jsonl(&outcome)?)?,
            (Format::Csv, Ok(answer)) => write(out, &output::csv(&outcome.server, answer)?)?,
            (Format::Csv, Err(_)) | (Format::Table | Format::Json, _) => {}
        }
        if let Some(place) = answered.get_mut(index) {
            *place = Some(outcome);
        }
    }
    let answered: Vec<_> =
        answered.into_iter().collect::<Option<_>>().context("not every server was asked")?;
    match format {
        Format::Table => write(out, &output::tables(&answered, look))?,
        Format::Json => write(out, &output::json(&answered)?)?,
        Format::Jsonl | Format::Csv => {}
    }
    Ok(exit)
}

fn write(out: &mut Sink<'_>, bytes: &[u8]) -> Result<()> {
    out.write(bytes).context("cannot write the output")
}

fn say(err: &mut dyn Write, text: &str) {
    // Nobody is left to be told.
    let _: io::Result<()> = err.write_all(text.as_bytes());
}
