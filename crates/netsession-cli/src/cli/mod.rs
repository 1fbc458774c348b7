//! The command line: the program and its commands, each with its arguments.

mod deferred;

use std::ffi::OsString;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Error, FromArgMatches as _, Parser, Subcommand};

pub(crate) use self::deferred::Deferred;

use crate::commands::close::CloseArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::config::ConfigArgs;
#[cfg(feature = "demo")]
use crate::commands::demo::DemoArgs;
#[cfg(feature = "exporter")]
use crate::commands::exporter::ExporterArgs;
use crate::commands::files::FilesArgs;
use crate::commands::history::HistoryArgs;
use crate::commands::info::InfoArgs;
use crate::commands::list::ListArgs;
use crate::commands::man::ManArgs;
use crate::commands::record::RecordArgs;
use crate::commands::shares::SharesArgs;
use crate::commands::time::TimeArgs;
use crate::commands::top::TopArgs;
use crate::commands::watch::WatchArgs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Who is connected to an SMB file server
///
/// Asks Windows, Samba and NAS servers who is connected to them, from where, with how many open files,
/// since when and how long idle. Nothing has to be installed on the server.
#[derive(Debug, Parser)]
#[command(name = "netsession", version, styles = STYLES, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    List(Deferred<ListArgs>),
    Files(Deferred<FilesArgs>),
    Shares(Deferred<SharesArgs>),
    Close(Deferred<CloseArgs>),
    Record(Deferred<RecordArgs>),
    History(Deferred<HistoryArgs>),
    Time(Deferred<TimeArgs>),
    Info(Deferred<InfoArgs>),
    Top(Deferred<TopArgs>),
    Watch(Deferred<WatchArgs>),
    Config(Deferred<ConfigArgs>),
    #[cfg(feature = "exporter")]
    Exporter(Deferred<ExporterArgs>),
    #[cfg(feature = "demo")]
    Demo(Deferred<DemoArgs>),
    Completions(Deferred<CompletionsArgs>),
    Man(Deferred<ManArgs>),
}

impl Cli {
    /// Reads what was typed, the program's name first. The error is also help and version.
    pub(crate) fn read(typed: &[OsString]) -> Result<Self, Error> {
        Self::quick()
            .try_get_matches_from(typed)
            .and_then(|mut matches| Self::from_arg_matches_mut(&mut matches))
            .or_else(|_| {
                // What clap prints is about every command.
                Self::try_parse_from(typed)
            })
    }

    /// Enough to read a command line that has nothing wrong: see [`Deferred`].
    fn quick() -> clap::Command {
        Command::augment_subcommands_for_update(clap::Command::new("netsession"))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_declaration_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_are_declared_for_the_typed_command_alone() {
        let quick = Cli::quick();
        let declared: Vec<_> = quick.get_subcommands().flat_map(clap::Command::get_arguments).collect();
        assert!(declared.is_empty(), "{declared:?}");
        let typed = ["netsession", "list", "--keep-going", "fs1"];
        let mut matches = quick.try_get_matches_from(typed).unwrap();
        let cli = Cli::from_arg_matches_mut(&mut matches).unwrap();
        assert!(matches!(cli.command, Command::List(_)), "{cli:?}");
    }

    fn help(long: bool, of: Option<&str>) -> String {
        let mut command = Cli::command().term_width(80);
        command.build();
        let command = match of {
            Some(name) => command.find_subcommand_mut(name).unwrap(),
            None => &mut command,
        };
        let help = if long { command.render_long_help() } else { command.render_help() };
        help.to_string()
    }

    #[cfg(all(feature = "demo", feature = "exporter"))]
    #[test]
    fn help_of_the_program() {
        insta::assert_snapshot!(help(true, None));
    }

    #[test]
    fn short_help_of_list() {
        insta::assert_snapshot!(help(false, Some("list")));
    }

    #[test]
    fn long_help_of_every_command() {
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let name = command.get_name();
            insta::assert_snapshot!(format!("long_help_of_{name}"), help(true, Some(name)));
        }
    }

    #[test]
    fn command_with_a_login_says_where_the_password_comes_from_and_how_it_ends() {
        let (mut commands, mut with_login) = (vec![Cli::command()], 0);
        while let Some(command) = commands.pop() {
            commands.extend(command.get_subcommands().cloned());
            let logs_on = |argument: &clap::Arg| argument.get_long() == Some("login");
            if !command.get_arguments().any(logs_on) {
                continue;
            }
            with_login += 1;
            let after = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            for (part, times) in [("Login and password:", 1), ("Exit codes:", 1), ("\n\n\n", 0)] {
                assert_eq!(after.matches(part).count(), times, "{part:?}: {}", command.get_name());
            }
        }
        assert!(with_login > 5, "{with_login}");
    }

    /// Examples and exit codes are in columns, which a line that is broken leaves.
    #[test]
    fn examples_and_exit_codes_fit_into_80_columns() {
        let (mut commands, mut broken) = (vec![Cli::command()], Vec::new());
        while let Some(command) = commands.pop() {
            let after = command.get_after_long_help().or(command.get_after_help());
            let text = after.map(ToString::to_string).unwrap_or_default();
            broken.extend(text.lines().filter(|line| line.chars().count() > 80).map(str::to_owned));
            commands.extend(command.get_subcommands().cloned());
        }
        assert_eq!(broken, Vec::<String>::new());
    }
}
