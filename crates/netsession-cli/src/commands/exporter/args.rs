use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  netsession exporter                                  the user's configuration, on loopback
  netsession exporter --config /etc/netsession/exporter.toml
  curl '127.0.0.1:9945/probe?target=fs1'               as Prometheus asks for fs1";

const AFTER: &str = "\
Signals:
  SIGHUP           reloads the configuration; if it has a fault, that is logged and
                   the old one stays; refused accounts are tried again
  SIGTERM, SIGINT  end it; probes in flight have 5 s more";

/// Export the sessions of many servers to Prometheus, as numbers
///
/// One exporter serves many servers: Prometheus requests `/probe?target=fs1`, and the exporter asks fs1. A target
/// must have an entry with credentials in the configuration, or match a pattern there, and is asked with these
/// credentials alone. `/metrics` has the metrics of the exporter itself, and `/` is a page for people.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{AFTER}"))]
pub(crate) struct ExporterArgs {
    /// Address to listen on
    ///
    /// There is neither TLS nor authentication: beyond loopback, put a reverse proxy in front.
    #[arg(long, default_value = "127.0.0.1:9945", value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,

    /// The configuration: servers, credentials and [exporter] [default: that of the user]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Log every probe and the protocol steps to stderr
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
