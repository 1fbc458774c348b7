//! `netsession list`.

mod backend;
mod plan;
mod progress;
mod report;

use std::io::{self, Write};
use std::pin::pin;
use std::process;
use std::thread;

use anyhow::Context as _;
use tokio::runtime::{self, Runtime};
use tokio::sync::mpsc;

use crate::ask;
use crate::cli::ListArgs;
use crate::errors;
use crate::exit::Exit;
use crate::identity::Interrupted;
use crate::interrupt::Interrupt;
use crate::outcome::Outcome;
use crate::output::{Look, Sink};
use plan::Plan;
use progress::Progress;
use report::Report;

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
    let progress = Progress::new(plan.targets.len(), args.verbose);
    let mut report = Report::new(args.format, plan.targets.len(), look);
    let outcomes = start(runtime, plan, progress.clone());
    match report.all(outcomes, &progress, out, err) {
        Ok(exit) => exit,
        Err(error) => {
            say(err, &errors::line(&format!("{error:#}")));
            Exit::Failed
        }
    }
}

/// Asks on a thread of its own: while a slow reader holds up the output, the servers that are being asked and
/// their deadlines go on. It listens to Ctrl-C for as long as the program lives. Nobody waits for its end, nor for that
/// of a resolver that is stuck.
fn start(runtime: Runtime, plan: Plan, progress: Progress) -> mpsc::Receiver<(usize, Outcome)> {
    let Plan { question, targets, interrupt } = plan;
    let (sender, receiver) = mpsc::channel(question.jobs);
    thread::spawn(move || {
        runtime.block_on(async move {
            let mut interrupted = pin!(interrupted(interrupt));
            tokio::select! {
                // The sender lives on: the main thread must not take an interrupt for the end.
                () = ask::ask_all(question, targets, &sender) => {}
                () = &mut interrupted => exit_interrupted(&progress),
            }
            drop(sender);
            // What was answered is still to be written, to whoever reads as slowly as he likes.
            interrupted.await;
            exit_interrupted(&progress)
        })
    });
    receiver
}

/// At once, from whichever thread: the main thread may be held up by whoever reads the output.
fn exit_interrupted(progress: &Progress) -> ! {
    progress.clear_at_once();
    process::exit(Exit::Interrupted.code().into())
}

async fn interrupted(listening: Option<Interrupt>) {
    match listening.map_or_else(Interrupt::listen, Ok) {
        Ok(mut interrupt) => interrupt.wait().await,
        // Then the signal does what it does by default, and ends the process.
        Err(_) => std::future::pending().await,
    }
}

fn say(err: &mut dyn Write, text: &str) {
    // Nobody is left to be told.
    let _: io::Result<()> = err.write_all(text.as_bytes());
}
