//! Everything that CI does, and what developers do by hand: `cargo xtask …`.

mod asan;
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
mod suites;
mod systems;
mod test;
mod test_output;
mod windows;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::install::{DOMAIN, PERL, SAMBA};
use self::interop::{DEBUG, RELEASE};

#[derive(Parser)]
#[command(name = "cargo xtask", about)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run everything that CI runs.
    Ci(suites::Recordings),
    /// Run the unit tests, then the tests with real servers and those under Wine; name the tests that are skipped.
    Test(test::Options),
    /// Run the tests with ksmbd of three kernels of Debian, in virtual machines; not part of `test` and `ci`.
    TestKsmbd {
        /// Install what is missing first (Debian).
        #[arg(long)]
        install: bool,
    },
    /// Run the tests in a domain with AddressSanitizer in the program; not part of `test` and `ci`.
    TestAsan,
    /// Make mistakes in the state machine and in the log-on guard, and count those that the tests notice.
    Mutants(mutants::Options),
    /// Make mistakes in the calls of netapi32, and see that the tests under Wine notice each of them.
    MutantsWindows,
    /// Check and lint for the systems that cannot run here.
    Systems,
    /// Make the archives and the Debian packages for users, with bills of materials and checksums, in target/dist.
    Dist(dist::Options),
    /// Run the tests with real servers on the static program.
    TestStatic,
    /// Run the tests under Wine on the program in the archive for Windows that `dist` made.
    TestExe,
    /// Install, upgrade and remove the Debian package that `dist` made, and run the tests in a domain on its program.
    TestDebian,
    /// Run the programs for aarch64 that `dist` made under qemu, against the double.
    TestArm,
    /// Make the image of the exporter from the static program that `dist` made, and run it.
    TestContainer,
    /// Start a private Samba, open some sessions on it and list them.
    Demo(interop::Options),
    /// Measure netsession and other clients on the same Samba.
    Bench(interop::Options),
    /// Measure netsession and rpcclient under xargs on a fleet of servers.
    BenchSweep(interop::Options),
    /// Fuzz each target for 15 seconds.
    FuzzSample,
    /// Fuzz the client, the decoders and the double with libFuzzer.
    Fuzz(fuzz::Options),
    /// Rebuild the corpora of the fuzzer, from conversations and from what it found on this machine.
    FuzzCorpus,
    /// Harm one frame of the server in each of thousands of connections, and judge what the client does.
    Harm(interop::Options),
    /// Try a wrong password on servers whose refusals are late, and count the log-ons that reach them.
    LateLogOns(interop::Options),
    /// Probe the exporter thousands of times, with its servers killed, stalled and restarted.
    ExporterLoad(interop::Options),
    /// Measure what connections that the exporter keeps save, and how long a thousand take to be made again.
    ExporterKept(interop::Options),
    /// Take the picture of the exporter's start page for its documentation.
    ExporterPicture(interop::Options),
    /// Measure a refresh beside a fresh listing, and a watch of many servers on which people come and go.
    WatchLoad(interop::Options),
    /// Measure the memory that servers with up to 900,000 sessions cost the command and the exporter.
    Memory(interop::Options),
    /// Write the manual pages and the completions of all shells to target/man and target/completions.
    Man,
    /// Check which crate depends on what.
    CheckEdges,
    /// Check that no modules of a crate import each other, directly or through others.
    CheckModules,
    /// Check that every test named in SECURITY.md exists.
    CheckHardening,
    /// Check licences, advisories and sources of the dependencies.
    Deny,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Ci(recordings) => ci::run(recordings),
        Task::Test(options) => test::run(options),
        Task::TestKsmbd { install } => test::ksmbd(install),
        Task::TestAsan => asan::run(),
        Task::Mutants(options) => mutants::run(&options),
        Task::MutantsWindows => windows::mutants(),
        Task::Dist(options) => dist::run(&options),
        Task::TestStatic => dist::test_static(),
        Task::TestExe => dist::test_exe(),
        Task::TestDebian => dist::test_debian(),
        Task::TestArm => dist::test_arm(),
        Task::TestContainer => dist::test_container(),
        Task::Systems => systems::run(),
        Task::Demo(options) => interop::run("demo", DEBUG, &[SAMBA], &options),
        Task::Bench(options) => interop::run("compare", RELEASE, &[SAMBA, PERL, &["python3-venv"]], &options),
        Task::BenchSweep(options) => interop::run("sweep", RELEASE, &[SAMBA], &options),
        Task::Harm(options) => interop::run("harm", DEBUG, &[SAMBA], &options),
        Task::LateLogOns(options) => interop::run("late-log-ons", DEBUG, &[SAMBA, DOMAIN], &options),
        Task::ExporterLoad(options) => interop::run("exporter-load", RELEASE, &[], &options),
        Task::ExporterKept(options) => interop::run("exporter-kept", RELEASE, &[SAMBA], &options),
        Task::ExporterPicture(options) => interop::run("exporter-picture", DEBUG, &[&["chromium"]], &options),
        Task::WatchLoad(options) => interop::run("watch-load", RELEASE, &[SAMBA], &options),
        Task::FuzzSample => fuzz::sample(),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::FuzzCorpus => fuzz::corpus(),
        Task::Memory(options) => interop::run("memory", RELEASE, &[], &options),
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
