//! `cargo xtask bench`: side by side with other clients.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use netsession_interop::compare::{self, Client, FILE_SIZES, PerlCost, Report, SIZES, Size, Subject};
use netsession_interop::impacket;
use netsession_interop::needs::{self, Need};
use netsession_interop::port;

/// netsession beside other people's clients, on the same Samba.
#[derive(Parser)]
#[command(name = "cargo xtask bench")]
struct Options {
    /// Write the page [default file: docs/benchmarks.md, with --files docs/benchmarks-files.md].
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    write: Option<Option<PathBuf>>,
    /// Number of sessions on the server; can be given several times [default: 5, 1000, 10000].
    #[arg(long, value_name = "N")]
    sessions: Vec<usize>,
    /// List open files instead: 10, 1000 and 10000; fail where it costs more than promised.
    #[arg(long, conflicts_with = "sessions")]
    files: bool,
    /// Measured runs of each client.
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Measure 10,000 sessions through Perl instead; fail where it costs more than promised.
    #[arg(long, conflicts_with_all = ["write", "sessions", "files"])]
    perl: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    needs::ensure_all(&[Need::Samba])?;
    if options.perl {
        return perl(options.rounds.unwrap_or(20));
    }
    let (subject, clients, mut sizes, page) = if options.files {
        (Subject::Files, clients_of_files(), FILE_SIZES.to_vec(), "docs/benchmarks-files.md")
    } else {
        (Subject::Sessions, clients_of_sessions(), SIZES.to_vec(), "docs/benchmarks.md")
    };
    if !options.sessions.is_empty() {
        sizes = options.sessions.into_iter().map(|held| Size { held, rounds: 20 }).collect();
    }
    let mut report = Report { subject, rows: Vec::new() };
    for mut size in sizes {
        size.rounds = options.rounds.unwrap_or(size.rounds);
        eprintln!("{} {}, {} rounds", size.held, subject.plural(), size.rounds);
        report.rows.extend(compare::measure(subject, size, &clients)?);
    }
    println!("{report}");
    if let Some(file) = options.write {
        let file = file.unwrap_or_else(|| page.into());
        std::fs::write(&file, report.page()).with_context(|| file.display().to_string())?;
    }
    ensure!(report.is_kept(), "it costs more than promised");
    Ok(())
}

fn clients_of_files() -> Vec<Client> {
    let mut clients = compare::clients_of_files();
    if port::is_445_free() {
        clients.push(Client::net_rpc_file());
    } else {
        eprintln!(
            "without net rpc file, which knows port 445 alone: it is taken, or this user may not listen there"
        );
    }
    clients
}

fn clients_of_sessions() -> Vec<Client> {
    let mut clients = vec![Client::netsession(), Client::rpcclient(), Client::python3_samba()];
    match impacket::prepare() {
        Ok(python) => clients.push(Client::impacket(&python)),
        Err(error) => eprintln!("without impacket: {error:#}"),
    }
    clients
}

fn perl(rounds: usize) -> Result<()> {
    needs::ensure_all(&[Need::Perl])?;
    let cost = PerlCost::measure(10_000, rounds)?;
    println!("{cost}");
    ensure!(cost.is_kept(), "it costs more than promised");
    Ok(())
}
