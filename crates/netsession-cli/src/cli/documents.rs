//! The commands that tell of the command line itself.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

const INSTALL: &str = "\
Examples:
  netsession completions bash > /etc/bash_completion.d/netsession
  netsession completions zsh  > \"${fpath[1]}/_netsession\"
  netsession completions fish > ~/.config/fish/completions/netsession.fish
  netsession completions powershell >> $PROFILE";

/// Print a script that completes this command line in a shell
#[derive(Debug, Args)]
#[command(after_help = INSTALL)]
pub(crate) struct CompletionsArgs {
    /// The shell to print it for
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// Write the manual pages into a folder
#[derive(Debug, Args)]
#[command(hide = true)]
pub(crate) struct ManArgs {
    /// The folder, which must be there
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}
