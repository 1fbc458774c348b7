//! Everything that CI does, and what developers do by hand: `cargo xtask …`.

mod bench;
mod ci;
mod demo;
mod deny;
mod edges;
mod hardening;
mod harm;
mod install;
mod parts;
mod sh;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything: format, lints, docs, dependencies, crate edges, tests with a real Samba.
    Ci,
    /// Unit tests, then the tests with a real Samba; what the machine lacks is skipped, by name.
    Test {
        /// First installs what is missing (Debian).
        #[arg(long)]
        install: bool,
    },
    /// Starts a private Samba, opens some sessions on it and lists them.
    Demo {
        /// First installs what is missing (Debian).
        #[arg(long)]
        install: bool,
    },
    /// netsession beside other people's clients, on the same Samba.
    Bench(bench::Options),
    /// Thousands of connections, each with one frame of the server harmed.
    Harm(harm::Options),
    /// Which crate may depend on what.
    CheckEdges,
    /// Whether every test that the table of SECURITY.md names exists.
    CheckHardening,
    /// Licences, duplicates and sources of the dependencies.
    Deny,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Ci => ci::run(),
        Task::Test { install } => test::run(install),
        Task::Demo { install } => demo::run(install),
        Task::Bench(options) => bench::run(&options),
        Task::Harm(options) => harm::run(&options),
        Task::CheckEdges => edges::run(),
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
