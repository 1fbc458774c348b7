//! A task in parts: all of them run, also after one has failed, and a table tells how long each took. The errors stand
//! below it, so that the last lines say what failed.

use std::io;
use std::panic::resume_unwind;
use std::process::Command;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::test_output;

/// What is done next.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    /// One part.
    Alone(Part),
    /// Parts at the same time, so that some compute while others wait. The first has the compiler for itself until its tests
    /// run: cargo builds one thing at a time in a folder, and who comes second would wait for all that the first builds.
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
    let Some((first, others)) = parts.split_first() else { return Vec::new() };
    eprintln!("\n=== {}", first.0);
    for (name, _) in others {
        eprintln!("beside it, shown when it has ended: {name}");
    }
    thread::scope(|scope| {
        let (tests_run, begun) = mpsc::channel();
        let others = scope.spawn(move || {
            // An error means that the first part has ended and has run no tests.
            let _ = begun.recv();
            others.iter().map(|part| scope.spawn(|| held(part))).collect::<Vec<_>>()
        });
        let first = told(one(first, &mut UntilTestsRun { shown: io::stderr(), tests_run: Some(tests_run) }));
        let mut ended = vec![first];
        for part in joined(others) {
            let (part, output) = joined(part);
            eprintln!("\n=== {}", part.name);
            eprint!("{}", String::from_utf8_lossy(&output));
            ended.push(told(part));
        }
        ended
    })
}

/// Shows what a part prints, and says when its tests run.
struct UntilTestsRun<W> {
    shown: W,
    tests_run: Option<Sender<()>>,
}

impl<W: io::Write> io::Write for UntilTestsRun<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if test_output::is_program(&String::from_utf8_lossy(bytes)) {
            self.tests_run = None;
        }
        self.shown.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.shown.flush()
    }
}

/// What a thread gives, or its panic.
pub(crate) fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::mpsc::TryRecvError;

    use super::*;

    #[test]
    fn others_begin_when_all_of_the_first_is_built() {
        let (tests_run, begun) = mpsc::channel();
        let mut output = UntilTestsRun { shown: Vec::new(), tests_run: Some(tests_run) };
        for line in ["$ cargo test\n", "   Compiling a v1.0.0\n", "warning: Running out of names\n"] {
            output.write_all(line.as_bytes()).unwrap();
            assert_eq!(begun.try_recv(), Err(TryRecvError::Empty), "{line}");
        }
        output.write_all(b"     Running unittests src/lib.rs (target/debug/deps/a-0a)\n").unwrap();
        assert_eq!(begun.try_recv(), Err(TryRecvError::Disconnected));
        assert!(output.shown.starts_with(b"$ cargo test\n") && output.shown.ends_with(b"a-0a)\n"));
    }
}
