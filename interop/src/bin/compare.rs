//! `cargo xtask bench`: side by side with other clients.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use netsession_interop::compare::{self, Client, PerlCost, Report, SIZES, Size};
use netsession_interop::impacket;
use netsession_interop::needs::{self, Need};

/// netsession beside other people's clients, on the same Samba.
#[derive(Parser)]
#[command(name = "cargo xtask bench")]
struct Options {
    /// Write the page.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "docs/benchmarks.md")]
    write: Option<PathBuf>,
    /// Number of sessions on the server; can be given several times [default: 5, 1000, 10000].
    #[arg(long, value_name = "N")]
    sessions: Vec<usize>,
    /// Measured runs of each client.
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Measure 10,000 sessions through Perl instead; fail where it costs more than promised.
    #[arg(long, conflicts_with_all = ["write", "sessions"])]
    perl: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    needs::ensure_all(&[Need::Samba])?;
    if options.perl {
        return perl(options.rounds.unwrap_or(20));
    }
    let mut clients = vec![Client::netsession(), Client::rpcclient(), Client::python3_samba()];
    match impacket::prepare() {
        Ok(python) => clients.push(Client::impacket(&python)),
        Err(error) => eprintln!("without impacket: {error:#}"),
    }
    let mut sizes = SIZES.to_vec();
    if !options.sessions.is_empty() {
        sizes = options.sessions.into_iter().map(|sessions| Size { sessions, rounds: 20 }).collect();
    }
    let mut report = Report::default();
    for mut size in sizes {
        size.rounds = options.rounds.unwrap_or(size.rounds);
        eprintln!("{} sessions, {} rounds", size.sessions, size.rounds);
        report.rows.extend(compare::measure(size, &clients)?);
    }
    println!("{report}");
    if let Some(file) = options.write {
        std::fs::write(&file, report.page()).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

fn perl(rounds: usize) -> Result<()> {
    needs::ensure_all(&[Need::Perl])?;
    let cost = PerlCost::measure(10_000, rounds)?;
    println!("{cost}");
    ensure!(cost.is_kept(), "it costs more than promised");
    Ok(())
}
