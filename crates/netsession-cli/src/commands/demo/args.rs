use clap::Args;

const EXAMPLES: &str = "\
Examples:
  netsession demo            a server on a free port of loopback, listed once
  netsession demo --serve    the same server, to ask from another terminal";

/// Try it on a built-in server, on loopback
///
/// Starts a file server inside this program on a free port of 127.0.0.1, logs on, and lists its sessions over
/// an encrypted connection. Its users and sessions are made up. No other server is asked.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DemoArgs {
    /// Keep the server running until Ctrl-C, and print address, login and password
    #[arg(long)]
    pub(crate) serve: bool,
}
