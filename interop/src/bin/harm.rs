//! `cargo xtask harm`: thousands of connections, each with one server frame harmed. `--connections N` says how
//! many, half of them against the double and half against Samba; `--seed N` which; `--only double|samba`.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use netsession_interop::harm::{self, Report, Which};
use netsession_interop::needs::{self, Need};

static PANICS: AtomicUsize = AtomicUsize::new(0);

fn main() -> Result<ExitCode> {
    let (connections, seed, which) = arguments()?;
    if which.contains(&Which::Samba) {
        needs::ensure_all(&[Need::Samba]).context("--only double needs no Samba")?;
    }
    // Also one in a task that nobody waits for.
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

fn arguments() -> Result<(usize, u64, Vec<Which>)> {
    let (mut connections, mut seed, mut which) = (500, 1, vec![Which::Double, Which::Samba]);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{name} has no value"))?;
        match (name.as_str(), value.as_str()) {
            ("--connections", value) => connections = value.parse()?,
            ("--seed", value) => seed = value.parse()?,
            ("--only", "double") => which = vec![Which::Double],
            ("--only", "samba") => which = vec![Which::Samba],
            _ => bail!("unknown argument {name} {value}"),
        }
    }
    Ok((connections, seed, which))
}
