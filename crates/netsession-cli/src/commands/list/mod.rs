//! `netsession list`: who is connected.

mod filter;
#[cfg(feature = "exporter")]
mod metrics;
mod row;
mod totals;

use anyhow::{Result, ensure};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use netsession::{Level, Listing, Sessions};
use tracing::debug;

use crate::args::{self, AskArgs};
#[cfg(feature = "exporter")]
use crate::output::ServerRows;
use crate::output::{Rows, columns_help};
use crate::shell::ServerCommand;
pub(crate) use row::SessionRow;

const EXAMPLES: &str = "\
Examples:
  netsession list fs1                         the sessions of fs1
  netsession list -U 'LAB\\admin' fs1 fs2      two servers, as LAB\\admin
  netsession list --user alice -f json fs1    where alice is connected, as JSON
  netsession list -A ~/.smb-admin -f csv fs1  log-on from Samba's file, as CSV
  netsession list --sort -opens --columns server,user,opens @all
                                              most open files first, one table
  netsession list --no-header --columns client fs1
                                              the clients alone, for a script
  netsession list -f prometheus --output netsession.prom @all
                                              for node_exporter, by a timer
  netsession list --servers-from all.txt --jobs 256 -f jsonl
                                              a list of servers, as they answer";

/// List the sessions of servers: who is connected, from where, how long idle
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    after_long_help = args::after_long_help(EXAMPLES, &columns_help::<SessionRow>())
)]
pub(crate) struct ListArgs {
    /// Information level to ask for
    ///
    /// `auto` asks for the most that the server gives to this account: 502, then 1, 10 and 0. A named level is
    /// asked for as it is, or answered from one that carries all of its fields.
    #[arg(short, long, value_parser = level(), default_value_t, value_name = "LEVEL")]
    level: Level,

    /// Only sessions from this computer, a name or an address
    ///
    /// Compared with what the server lists, most often addresses.
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    client: Option<String>,

    /// Only sessions of this user, USER or DOMAIN\USER
    ///
    /// Also DOMAIN/USER and USER@REALM. Without a domain, of every domain.
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    user: Option<String>,

    /// Add the DNS name of each client address
    #[arg(long, help_heading = "Output")]
    resolve: bool,

    #[command(flatten)]
    ask: AskArgs,
}

/// The library's level, with its names for help and completions.
fn level() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(["auto", "0", "1", "2", "10", "502"]).try_map(|name| name.parse::<Level>())
}

impl ServerCommand for ListArgs {
    type Question = Sessions;
    type Row = SessionRow;

    fn ask_args(&self) -> &AskArgs {
        &self.ask
    }

    fn question(&self) -> Result<Sessions> {
        ensure!(
            !self.ask.output.format.is_metrics() || (self.client.is_none() && self.user.is_none()),
            "-f prometheus: metrics are of all sessions of a server, not of those of --client or --user"
        );
        let question = Sessions::new().level(self.level);
        filter::filtered(question, self.client.as_deref(), self.user.as_deref())
    }

    fn resolves_clients(&self) -> bool {
        self.resolve
    }

    #[cfg(feature = "exporter")]
    fn metrics(servers: &[ServerRows<SessionRow>]) -> Result<Vec<u8>> {
        metrics::render(servers)
    }

    fn rows(server: &str, listing: Listing) -> Rows<SessionRow> {
        let (asked, shown) = (listing.asked_level(), listing.level());
        if asked != shown {
            debug!(server, "level {asked} was asked, and is shown as {shown}");
        }
        row::rows(listing)
    }
}

#[cfg(test)]
pub(crate) mod tests;
