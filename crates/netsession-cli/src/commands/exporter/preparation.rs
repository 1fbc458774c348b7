//! The arguments of the exporter, and everything that is done before it serves.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use anyhow::{Context as _, Result};
use clap::Args;
use netsession::ServerName;
use netsession_exporter::{Settings, StartError};
use tokio::runtime::{self, Runtime};
use tracing::warn;

use super::history::HistoryStore;
use super::listen::ListenAddress;
use super::settings;
use crate::config;
use crate::process::{Exit, log, open_files};

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
    /// Address and port to listen on; :9945 is every address of this machine
    ///
    /// A name, such as localhost:9945, stands for all of its addresses on this machine.
    /// The exporter has neither TLS nor authentication: use a reverse proxy if it listens on more than loopback.
    #[arg(
        long,
        visible_alias = "web.listen-address",
        default_value = "127.0.0.1:9945",
        value_name = "ADDRESS:PORT"
    )]
    pub(super) listen: ListenAddress,

    /// Configuration file with servers, credentials and [exporter] [default: the user's configuration]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Name by which a browser may reach an exporter on loopback, beside localhost: that of a reverse proxy, say
    ///
    /// Repeat it for several. If the exporter listens on loopback alone, a request whose Host is another name gets 403: a
    /// page of another site could otherwise have its own name resolve to this machine, and read the metrics (DNS
    /// rebinding). On other addresses Host is checked only where a browser sends a POST request.
    #[arg(long, value_parser = host_alone, value_name = "NAME")]
    allowed_host: Vec<String>,

    /// Let HTTP clients reload the configuration (POST /-/reload) and lift the block of an account
    ///
    /// `POST /-/reload` uses a refused account again only if its secret has changed. `POST /-/unblock?account=ACCOUNT` uses
    /// one account again, at most once in 35 minutes. Each client that reaches the port may do so.
    #[arg(long, visible_alias = "web.enable-lifecycle")]
    enable_lifecycle: bool,

    /// Run as a service of Windows: for the service manager alone, see docs/exporter.md
    #[cfg(windows)]
    #[arg(long)]
    pub(super) service: bool,

    /// Append the log to this file instead of writing it to stderr, which a service has not
    #[cfg(windows)]
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,

    /// Log each probe and the protocol steps to stderr
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn cannot_start(args: &ExporterArgs, error: StartError) -> anyhow::Error {
    match error {
        StartError::Listen(error) => {
            anyhow::Error::new(error).context(format!("cannot listen on {}", args.listen))
        }
        error => error.into(),
    }
}

pub(super) fn start_log(args: &ExporterArgs) -> Result<()> {
    #[cfg(windows)]
    if let Some(path) = &args.log_file {
        return log::start_to_file(args.verbose, path);
    }
    log::start_for_service(args.verbose);
    Ok(())
}

/// Everything that serving needs.
pub(super) struct Prepared {
    pub(super) runtime: Runtime,
    pub(super) settings: Settings,
    pub(super) reload: Box<dyn Fn() -> std::result::Result<Settings, String> + Send>,
}

/// Reads the configuration and its secrets, and gets what serving needs of the system. With the exit code of an error.
pub(super) fn prepare(args: &ExporterArgs) -> std::result::Result<Prepared, (anyhow::Error, Exit)> {
    let options = HttpOptions::from(args);
    let store = HistoryStore::default();
    let found = path(args).and_then(|path| Ok((load(&path, &options, &store)?, path)));
    let (settings, path) = found.map_err(|error| (error, Exit::Usage))?;
    share_out_descriptors(&settings);
    let runtime = start_runtime().map_err(|error| (error, Exit::Failure))?;
    let reload = Box::new(move || load(&path, &options, &store).map_err(|error| format!("{error:#}")));
    Ok(Prepared { runtime, settings, reload })
}

