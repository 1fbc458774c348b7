//! A task in parts: all of them run, also after one has failed, and a table tells how long each took. The errors stand
//! below it, so that the last lines say what failed.

use std::io;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::test_output;

/// What is done next.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// One part.
    Alone(Part),
    /// Parts that wait more than they compute, at the same time.
    Together(&'static [Beside]),
}

/// A part, by its name in the table.
pub(crate) type Part = (&'static str, fn() -> Result<()>);

/// A part that runs beside others, by its name in the table: a process, because its tests print where they like.
pub(crate) type Beside = (&'static str, fn() -> Command);

/// How a part ended.
struct Ended {
    name: &'static str,
    took: Duration,
    result: Result<()>,
}

/// Runs the parts of `task` in order.
pub(crate) fn run(task: &str, steps: &[Step]) -> Result<()> {
    let (start, mut ended) = (Instant::now(), Vec::new());
    for step in steps {
        match step {
            Step::Alone((name, part)) => {
                eprintln!("\n=== {name}");
                let start = Instant::now();
                let result = part();
                ended.push(told(Ended { name, took: start.elapsed(), result }));
            }
            Step::Together(parts) => ended.extend(together(parts)),
        }
    }
    print(task, &ended, start.elapsed());
    let errors = ended.iter().filter_map(|part| Some((part.name, part.result.as_ref().err()?)));
    let errors: Vec<String> = errors.map(|(name, error)| format!("{name}: {error:#}")).collect();
    ensure!(errors.is_empty(), "cargo xtask {task} failed\n{}", errors.join("\n"));
    Ok(())
}

/// Shows the first of them as it comes, and the others when they have ended, one after another.
fn together(parts: &[Beside]) -> Vec<Ended> {
    let Some(((first, _), others)) = parts.split_first() else { return Vec::new() };
    eprintln!("\n=== {first}");
    for (name, _) in others {
        eprintln!("beside it, shown when it has ended: {name}");
    }
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for (place, part) in parts.iter().enumerate() {
            let sender = sender.clone();
            scope.spawn(move || {
                let ended = if place == 0 { (one(part, &mut io::stderr()), Vec::new()) } else { held(part) };
                // The receiver stays until every sender is gone.
                let _ = sender.send((place, ended));
            });
        }
        drop(sender);
        let (mut waiting, mut ended) = (Vec::new(), Vec::new());
        let mut is_first_running = true;
        for (place, (part, output)) in receiver {
            waiting.push((place, part, output));
            is_first_running &= place != 0;
            if is_first_running {
                continue;
            }
            for (place, part, output) in waiting.drain(..) {
                if place != 0 {
                    eprintln!("\n=== {}", part.name);
                    eprint!("{}", String::from_utf8_lossy(&output));
                }
                ended.push((place, told(part)));
            }
        }
        ended.sort_by_key(|(place, _)| *place);
        ended.into_iter().map(|(_, part)| part).collect()
    })
}

fn held(part: &Beside) -> (Ended, Vec<u8>) {
    let mut output = Vec::new();
    (one(part, &mut output), output)
}

fn one((name, command): &Beside, shown: &mut impl io::Write) -> Ended {
    let start = Instant::now();
    let (_, result) = test_output::run_into(&mut command(), shown);
    Ended { name, took: start.elapsed(), result }
}

/// Says at once what is wrong.
fn told(part: Ended) -> Ended {
    if let Err(error) = &part.result {
        eprintln!("error: {error:#}");
    }
    part
}

fn print(task: &str, ended: &[Ended], total: Duration) {
    let minutes = |took: Duration| took.as_secs_f64() / 60.0;
    eprintln!("\n{:<28}minutes", format!("cargo xtask {task}"));
    for part in ended {
        let result = if part.result.is_ok() { "ok" } else { "FAILED" };
        eprintln!("{:<28}{:>7.2}  {result}", part.name, minutes(part.took));
    }
    eprintln!("{:<28}{:>7.2}", "all", minutes(total));
}
