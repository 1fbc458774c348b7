//! `cargo xtask late-log-ons`: a wrong password in front of servers whose refusals are late.

use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Parser;
use netsession_interop::account::Account;
use netsession_interop::domain::{self, BOB, CAROL, Domain, ERIN, FRIDA, LABADM};
use netsession_interop::late::{self, BOUND, DELAYS, LateController, Report, Row};
use netsession_interop::needs::{self, Need};
use netsession_interop::samba::Samba;

const TIMEOUTS: [Option<&str>; 2] = [Some("1s"), None];
const JOBS: [usize; 3] = [1, 4, 64];
/// Their timeout in seconds, and the rounds.
const SCRAPES: [(u64, usize); 2] = [(1, 8), (10, 3)];

/// A wrong password for 40 servers whose answers to a log-on are late, and how many log-ons reach them.
#[derive(Parser)]
#[command(name = "cargo xtask late-log-ons")]
struct Options {
    /// Ask by Kerberos, with a domain controller whose answers are late.
    #[arg(long)]
    kerberos: bool,
}

fn main() -> Result<ExitCode> {
    let report = if Options::parse().kerberos { kerberos()? } else { ntlm()? };
    println!("{report}");
    Ok(if report.most() <= BOUND { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list_case(jobs: usize, timeout: Option<&str>) -> String {
    let shown = timeout.map_or(String::new(), |timeout| format!(" --timeout {timeout}"));
    format!("`list --jobs {jobs}{shown}`")
}

fn exporter_case(seconds: u64, rounds: usize) -> String {
    format!("exporter, scrape timeout {seconds} s, {rounds} rounds and one more")
}

fn ntlm() -> Result<Report> {
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
    for timeout in TIMEOUTS {
        for jobs in JOBS {
            row(list_case(jobs, timeout), &|delay| late::list(server, delay, jobs, timeout))?;
        }
    }
    for (seconds, rounds) in SCRAPES {
        let scrape = Duration::from_secs(seconds);
        row(exporter_case(seconds, rounds), &|delay| late::exporter(server, delay, scrape, rounds))?;
    }
    Ok(report)
}

/// The delays are measured at the same time, each with an account of its own: a domain counts by account.
fn kerberos() -> Result<Report> {
    needs::ensure_all(&[Need::Samba, Need::Domain])?;
    domain::enter()?;
    let domain = Domain::start()?;
    let mut cases = Vec::new();
    for timeout in TIMEOUTS {
        cases.extend(JOBS.map(|jobs| list_case(jobs, timeout)));
    }
    cases.extend(SCRAPES.map(|(seconds, rounds)| exporter_case(seconds, rounds)));
    let columns: Vec<_> = thread::scope(|scope| {
        let domain = &domain;
        let column = |(delay, who)| scope.spawn(move || of_delay(domain, who, delay));
        let columns: Vec<_> = DELAYS.into_iter().zip([LABADM, BOB, CAROL, FRIDA, ERIN]).map(column).collect();
        columns
            .into_iter()
            .map(|column| column.join().map_err(|_| anyhow!("a column panicked"))?)
            .collect::<Result<_>>()
    })?;
    let rows = cases.into_iter().enumerate().map(|(index, case)| Row {
        case,
        log_ons: columns.iter().filter_map(|column| column.get(index).copied()).collect(),
    });
    Ok(Report { rows: rows.collect() })
}

fn of_delay(domain: &Domain, who: Account, delay: Duration) -> Result<Vec<usize>> {
    let controller = LateController::start(domain, who, delay, late::SERVERS)?;
    let mut column = Vec::new();
    let mut measured = |case: String, log_ons: u32| -> Result<()> {
        eprintln!("{} s late, {case}: {log_ons}", delay.as_secs());
        column.push(usize::try_from(log_ons)?);
        Ok(())
    };
    for timeout in TIMEOUTS {
        for jobs in JOBS {
            measured(list_case(jobs, timeout), controller.list(jobs, timeout)?)?;
        }
    }
    for (seconds, rounds) in SCRAPES {
        let log_ons = controller.exporter(Duration::from_secs(seconds), rounds)?;
        measured(exporter_case(seconds, rounds), log_ons)?;
    }
    Ok(column)
}
