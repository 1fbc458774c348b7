//! The command `netsession`: who is connected to an SMB file server.
//!
//! | room | what is in it | knows |
//! |---|---|---|
//! | `cli` | the program and its list of commands | `commands` |
//! | `commands` | each command with its arguments, question and columns | every room below |
//! | `shell` | what every command that asks servers needs at run time; `shell/fleet.rs` meets the library | `resolve`, `output` |
//! | `resolve` | arguments and configuration become servers to ask | `config`, `identity` |
//! | `identity` | the account that asks, and its password, ticket or key | `args`, `model`, `process` |
//! | `config` | reads the configuration file | `model` |
//! | `output` | rows in each format; columns, order, errors, sums | `args`, `process` |
//! | `args` | the options that commands share | `text` |
//! | `model` | accounts, servers, the contents of the configuration | `text` |
//! | `process` | terminal, log, Ctrl-C, open files, exit codes | `text` |
//! | `text` | durations, plurals, escaped names | nothing |

mod args;
mod cli;
mod commands;
mod config;
mod identity;
mod model;
mod output;
mod process;
mod resolve;
mod shell;
#[cfg(all(test, unix))]
#[path = "../tests/command/support/skip.rs"]
mod skip;
mod text;

use std::env;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use cli::{Cli, Command, Deferred};
use commands::{completions, config as config_command, man};
use output::{Sink, error_line};
use process::{Exit, Terminal, say};

fn main() -> ExitCode {
    process::keep_memory_private();
    let cli = match Cli::read(&env::args_os().collect::<Vec<_>>()) {
        Ok(cli) => cli,
        Err(error) => return print_clap(&error).into(),
    };
    let mut stdout = io::stdout().lock();
    let mut out = Sink::new(&mut stdout);
    let (err, terminal) = (&mut io::stderr(), Terminal::detect());
    match cli.command {
        Command::List(Deferred(args)) => shell::run(&*args, &mut out, err, terminal).into(),
        Command::Files(Deferred(args)) => shell::run(&*args, &mut out, err, terminal).into(),
        Command::Shares(Deferred(args)) => shell::run(&*args, &mut out, err, terminal).into(),
        Command::Close(Deferred(args)) => commands::close::run(*args, &mut out, err).into(),
        Command::Record(Deferred(args)) => commands::record::run(*args, err).into(),
        Command::History(Deferred(args)) => commands::history::run(*args, &mut out, err, terminal).into(),
        Command::Time(Deferred(args)) => shell::run(&*args, &mut out, err, terminal).into(),
        Command::Info(Deferred(args)) => shell::run(&*args, &mut out, err, terminal).into(),
        Command::Top(Deferred(args)) => commands::top::run(*args, err, terminal).into(),
        Command::Watch(Deferred(args)) => commands::watch::run(*args, &mut out, err, terminal).into(),
        Command::Config(Deferred(args)) => config_command::run(&args, &mut out, err).into(),
        #[cfg(feature = "exporter")]
        Command::Exporter(Deferred(args)) => commands::exporter::run(*args, err).into(),
        #[cfg(feature = "demo")]
        Command::Demo(Deferred(args)) => commands::demo::run(&args, &mut out, err, terminal).into(),
        Command::Completions(Deferred(args)) => {
            finish(out.write(&completions::script(&args, Cli::command())).context("cannot write the output"))
        }
        Command::Man(Deferred(args)) => finish(man::write(&args, Cli::command())),
    }
}

/// The end of a command that asks no server.
fn finish(result: Result<()>) -> ExitCode {
    let Err(error) = result else { return Exit::Success.into() };
    say(&mut io::stderr(), &error_line(&format!("{error:#}")));
    Exit::Failure.into()
}

/// Help and version go to stdout. What is wrong goes to stderr, and repeats what was typed.
fn print_clap(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        let written = error.print().and_then(|()| io::stdout().flush());
        return match written {
            // A closed pipe is no error.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                say(&mut io::stderr(), &error_line(&format!("cannot write the output: {error}")));
                Exit::Failure
            }
            _ => Exit::Success,
        };
    }
    let text = error.render().to_string();
    // The same in front as with every other error.
    let text = text.strip_prefix("error: ").map_or(text.clone(), |text| format!("netsession: {text}"));
    for line in text.lines() {
        say(&mut io::stderr(), &format!("{}\n", text::escaped(line)));
    }
    Exit::Usage
}
