use clap::{Args, Subcommand};

use super::Format;
use crate::args::{self, ConnectionArgs, LoginArgs};

const EXAMPLES: &str = "\
Examples:
  netsession files --path report.xlsx fs1     who has it open, with its id
  netsession close file fs1 16                close it, after a question
  netsession close file fs1 16 17 --yes       two files, without a question
  netsession close file fs1 16 --dry-run      only show what would be closed
  netsession close session fs1 --client 10.0.0.5 --user alice
                                              disconnect the computer of alice";

const EXIT_CODES: &str = "\
Exit codes:
  0    everything is closed, or went while this ran
  1    something was not closed or not listed, or it is not known
  2    rejected before anything was sent: arguments, no terminal to ask on
  130  interrupted";

/// Close an open file, or end the sessions of a user from a computer
///
/// Shows what will be closed, and asks. What was not saved on the other side is lost.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CloseArgs {
    #[command(subcommand)]
    pub(super) what: Closing,
}

#[derive(Debug, Subcommand)]
pub(super) enum Closing {
    File(Box<FileArgs>),
    Session(Box<SessionArgs>),
}

/// Close open files by the ids that `netsession files` lists
///
/// The user keeps the connection; the next access to the file fails, and what was not saved is lost. The files are
/// listed again right before: an id that stands for another file or user by then is not closed, nor one that several
/// files have, or that the server lists without a path.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = [EXAMPLES, args::LOGIN, EXIT_CODES].join("\n\n"))]
pub(super) struct FileArgs {
    #[command(flatten)]
    pub(super) options: CloseOptions,

    /// Ids of the files, from the first column of `netsession files`
    #[arg(value_name = "ID", required = true, help_heading = None)]
    pub(super) ids: Vec<u32>,

    /// Close a file only if it has this path, as the server or the user writes it
    #[arg(long, value_name = "PATH", help_heading = "Checks")]
    pub(super) path: Option<String>,

    /// Close a file only if this user has it open, USER or DOMAIN\USER (the domain counts only if the server lists one)
    #[arg(long, value_name = "NAME", help_heading = "Checks")]
    pub(super) user: Option<String>,
}

/// End the sessions of a user from a computer, with everything they have open
///
/// Both names are needed; a user without a domain is one of any domain. Most clients connect again by themselves.
/// Your own session is never ended, nor one that cannot be told from it: of your account, from a computer that the
/// server lists by name. Samba ends every session of the connection, and lets only root and Domain Admins
/// do it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = [EXAMPLES, args::LOGIN, EXIT_CODES].join("\n\n"))]
pub(super) struct SessionArgs {
    #[command(flatten)]
    pub(super) options: CloseOptions,

    /// The computer, as `netsession list` shows it
    #[arg(long, value_name = "NAME", help_heading = "Session")]
    pub(super) client: String,

    /// The user, USER or DOMAIN\USER (the domain counts only if the server lists one)
    #[arg(long, value_name = "NAME", help_heading = "Session")]
    pub(super) user: String,
}

/// What both have.
#[derive(Debug, Args)]
pub(super) struct CloseOptions {
    /// The server: a name or an address, with a port if it is not 445
    #[arg(value_name = "SERVER", help_heading = None)]
    pub(super) server: String,

    /// Do not ask: close
    #[arg(short, long, help_heading = None)]
    pub(super) yes: bool,

    /// Only show what would be closed
    #[arg(long, conflicts_with = "yes", help_heading = None)]
    pub(super) dry_run: bool,

    /// Output format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT", help_heading = "Output")]
    pub(super) format: Format,

    /// Log the protocol steps to stderr
    #[arg(short, long, help_heading = "Output")]
    pub(super) verbose: bool,

    #[command(flatten)]
    pub(super) login: LoginArgs,
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
}
