use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, value_parser};

/// Which servers to ask, and how many at once.
///
/// Each option has its heading: without one it would stand under that of the options before.
#[derive(Debug, Args)]
pub(crate) struct ServersArgs {
    /// Servers to ask: a name or an address, with a port if it is not 445 [default: localhost]
    ///
    /// `fs1`, `\\fs1`, `fs1:4455`, `10.0.0.5`, `fe80::1%eth0`, `[fe80::1]:445` or `smb://fs1:4455`; `@group` is
    /// every server of a group of the configuration. A share path is refused: the question is for the server. A
    /// server named twice is asked once.
    #[arg(value_name = "SERVER", help_heading = None)]
    pub(crate) servers: Vec<String>,

    /// More servers, from a file with one a line; # begins a comment (- is stdin)
    ///
    /// As on the command line: names, addresses and groups of the configuration. No ranges: netsession asks
    /// servers that you run and does not scan for others.
    #[arg(long, value_name = "FILE", help_heading = None)]
    pub(crate) servers_from: Option<PathBuf>,

    /// Maximum servers to ask at the same time
    ///
    /// Where each server is asked once, at most 4 of them at one address, whatever their names and ports.
    #[arg(
        long,
        value_parser = value_parser!(u16).range(1..),
        default_value = "16",
        value_name = "N",
        help_heading = "Connection"
    )]
    pub(crate) jobs: u16,

    /// Maximum servers to start per second
    #[arg(long, value_name = "N", help_heading = "Connection")]
    pub(crate) rate: Option<NonZeroU32>,
}

impl ServersArgs {
    /// One server, that another argument names.
    pub(crate) fn one(server: String) -> Self {
        Self { servers: vec![server], ..Self::default() }
    }
}

impl Default for ServersArgs {
    fn default() -> Self {
        Self { servers: Vec::new(), servers_from: None, jobs: 16, rate: None }
    }
}
