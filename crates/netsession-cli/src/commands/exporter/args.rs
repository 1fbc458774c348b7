use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  netsession exporter                         the user's configuration
  netsession exporter --config /etc/netsession/exporter.toml
  curl '127.0.0.1:9945/probe?target=fs1'      the metrics of fs1";

const SIGNALS: &str = "\
Signals:
  SIGHUP           reload the configuration and use refused accounts again;
                   if it is invalid, log the error and keep the old one
  SIGTERM, SIGINT  stop; running probes have 5 s to finish";

/// Run a Prometheus exporter for the sessions of many servers
///
/// One exporter serves many servers: for `/probe?target=fs1` it lists the sessions of fs1 and returns them as
/// metrics. A target must have an entry with credentials in the configuration or match a pattern there; the exporter
/// uses no other credentials. `/metrics` has the metrics of the exporter itself, `/` is a web page with all targets.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{SIGNALS}"))]
pub(crate) struct ExporterArgs {
    /// Address and port to listen on
    ///
    /// The exporter has neither TLS nor authentication: use a reverse proxy if it listens on more than loopback.
    #[arg(long, default_value = "127.0.0.1:9945", value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,

    /// Configuration file with servers, credentials and [exporter] [default: the user's configuration]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Log each probe and the protocol steps to stderr
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
