//! `cargo xtask late-log-ons`: a wrong password in front of servers whose refusals are late.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use netsession_interop::late::{self, BOUND, DELAYS, Report, Row};
use netsession_interop::needs::{self, Need};
use netsession_interop::samba::Samba;

/// A wrong password for 40 servers whose answers to a log-on are late, and how many log-ons reach them.
#[derive(Parser)]
#[command(name = "cargo xtask late-log-ons")]
struct Options {}

fn main() -> Result<ExitCode> {
    let Options {} = Options::parse();
    needs::ensure_all(&[Need::Samba])?;
    let samba = Samba::builder().start()?;
    let server = samba.address();
    let mut report = Report::default();
    let mut row = |case: String, log_ons: &dyn Fn(Duration) -> Result<usize>| -> Result<()> {
        eprintln!("{case}");
        let log_ons = DELAYS.into_iter().map(log_ons).collect::<Result<_>>()?;
        report.rows.push(Row { case, log_ons });
        Ok(())
    };
    for timeout in [Some("1s"), None] {
        for jobs in [1, 4, 64] {
            let shown = timeout.map_or(String::new(), |timeout| format!(" --timeout {timeout}"));
            let case = format!("`list --jobs {jobs}{shown}`");
            row(case, &|delay| late::list(server, delay, jobs, timeout))?;
        }
    }
    for (seconds, rounds) in [(1, 8), (10, 3)] {
        let scrape = Duration::from_secs(seconds);
        let case = format!("exporter, scrape timeout {seconds} s, {rounds} rounds and one more");
        row(case, &|delay| late::exporter(server, delay, scrape, rounds))?;
    }
    println!("{report}");
    Ok(if report.most() <= BOUND { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
