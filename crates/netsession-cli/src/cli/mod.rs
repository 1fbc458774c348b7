//! The command line. Each option is documented where it is declared, and nowhere else.

#[cfg(feature = "demo")]
mod demo;
mod documents;
#[cfg(feature = "exporter")]
mod exporter;
mod list;

use std::path::PathBuf;

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Parser, Subcommand};

#[cfg(feature = "demo")]
pub(crate) use demo::DemoArgs;
pub(crate) use documents::{CompletionsArgs, ManArgs};
#[cfg(feature = "exporter")]
pub(crate) use exporter::ExporterArgs;
pub(crate) use list::{Backend, Encrypt, Format, Kerberos, Level, ListArgs};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const CONFIG_FILE: &str = "\
The file:
  $XDG_CONFIG_HOME/netsession/config.toml
                       on Unix; without the variable it is below ~/.config,
                       on macOS below ~/Library/Application Support
  %APPDATA%\\netsession\\config.toml
                       on Windows

What is in it:
  [servers.fs1]
  address = \"fs1.example.com:4455\"            # if it is not at its name
  credentials = \"lab\"                         # who asks it
  [groups]
  fileservers = [\"fs1\", \"10.0.0.5\"]           # netsession list @fileservers
  [credentials.lab]
  login = 'LAB\\admin'                         # or auth_file, Samba's
  password_command = [\"pass\", \"show\", \"lab\"]  # or password_file, password_env,
                                              # keytab; or none of them

Secrets:
  The password itself is never in it. One that others can write is not used.";

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
    /// Look at the configuration file: servers, groups of servers, credentials
    #[command(after_long_help = CONFIG_FILE)]
    Config {
        /// Another file than that of the user
        #[arg(long, value_name = "FILE", global = true)]
        config: Option<PathBuf>,
        /// What to do with it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    #[cfg(feature = "exporter")]
    Exporter(ExporterArgs),
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// What to do with the configuration.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Name file, line and reason of every fault
    Check,
    /// Print what is in force, secrets hidden
    Show,
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
    fn long_help_of_list() {
        insta::assert_snapshot!(help(true, Some("list")));
    }

    #[cfg(feature = "exporter")]
    #[test]
    fn long_help_of_exporter() {
        insta::assert_snapshot!(help(true, Some("exporter")));
    }

    #[test]
    fn long_help_of_config() {
        insta::assert_snapshot!(help(true, Some("config")));
    }

    /// What the help shows is a configuration without a fault.
    #[test]
    fn the_configuration_in_the_help_is_right() {
        let (_, example) = CONFIG_FILE.split_once("What is in it:\n").unwrap();
        let (example, _) = example.split_once("\n\n").unwrap();
        let (config, faults) = crate::config::Config::parse(example, std::path::Path::new("/"));
        assert_eq!(faults, []);
        assert_eq!((config.servers.len(), config.groups.len(), config.credentials.len()), (1, 1, 1));
    }

    #[cfg(feature = "demo")]
    #[test]
    fn long_help_of_demo() {
        insta::assert_snapshot!(help(true, Some("demo")));
    }
}
