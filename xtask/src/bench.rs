//! `cargo xtask bench`

use anyhow::Result;
use clap::Args;

use crate::{install, sh, test};

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// First installs what is missing (Debian).
    #[arg(long)]
    install: bool,
    /// Writes the table to docs/benchmarks.md.
    #[arg(long)]
    write: bool,
    /// How many sessions are held; can be given several times [default: 5, 1000, 10000].
    #[arg(long, value_name = "N")]
    sessions: Vec<usize>,
    /// Measured runs of each client.
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Instead: what 10,000 sessions cost through Perl; fails where it is more than promised.
    #[arg(long)]
    perl: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.install {
        install::packages(install::SAMBA)?;
        install::packages(&["python3-venv"])?;
        install::packages(install::PERL)?;
    }
    // As its users have it.
    let binary = test::build(&["--release"])?;
    launcher()?;
    if options.perl {
        let run = ["run", "--quiet", "--release", "--package", "netsession-interop", "--bin", "perl-cost"];
        return sh::run(sh::cargo(&run).env("NETSESSION_BIN", binary));
    }
    let mut compare = sh::cargo(&["run", "--quiet", "--release", "--package", "netsession-interop"]);
    compare.args(["--bin", "compare", "--"]).env("NETSESSION_BIN", binary);
    for sessions in &options.sessions {
        compare.args(["--sessions", &sessions.to_string()]);
    }
    if let Some(rounds) = options.rounds {
        compare.args(["--rounds", &rounds.to_string()]);
    }
    if options.write {
        compare.args(["--write", "docs/benchmarks.md"]);
    }
    sh::run(&mut compare)
}

/// What starts the programs that are measured.
fn launcher() -> Result<()> {
    let package = ["build", "--release", "--package", "netsession-interop", "--bin", "launcher"];
    sh::run(&mut sh::cargo(&package))
}

/// A fleet, listed by netsession and by rpcclient.
#[derive(Args)]
pub(crate) struct Sweep {
    /// First installs what is missing (Debian).
    #[arg(long)]
    install: bool,
    /// Puts the section into docs/performance.md.
    #[arg(long)]
    write: bool,
    /// Measured runs of each client.
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
}

pub(crate) fn sweep(options: &Sweep) -> Result<()> {
    if options.install {
        install::packages(install::SAMBA)?;
    }
    let binary = test::build(&["--release"])?;
    sh::run(&mut sh::cargo(&["build", "--release", "--package", "netsession-testserver"]))?;
    launcher()?;
    let server = binary.with_file_name("netsession-testserver");
    let mut sweep = sh::cargo(&["run", "--quiet", "--release", "--package", "netsession-interop"]);
    sweep
        .args(["--bin", "sweep", "--"])
        .env("NETSESSION_BIN", binary)
        .env("NETSESSION_TESTSERVER_BIN", server);
    if let Some(rounds) = options.rounds {
        sweep.args(["--rounds", &rounds.to_string()]);
    }
    if options.write {
        sweep.args(["--write", "docs/performance.md"]);
    }
    sh::run(&mut sweep)
}
