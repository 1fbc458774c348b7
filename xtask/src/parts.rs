//! A task in parts: all of them run, also after one has failed, and a table tells how long each took. The errors stand
//! below it, so that the last lines say what failed.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// A part, by its name in the table.
pub(crate) type Part = (&'static str, fn() -> Result<()>);

/// Runs the parts of `task` in order.
pub(crate) fn run(task: &str, parts: &[Part]) -> Result<()> {
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for (name, part) in parts {
        eprintln!("\n=== {name}");
        let start = Instant::now();
        let result = part();
        results.push((*name, start.elapsed(), result.is_ok()));
        if let Err(error) = result {
            eprintln!("error: {error:#}");
            errors.push(format!("{name}: {error:#}"));
        }
    }
    print(task, &results);
    ensure!(errors.is_empty(), "cargo xtask {task} failed\n{}", errors.join("\n"));
    Ok(())
}

fn print(task: &str, results: &[(&str, Duration, bool)]) {
    eprintln!("\n{:<28}minutes", format!("cargo xtask {task}"));
    for (name, took, fine) in results {
        eprintln!("{name:<28}{:>7.2}  {}", took.as_secs_f64() / 60.0, if *fine { "ok" } else { "FAILED" });
    }
    let total: Duration = results.iter().map(|(_, took, _)| *took).sum();
    eprintln!("{:<28}{:>7.2}", "all", total.as_secs_f64() / 60.0);
}
