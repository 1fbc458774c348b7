//! Everything that CI does, and what developers do by hand: `cargo xtask …`.

mod ci;
mod deny;
mod dist;
mod edges;
mod fuzz;
mod hardening;
mod install;
mod interop;
mod modules;
mod mutants;
mod parts;
mod runner;
mod rustup;
mod sh;
mod systems;
mod test;
mod windows;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::install::{PERL, SAMBA};
use self::interop::{DEBUG, RELEASE};

#[derive(Parser)]
#[command(name = "cargo xtask", about)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything: format, lints, docs, dependencies, crate edges, tests with a real Samba and under Wine.
    Ci,
    /// Unit tests, then the tests with a real Samba and those under Wine; what the machine lacks is skipped, by name.
    Test {
        /// First installs what is missing (Debian).
        #[arg(long)]
        install: bool,
    },
    /// Do the tests without real servers notice mistakes in the state machine and in the log-on guard?
    Mutants(mutants::Options),
    /// Do the tests under Wine notice a buffer that is never freed, one that is used after its end, a resume handle
    /// that is reset, and the like? Builds each mistake and runs them.
    MutantsWindows,
    /// Checks and lints for the systems that cannot be run here.
    Systems,
    /// Archives and a Debian package for users, with checksums, in target/dist.
    Dist {
        /// First installs what is missing (Debian).
        #[arg(long)]
        install: bool,
    },
    /// The tests with real servers, of the static program.
    TestStatic,
    /// Tests under Wine, of the program in the archive for Windows that `dist` has made.
    TestExe,
    /// Tests in a domain, of the program in the Debian package that `dist` has made.
    TestDebian,
    /// Starts a private Samba, opens some sessions on it and lists them.
    Demo(interop::Options),
    /// netsession beside other people's clients, on the same Samba.
    Bench(interop::Options),
    /// A fleet of servers, listed by netsession and by rpcclient under xargs.
    BenchSweep(interop::Options),
    /// Each fuzz target for 15 seconds.
    FuzzSample,
    /// Fuzzes the client, the decoders and the double, with libFuzzer.
    Fuzz(fuzz::Options),
    /// Makes anew what the fuzzer begins with, from conversations and from what it has found here.
    FuzzCorpus,
    /// Thousands of connections, each with one frame of the server harmed.
    Harm(interop::Options),
    /// The exporter under thousands of probes, with its servers killed, stalled and restarted.
    ExporterLoad(interop::Options),
    /// Writes the manual pages and the completions of all shells to target/man and target/completions.
    Man,
    /// Which crate may depend on what.
    CheckEdges,
    /// Which modules of a crate import each other: none may, directly or through others.
    CheckModules,
    /// Whether every test that the table of SECURITY.md names exists.
    CheckHardening,
    /// Licences, duplicates and sources of the dependencies.
    Deny,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Ci => ci::run(),
        Task::Test { install } => test::run(install),
        Task::Mutants(options) => mutants::run(&options),
        Task::MutantsWindows => windows::mutants(),
        Task::Dist { install } => dist::run(install),
        Task::TestStatic => dist::test_static(),
        Task::TestExe => dist::test_exe(),
        Task::TestDebian => dist::test_debian(),
        Task::Systems => systems::run(),
        Task::Demo(options) => interop::run("demo", DEBUG, &[SAMBA], &options),
        Task::Bench(options) => interop::run("compare", RELEASE, &[SAMBA, PERL, &["python3-venv"]], &options),
        Task::BenchSweep(options) => interop::run("sweep", RELEASE, &[SAMBA], &options),
        Task::Harm(options) => interop::run("harm", DEBUG, &[SAMBA], &options),
        Task::ExporterLoad(options) => interop::run("exporter-load", RELEASE, &[], &options),
        Task::FuzzSample => fuzz::sample(),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::FuzzCorpus => fuzz::corpus(),
        Task::Man => dist::man(),
        Task::CheckEdges => edges::run(),
        Task::CheckModules => modules::run(),
        Task::CheckHardening => hardening::run(),
        Task::Deny => deny::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
