//! `cargo xtask test`: unit tests, then the tests with real servers.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::parts::{self, Step};
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

/// Recorded bytes of real servers, which are no part of the project.
#[derive(Args)]
pub(crate) struct Recordings {
    /// Folder with recorded conversations, messages and stubs of real servers; without it their tests are skipped.
    #[arg(long = "recordings", value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// The folder of this run, for the tests that are started.
static RECORDINGS_FOLDER: OnceLock<PathBuf> = OnceLock::new();

impl Recordings {
    /// Hands the folder to every test from now on.
    pub(crate) fn announce(self) -> Result<()> {
        if let Some(folder) = self.folder {
            // The tests run in another folder.
            let absolute =
                folder.canonicalize().with_context(|| format!("--recordings {}", folder.display()))?;
            RECORDINGS_FOLDER.get_or_init(|| absolute);
        }
        Ok(())
    }

    /// The folder that was announced.
    pub(crate) fn announced() -> Option<&'static Path> {
        RECORDINGS_FOLDER.get().map(PathBuf::as_path)
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
    sh::run(&mut sh::cargo(&[
        "test",
        "--package",
        "netsession-interop",
        "--no-run",
        "--lib",
        "--bins",
        "--tests",
    ]))?;
    windows::build()
}

fn unit() -> Result<()> {
    let mut tests = sh::cargo(&["test", "--workspace", "--exclude", "netsession-interop", "--no-fail-fast"]);
    // Many wait more than they compute, for a timeout, a stall or a program.
    test_output::run(tests.env("RUST_TEST_THREADS", "8")).1
}

/// Suites of tests with real servers. With NETSESSION_INTEROP_REQUIRED in the environment, tests that this machine
/// cannot run are a failure.
pub(crate) const SAMBA: &[&str] =
    &["--test=samba", "--test=double", "--test=servers", "--test=perl", "--test=guide"];
/// The harness itself, whatever program it tests.
const HARNESS: &[&str] = &["--lib", "--bins", "--test=harness"];
pub(crate) const DOMAIN: &[&str] = &["--test=domain"];
pub(crate) const WINE: &[&str] = &["--test=wine"];
const PROMETHEUS: &[&str] = &["--test=exporter"];
const RECORDINGS: &[&str] = &["--test=recordings"];

/// The tests with ksmbd in a virtual machine, which are not in CI: they download three kernels.
pub(crate) fn ksmbd(with_install: bool) -> Result<()> {
    if with_install {
        install::packages(install::KSMBD)?;
    }
    run_for_task(&mut interop(&["--test=ksmbd"], &build(&[])?)?, "test-ksmbd", install::KSMBD)
}

/// Runs suites, of this program.
pub(crate) fn run_suites(suites: &[&str], program: &Path) -> Result<()> {
    run_interop(&mut interop(suites, program)?, &install::names())
}

/// The same of a program that was built otherwise, without the tests that do not run it.
pub(crate) fn run_suites_with(suites: &[&str], program: &Path) -> Result<()> {
    let mut tests = interop(suites, program)?;
    run_interop(tests.env("NETSESSION_INTEROP_PROGRAM_ALONE", "1"), &install::names())
}

/// Runs the command, and says how what is missing for ignored tests is installed, if something is.
pub(crate) fn run_interop(tests: &mut Command, packages: &[&str]) -> Result<()> {
    run_for_task(tests, "test", packages)
}

/// The same for a task that installs other packages.
fn run_for_task(tests: &mut Command, task: &str, packages: &[&str]) -> Result<()> {
    let (report, result) = test_output::run(tests);
    if report.is_missing_something {
        eprintln!("The tests that were ignored name above what was missing for them.");
        eprintln!("On Debian `cargo xtask {task} --install` installs it: {}.", packages.join(" "));
    }
    result
}

/// The command for it.
pub(crate) fn interop(suites: &[&str], program: &Path) -> Result<Command> {
    let mut tests = sh::cargo(&["test", "--package", "netsession-interop", "--no-fail-fast"]);
    let server = build_server(&[])?;
    tests.args(suites).env("NETSESSION_BIN", program).env("NETSESSION_TESTSERVER_BIN", server);
    if let Some(folder) = Recordings::announced() {
        tests.env("NETSESSION_RECORDINGS", folder);
    }
    Ok(tests)
}

/// Builds the program, and gives its path.
pub(crate) fn build(profile: &[&str]) -> Result<PathBuf> {
    built("netsession-cli", "netsession", profile)
}

/// The same of the double.
pub(crate) fn build_server(profile: &[&str]) -> Result<PathBuf> {
    built("netsession-testserver", "netsession-testserver", profile)
}

fn built(package: &str, name: &str, profile: &[&str]) -> Result<PathBuf> {
    sh::run(sh::cargo(&["build", "--package", package, "--bin", name]).args(profile))?;
    let folder = if profile.contains(&"--release") { "release" } else { "debug" };
    Ok(sh::target().join(folder).join(name))
}
