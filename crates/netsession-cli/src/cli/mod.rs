//! The command line: the program and its commands, each with its arguments.

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Parser, Subcommand};

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
    // In a box: it is far larger than the others.
    List(Box<ListArgs>),
    Files(Box<FilesArgs>),
    Shares(Box<SharesArgs>),
    Close(Box<CloseArgs>),
    Record(Box<RecordArgs>),
    History(Box<HistoryArgs>),
    Time(Box<TimeArgs>),
    Info(Box<InfoArgs>),
    Top(Box<TopArgs>),
    Watch(Box<WatchArgs>),
    Config(ConfigArgs),
    #[cfg(feature = "exporter")]
    Exporter(ExporterArgs),
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_declaration_holds_together() {
        Cli::command().debug_assert();
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
