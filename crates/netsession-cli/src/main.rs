//! The command `netsession`: who is connected to an SMB file server.

mod ask;
mod cli;
mod commands;
mod config;
mod descriptors;
mod duration;
mod errors;
mod exit;
mod identity;
mod interrupt;
mod outcome;
mod output;
mod resolve;
mod target;
mod terminal;
mod verbose;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;

use cli::{Cli, Command};
use exit::Exit;
use output::Sink;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return answer_of_clap(&error).into(),
    };
    let mut stdout = io::stdout().lock();
    let mut out = Sink::new(&mut stdout);
    match cli.command {
        Command::List(args) => {
            if args.verbose {
                verbose::start();
            }
            commands::list::run(&args, &mut out, &mut io::stderr(), terminal::look()).into()
        }
        Command::Config { config, command } => {
            commands::config::run(&command, config.as_deref(), &mut out, &mut io::stderr()).into()
        }
        #[cfg(feature = "exporter")]
        Command::Exporter(args) => {
            verbose::start_for_a_service(args.verbose);
            commands::exporter::run(&args, &mut io::stderr()).into()
        }
        #[cfg(feature = "demo")]
        Command::Demo(args) => {
            commands::demo::run(&args, &mut out, &mut io::stderr(), terminal::look()).into()
        }
        Command::Completions(args) => {
            done(out.write(&commands::completions::script(args.shell)).context(OUTPUT))
        }
        Command::Man(args) => done(commands::man::write_to(&args.folder)),
    }
}

const OUTPUT: &str = "cannot write the output";

/// The end of a command that asks nobody.
fn done(result: Result<()>) -> ExitCode {
    let Err(error) = result else { return Exit::Answered.into() };
    // Nobody is left to be told.
    let _ = io::stderr().write_all(errors::line(&format!("{error:#}")).as_bytes());
    Exit::Failed.into()
}

/// Help and version go to stdout. What is wrong goes to stderr, and repeats what was typed.
fn answer_of_clap(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        // A closed pipe is no error.
        let _ = error.print();
        return Exit::Answered;
    }
    let text = error.render().to_string();
    // The same in front as with every other error.
    let text = text.strip_prefix("error: ").map_or(text.clone(), |text| format!("netsession: {text}"));
    for line in text.lines() {
        // Nobody is left to be told.
        let _ = writeln!(io::stderr(), "{}", output::escape::escaped(line));
    }
    Exit::Wrong
}