/// What a browser can name the exporter by, beside its port.
fn host_alone(text: &str) -> Result<String, String> {
    // An IPv6 address is in brackets there.
    let has_port = text.contains(':') && !text.ends_with(']');
    match text.parse::<ServerName>() {
        Ok(_) if !has_port && !text.contains('*') => Ok(text.to_owned()),
        _ => {
            Err("it is a name as browsers show it, without http://, port and path, and no pattern".to_owned())
        }
    }
}

fn start_runtime() -> Result<Runtime> {
    open_files::check().context("cannot start")?;
    check_threads().context("cannot start the threads that serve")?;
    runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")
}

/// The exporter shares out what there is between connections of Prometheus and servers.
fn share_out_descriptors(settings: &Settings) {
    let wanted = netsession_exporter::descriptors_wanted(settings);
    let limit = open_files::raise_limit(wanted);
    let servers = netsession_exporter::servers_at_once(settings.concurrency, limit);
    if servers < settings.concurrency {
        warn!(
            "this process may open too few files for {} servers at the same time, so that {servers} are asked: raise the \
             limit (ulimit -n {wanted}, or LimitNOFILE of systemd)",
            settings.concurrency
        );
    }
    let kept = netsession_exporter::connections_kept(settings, limit);
    if settings.keep_connections && kept < settings.max_connections.min(settings.targets.len()) {
        warn!(
            "this process may open too few files to keep a connection to each of {} servers, so that {kept} are kept: \
             raise the limit (ulimit -n {wanted}, or LimitNOFILE of systemd)",
            settings.targets.len()
        );
    }
}

/// An error if this process may not have the threads of the runtime: tokio panics then.
fn check_threads() -> io::Result<()> {
    let before = threads_of_this_process();
    let wanted = thread::available_parallelism().map_or(1, usize::from);
    let (hold, held) = mpsc::channel::<()>();
    let held = Arc::new(Mutex::new(held));
    let mut threads = Vec::new();
    let mut result = Ok(());
    for _ in 0..wanted {
        let held = Arc::clone(&held);
        // Each lives until all are there.
        let lives = move || drop(held.lock().map(|held| held.recv()));
        match thread::Builder::new().spawn(lives) {
            Ok(thread) => threads.push(thread),
            Err(error) => {
                result = Err(error);
                break;
            }
        }
    }
    drop(hold);
    for thread in threads {
        // They do nothing that could panic.
        let _ = thread.join();
    }
    // On Linux a joined thread counts against the limit until the system has removed it, a moment later.
    let patience = Instant::now() + Duration::from_secs(1);
    while threads_of_this_process() > before && Instant::now() < patience {
        thread::yield_now();
    }
    result
}

/// 0 where the system does not report it.
fn threads_of_this_process() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

fn path(args: &ExporterArgs) -> Result<PathBuf> {
    args.config
        .clone()
        .or_else(config::default_path)
        .context("no configuration: name one with --config, since neither HOME nor XDG_CONFIG_HOME is set")
}

/// What the command line says of HTTP clients. It stays across reloads.
#[derive(Debug)]
struct HttpOptions {
    allowed_hosts: Vec<String>,
    lifecycle: bool,
}

impl From<&ExporterArgs> for HttpOptions {
    fn from(args: &ExporterArgs) -> Self {
        Self { allowed_hosts: args.allowed_host.clone(), lifecycle: args.enable_lifecycle }
    }
}

/// The configuration with every secret read.
fn load(path: &Path, options: &HttpOptions, store: &HistoryStore) -> Result<Settings> {
    let config = config::load_from(path)?.with_context(|| {
        format!("{}: there is no such file, and without one no server may be asked", path.display())
    })?;
    let mut settings =
        settings::settings(&config, &mut |warning| warn!("{}", warning.trim_start_matches("warning: ")))?;
    settings.allowed_hosts.clone_from(&options.allowed_hosts);
    settings.lifecycle = options.lifecycle;
    settings.restart_for_passwords =
        env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|folder| !folder.is_empty());
    // Last: a configuration with a fault opens no store.
    settings.recorder = store.open(&config.exporter.history)?;
    Ok(settings)
}
