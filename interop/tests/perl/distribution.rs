//! The distribution's own tests, run by `prove` and out of the tarball.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, Account};
use netsession_interop::perl::{self, Perl};
use netsession_interop::process;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::double;

/// The part that asks a server.
const LIVE: &str = "t/live.t";

const NEEDS: &[Need] = &[Need::Program, Need::Perl];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "perl::prove", prove);
    suite.test(NEEDS, "perl::prove::double", prove_double);
    suite.test(&[Need::Samba, Need::Program, Need::Perl], "perl::prove::samba", prove_samba);
    suite.test(NEEDS, "perl::disttest", disttest);
}

/// Every file but the live one, and none may skip itself.
fn prove() -> Result<()> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(perl::distribution().join("t"))? {
        let name = entry?.file_name().into_string().ok().context("a test without a proper name")?;
        files.extend(name.ends_with(".t").then(|| format!("t/{name}")));
    }
    files.retain(|file| file != LIVE);
    ensure!(files.len() >= 9, "only {} tests", files.len());
    passes(Perl::prove()?.args(files))
}

fn prove_double() -> Result<()> {
    let (address, _server) = double::start(double::SCENARIO)?;
    live(&address.to_string(), double::ADMIN, "0 1 2 3 4")
}

fn prove_samba() -> Result<()> {
    let samba = Samba::builder().start()?;
    live(&samba.address().to_string(), ADMIN, "0 1 3")
}

fn live(server: &str, who: Account, levels: &str) -> Result<()> {
    let prove = Perl::prove()?.login(who).env("NETSESSION_TEST_SERVER", server);
    passes(prove.env("NETSESSION_TEST_LEVELS", levels).args([LIVE]))
}

fn passes(prove: Perl) -> Result<()> {
    let outcome = prove.run()?;
    let text = String::from_utf8_lossy(&outcome.stdout).into_owned();
    ensure!(outcome.code == Some(0) && text.contains("Result: PASS"), "{text}\n{}", outcome.stderr);
    ensure!(!text.contains("skipped"), "something was skipped: {text}");
    Ok(())
}

/// The tarball as it would go to CPAN: everything is in MANIFEST, unpacks, builds, passes and installs.
fn disttest() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("checkout");
    run(Command::new("cp").arg("-r").arg(perl::distribution()).arg(&copy))?;
    run(Command::new("perl").arg("Makefile.PL").current_dir(&copy))?;
    let text = run(Command::new("make").arg("disttest").current_dir(&copy))?;
    ensure!(text.contains("Result: PASS") && text.contains(LIVE), "{text}");
    let prefix = folder.path().join("prefix");
    run(Command::new("perl")
        .arg("Makefile.PL")
        .arg(format!("INSTALL_BASE={}", prefix.display()))
        .current_dir(&copy))?;
    run(Command::new("make").arg("install").current_dir(&copy))?;
    for file in ["lib/perl5/Win32/Net/Session.pm", "man/man3/Win32::Net::Session.3pm"] {
        ensure!(prefix.join(file).exists(), "{file} is not installed");
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<String> {
    for name in ["NETSESSION_TEST_SERVER", "PERL5LIB", "PERL_MM_OPT", "PERL_MB_OPT", "MAKEFLAGS"] {
        command.env_remove(name);
    }
    let outcome = process::run(command, process::PATIENCE)?;
    ensure!(outcome.code == Some(0), "{command:?}: {outcome:?}");
    Ok(String::from_utf8(outcome.stdout)?)
}
