use std::time::Duration;

use clap::Args;

use crate::args::{self, TargetArgs};
use crate::text::duration;

const EXAMPLES: &str = "\
Examples:
  netsession top fs1                          the sessions of fs1, live
  netsession top -U 'LAB\\admin' @fileservers  all servers of a group
  netsession top --interval 30s --read-only fs1
                                              for a screen on the wall
  netsession demo --top                       try it on built-in servers";

const EXIT_CODES: &str = "\
Exit codes:
  0    quit with q
  1    the terminal is gone
  2    rejected before anything was sent: arguments, no terminal
  130  interrupted (Ctrl-C)";

/// Show sessions, open files, servers and changes live, on the whole screen
///
/// Each server is asked again and again over one connection, with one round trip for its sessions, and for its
/// files with them once the files are looked at. Press ? for the keys. A server that fails is a row with the reason
/// and is asked again later. Names from servers are escaped as in the other commands. The colours are the 16 of
/// the terminal, or none with NO_COLOR.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = [EXAMPLES, args::LOGIN, EXIT_CODES].join("\n\n"))]
pub(crate) struct TopArgs {
    /// Time between two refreshes of a server
    #[arg(
        long,
        value_parser = duration::parse,
        default_value = "5s",
        value_name = "DURATION",
        help_heading = None
    )]
    pub(super) interval: Duration,

    /// Offer no key that closes a file or ends a session
    #[arg(long, help_heading = None)]
    pub(super) read_only: bool,

    /// Log the protocol steps to stderr, which must not be the terminal: 2>top.log
    #[arg(short, long, help_heading = None)]
    pub(super) verbose: bool,

    #[command(flatten)]
    pub(super) target: TargetArgs,
}
