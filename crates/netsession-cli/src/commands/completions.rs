//! `netsession completions`.

use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::Cli;

/// The script for a shell, from the declaration that `--help` comes from.
pub(crate) fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut shown(Cli::command()), "netsession", &mut script);
    script
}

/// Without the commands that are not shown in `--help`, which would be offered all the same.
fn shown(command: Command) -> Command {
    let commands: Vec<_> =
        command.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    let about = command.get_about().cloned().unwrap_or_default();
    Command::new("netsession").version(env!("CARGO_PKG_VERSION")).about(about).subcommands(commands)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_shell() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(script(*shell)).unwrap();
            assert!(!script.contains("manual pages"), "{shell} offers what is hidden");
            insta::assert_snapshot!(shell.to_string(), script);
        }
    }
}
