//! The options that commands share. Each option is documented where it is declared, and nowhere else.

mod connection;
mod filter;
mod login;
mod one_of;
mod output;
mod servers;

use clap::Args;

pub(crate) use connection::ConnectionArgs;
pub(crate) use filter::{Filter, FilterBy};
pub(crate) use login::LoginArgs;
pub(crate) use output::{ColumnArgs, Format, OutputArgs};
pub(crate) use servers::ServersArgs;

/// What every command has that asks servers once.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

/// Which servers are asked, as whom, and how.
#[derive(Debug, Default, Args)]
pub(crate) struct TargetArgs {
    #[command(flatten)]
    pub(crate) login: LoginArgs,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) servers: ServersArgs,
}

/// For every command that logs on.
pub(crate) const LOGIN: &str = "\
Login and password:
  The login is -U, else the one in -A, else NETSESSION_LOGIN, else the one in
  the file NETSESSION_AUTH_FILE. Its password is --password-file or
  --password-stdin, else the one in the file that gave the login, else
  NETSESSION_PASSWORD, else what is typed at a prompt on the terminal.
  Without any of these logins the server's entry in the configuration says who
  asks (netsession config show), else the Kerberos ticket does (klist). With a
  ticket of the login no password is needed.";

const EXIT_CODES: &str = "\
Exit codes:
  0    every server answered, also with no rows
  1    some server failed
  2    rejected before anything was sent: arguments, an unreadable file
  130  interrupted";

/// What stands under the options of a command that asks servers once: its examples and columns, and what all have.
pub(crate) fn after_long_help(examples: &str, columns: &str) -> String {
    [examples, columns, LOGIN, EXIT_CODES].join("\n\n")
}
