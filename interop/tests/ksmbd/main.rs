//! `netsession` against ksmbd of three kernels: `cargo xtask test-ksmbd --install`. Not in CI.
//!
//! ksmbd cannot list sessions. What is shown is that `netsession` gets as far as the question, which each of these
//! kernels prevents in another way when it is asked in a compound, and that it says what the server lacks.

use std::sync::Arc;

use anyhow::{Result, ensure};
use netsession_interop::account::{ADMIN, Account};
use netsession_interop::ksmbd::Ksmbd;
use netsession_interop::netsession::List;
use netsession_interop::shared::Shared;
use netsession_interop::suite::{Need, Suite};

/// Whether the release of a kernel is one that the test was made for.
type IsExpected = fn(&str) -> bool;

/// Suites of Debian, and whether a kernel's release is one of theirs. That of sid changes from week to week: any from
/// Linux 7 on is taken, and each run names its kernels.
const KERNELS: [(&str, IsExpected); 3] = [
    ("bookworm", |release| release.starts_with("6.1.")),
    ("trixie", |release| release.starts_with("6.12.")),
    ("sid", |release| release.split('.').next().and_then(|major| major.parse().ok()) >= Some(7)),
];

const NEEDS: &[Need] = &[Need::Program, Need::Qemu];

static MACHINES: Shared<&'static str, Ksmbd> = Shared::empty();

fn main() {
    let mut suite = Suite::new();
    for (name, is_expected) in KERNELS {
        suite.test(NEEDS, format!("ksmbd::{name}::cannot_list_sessions"), move || {
            cannot_list(name, is_expected)
        });
        suite.test(NEEDS, format!("ksmbd::{name}::wrong_password"), move || wrong_password(name));
    }
    // Statics are not dropped by themselves.
    suite.run(|| MACHINES.clear());
}

fn machine(suite: &'static str) -> Result<Arc<Ksmbd>> {
    MACHINES.get(suite, || {
        let ksmbd = Ksmbd::start(suite)?;
        // README.md says with which kernels this was run.
        eprintln!("ksmbd of {suite}: Linux {}", ksmbd.kernel);
        Ok(ksmbd)
    })
}

/// Whether it is encrypted or signed alone.
fn cannot_list(suite: &'static str, is_expected: IsExpected) -> Result<()> {
    let ksmbd = machine(suite)?;
    ensure!(is_expected(&ksmbd.kernel), "another kernel: {}", ksmbd.kernel);
    for encrypt in ["required", "auto", "off"] {
        // An emulated processor on a busy machine.
        let args = ["--encrypt", encrypt, "--timeout", "50s"];
        let list =
            || Ok::<_, anyhow::Error>(List::new(ksmbd.address().to_string())?.login(ADMIN).args(&args));
        let error = list()?.error()?;
        ensure!(error["name"] == "STATUS_NOT_SUPPORTED", "Linux {}: {error}", ksmbd.kernel);
        let run = list()?.run()?;
        let said = run.outcome.stderr.to_lowercase();
        ensure!(said.contains("this server cannot list sessions"), "Linux {}: {run:?}", ksmbd.kernel);
        ensure!(!said.contains("auto"), "Linux {}: {run:?}", ksmbd.kernel);
    }
    Ok(())
}

fn wrong_password(suite: &'static str) -> Result<()> {
    let ksmbd = machine(suite)?;
    let wrong = Account { password: "Wr0ng-Passw0rd", ..ADMIN };
    let error = List::new(ksmbd.address().to_string())?.login(wrong).args(&["--timeout", "50s"]).error()?;
    ensure!(error["kind"] == "logon_refused", "Linux {}: {error}", ksmbd.kernel);
    Ok(())
}
