//! `cargo xtask harm`: thousands of connections, each with one server frame harmed.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use netsession_interop::harm::{self, Report, Which};
use netsession_interop::needs::{self, Need};

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Connections with one frame of the server harmed in each.
#[derive(Parser)]
#[command(name = "cargo xtask harm")]
struct Options {
    /// Number of connections: half of them to the double, half to a private Samba.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    connections: usize,
    /// The same seed makes the same plans.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// All connections to this server.
    #[arg(long, value_enum)]
    only: Option<Server>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Server {
    Double,
    Samba,
}

fn main() -> Result<ExitCode> {
    let Options { connections, seed, only } = Options::parse();
    let which = match only {
        Some(Server::Double) => vec![Which::Double],
        Some(Server::Samba) => vec![Which::Samba],
        None => vec![Which::Double, Which::Samba],
    };
    if which.contains(&Which::Samba) {
        needs::ensure_all(&[Need::Samba]).context("--only double needs no Samba")?;
    }
    // Counts the panics of detached tasks, too.
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        usual(panic);
    }));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut report = Report::default();
    for one in &which {
        report.tallies.push(runtime.block_on(harm::run(*one, connections / which.len(), seed))?);
    }
    let panics = PANICS.load(Ordering::SeqCst);
    println!("seed {seed}\n{report}panics: {panics}");
    Ok(if report.is_fine() && panics == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
