//! `netsession completions`.

use clap::{Args, Command};
use clap_complete::Shell;

const INSTALL: &str = "\
Examples:
  netsession completions bash > /etc/bash_completion.d/netsession
  netsession completions zsh  > \"${fpath[1]}/_netsession\"
  netsession completions fish > ~/.config/fish/completions/netsession.fish
  netsession completions powershell >> $PROFILE";

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = INSTALL)]
pub(crate) struct CompletionsArgs {
    /// Shell to complete in
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// The script for a shell, from the declaration of the program.
pub(crate) fn script(args: &CompletionsArgs, program: Command) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut without_hidden(program), "netsession", &mut script);
    script
}

/// Without the commands that `--help` does not show: clap would complete them.
fn without_hidden(command: Command) -> Command {
    let commands: Vec<_> =
        command.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    let about = command.get_about().cloned().unwrap_or_default();
    Command::new("netsession").version(env!("CARGO_PKG_VERSION")).about(about).subcommands(commands)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, ValueEnum as _};

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn every_shell() {
        for shell in Shell::value_variants() {
            let script =
                String::from_utf8(script(&CompletionsArgs { shell: *shell }, Cli::command())).unwrap();
            assert!(!script.contains("manual pages"), "{shell} offers what is hidden");
            insta::assert_snapshot!(shell.to_string(), script);
        }
    }
}
