//! `cargo xtask test`: unit tests, then the tests with real servers.

use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::parts::{self, Step};
use crate::suites::{
    self, DOMAIN, HARNESS, KSMBD, PROMETHEUS, RECORDINGS, Recordings, SAMBA, build, build_server, run_suites,
};
use crate::{install, sh, test_output, windows};

const STEPS: &[Step] = &[
    Step::Together(&[
        ("unit tests", || Only::Unit.command()),
        ("build of the other tests", || Only::Nothing.command()),
    ]),
    // Not while the unit tests run, which start some of them from the same place.
    Step::Alone(("build of the programs", || build(&[]).and_then(|_| build_server(&[])).map(drop))),
    Step::Together(&[
        ("tests with real servers", || Only::Servers.command()),
        ("tests with Prometheus", || Only::Prometheus.command()),
        ("tests in a domain", || Only::Domain.command()),
        ("tests under Wine", || Only::Wine.command()),
        ("recordings of real servers", || Only::Recordings.command()),
    ]),
];

/// What `--install` does before.
const INSTALL: Step = Step::Alone(("packages", install::for_tests));

#[derive(Args)]
pub(crate) struct Options {
    /// Install what is missing first (Debian).
    #[arg(long)]
    install: bool,
    /// Run only these tests, and not all of them.
    #[arg(long, value_enum, value_name = "PART")]
    only: Option<Only>,
    #[command(flatten)]
    recordings: Recordings,
}

/// A part of the tests.
#[derive(Clone, Copy, ValueEnum)]
enum Only {
    /// Everything that needs no other machine and no server.
    Unit,
    /// Nothing: build those that are no unit tests.
    Nothing,
    /// Samba, impacket's server, the double, Perl and the guide.
    Servers,
    /// The exporter with Prometheus, nginx, node_exporter and a browser.
    Prometheus,
    /// A domain with Kerberos.
    Domain,
    /// The program for Windows.
    Wine,
    /// Recorded bytes, with `--recordings`.
    Recordings,
}

impl Only {
    fn run(self) -> Result<()> {
        match self {
            Self::Unit => unit(),
            Self::Nothing => build_others(),
            Self::Servers => run_suites(&[HARNESS, SAMBA].concat(), &build(&[])?),
            Self::Prometheus => run_suites(PROMETHEUS, &build(&[])?),
            Self::Domain => run_suites(DOMAIN, &build(&[])?),
            Self::Wine => windows::test(),
            Self::Recordings => run_suites(RECORDINGS, &build(&[])?),
        }
    }

    /// The same in a process of its own.
    fn command(self) -> Command {
        let name = self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let mut command = sh::cargo(&["xtask", "test", "--only", &name]);
        if let Some(folder) = Recordings::announced() {
            command.arg("--recordings").arg(folder);
        }
        command
    }
}

pub(crate) fn run(options: Options) -> Result<()> {
    options.recordings.announce()?;
    if let Some(only) = options.only {
        if options.install {
            install::for_tests()?;
        }
        return only.run();
    }
    let mut steps = STEPS.to_vec();
    if options.install {
        steps.insert(0, INSTALL);
    }
    parts::run(if options.install { "test --install" } else { "test" }, &steps)
}

/// At once, so that those that run side by side do not wait for each other's compiler.
fn build_others() -> Result<()> {
    sh::run(sh::cargo(&["test", "--package", "netsession-interop", "--no-run"]).args(suites::all()))?;
    windows::build()
}

fn unit() -> Result<()> {
    let mut tests = sh::cargo(&["test", "--workspace", "--exclude", "netsession-interop", "--no-fail-fast"]);
    // Many wait more than they compute, for a timeout, a stall or a program.
    test_output::run(tests.env("RUST_TEST_THREADS", "8")).1
}

/// The tests with ksmbd in a virtual machine.
pub(crate) fn ksmbd(with_install: bool) -> Result<()> {
    if with_install {
        install::packages(install::KSMBD)?;
    }
    suites::run_for_task(&mut suites::interop(KSMBD, &build(&[])?)?, "test-ksmbd", install::KSMBD)
}
