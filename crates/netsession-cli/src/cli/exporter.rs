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
  SIGHUP           loads the configuration anew; a wrong one is told, and the
                   old one stays; accounts that were refused are tried again
  SIGTERM, SIGINT  end it; probes that are under way have 5 s more";

/// Answer Prometheus: who is connected to many servers, as numbers
///
/// One exporter stands for many servers: Prometheus asks for `/probe?target=fs1`, and the exporter asks fs1. A target
/// must have an entry with credentials in the configuration, or match a pattern there, and is asked with these
/// credentials alone. `/metrics` is of the exporter itself, and `/` a page for people.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{AFTER}"))]
pub(crate) struct ExporterArgs {
    /// Where to listen
    ///
    /// There is neither TLS nor a log-on: beyond loopback, put a reverse proxy in front.
    #[arg(long, default_value = "127.0.0.1:9945", value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,

    /// The configuration: servers, credentials and [exporter] [default: that of the user]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Tell every probe and the protocol steps on stderr
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
