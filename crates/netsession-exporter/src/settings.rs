use std::time::Duration;

use netsession::{ConnectionSettings, Credentials, ServerName};

use crate::pattern::Pattern;
use crate::probe_recorder::ProbeRecorder;

/// The servers that may be probed, their credentials, and the limits of the exporter.
///
/// All secrets are in it already: the exporter reads no file and runs no program while it answers probes. The only file
/// that it writes is the store of `recorder`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The servers with an entry in the configuration.
    pub targets: Vec<Target>,
    /// Further servers that may be probed. The first pattern that matches is used.
    pub patterns: Vec<Rule>,
    /// Timeout of a probe for which Prometheus sends none.
    pub timeout: Duration,
    /// A result younger than this is used again instead of a new query. Zero queries the server for each probe.
    pub min_interval: Duration,
    /// Maximum servers to query at the same time.
    pub concurrency: usize,
    /// Whether the connection to a target is kept between probes. Without it each probe is a connection and a log-on.
    pub keep_connections: bool,
    /// Maximum connections that are kept. Further targets are connected for each probe.
    pub max_connections: usize,
    /// Maximum unanswered log-ons of one account at the same time: as many wrong ones may reach a domain when its password
    /// changes.
    pub log_ons_at_once: usize,
    /// Limits of idle time: for each, the sessions that have been idle for longer are counted.
    pub idle_limits: Vec<Duration>,
    /// Limits of connection time: for each, the sessions that have been connected for longer are counted.
    pub connected_limits: Vec<Duration>,
    /// Maximum users that become a label, those with the most sessions first. Zero: no user names in metrics.
    pub user_labels: usize,
    /// Maximum clients that become a label. Zero: no client names in metrics.
    pub client_labels: usize,
    /// Whether to list the open files of each target as well.
    pub files: bool,
    /// The shares whose open files are counted each, in lower case; those of all other shares are one sum. Only with
    /// `files`.
    pub shares: Vec<String>,
    /// Maximum sessions of one target, and open files. A probe of a target with more fails with the kind `limit`.
    pub max_sessions: usize,
    /// Maximum bytes of memory for the answers of all targets together. A probe that would go beyond it fails with the
    /// kind `limit`.
    pub max_memory: usize,
    /// Names by which a browser may reach an exporter that listens on loopback, beside `localhost` and loopback
    /// addresses: those of a reverse proxy that passes the header `Host` on.
    pub allowed_hosts: Vec<String>,
    /// Whether HTTP clients may reload the configuration and lift blocks: `/-/reload` and `/-/unblock`.
    pub lifecycle: bool,
    /// Whether a new password takes a restart: the service manager hands them over at the start, and a reload reads the old
    /// ones (systemd's `LoadCredential=`). The advice for a refused account says so.
    pub restart_for_passwords: bool,
    /// Records the sessions that the probes list, and with `files` the open files, and when a probe failed. `None`: no
    /// list of sessions is kept.
    pub recorder: Option<ProbeRecorder>,
}

impl Default for Settings {
    /// No server may be probed.
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            patterns: Vec::new(),
            timeout: Duration::from_secs(10),
            min_interval: Duration::ZERO,
            concurrency: 64,
            keep_connections: true,
            max_connections: 2048,
            log_ons_at_once: 2,
            idle_limits: vec![Duration::from_secs(60 * 60)],
            connected_limits: vec![Duration::from_secs(24 * 60 * 60)],
            user_labels: 0,
            client_labels: 0,
            files: false,
            shares: Vec::new(),
            max_sessions: 100_000,
            max_memory: 256 << 20,
            allowed_hosts: Vec::new(),
            lifecycle: false,
            restart_for_passwords: false,
            recorder: None,
        }
    }
}

/// A server with an entry in the configuration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Target {
    /// Its name in `/probe?target=…`.
    pub name: ServerName,
    /// Its address.
    pub address: ServerName,
    /// The credentials for it.
    pub credentials: Credentials,
    /// How to connect to it.
    pub connection: ConnectionSettings,
}

impl Target {
    /// A server at the address that its name is, to which any connection will do.
    #[must_use]
    pub fn new(name: ServerName, credentials: Credentials) -> Self {
        Self { address: name.clone(), name, credentials, connection: ConnectionSettings::default() }
    }

    /// Sets its address.
    #[must_use]
    pub fn address(mut self, address: ServerName) -> Self {
        self.address = address;
        self
    }

    /// Sets how to connect to it.
    #[must_use]
    pub fn connection(mut self, connection: ConnectionSettings) -> Self {
        self.connection = connection;
        self
    }
}

/// A pattern of servers that may be probed without an entry.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rule {
    /// The names of the servers.
    pub pattern: Pattern,
    /// The credentials for them.
    pub credentials: Credentials,
    /// How to connect to them. The service is that of each server's name.
    pub connection: ConnectionSettings,
}

impl Rule {
    /// The servers that match the pattern, to which any connection will do.
    #[must_use]
    pub fn new(pattern: Pattern, credentials: Credentials) -> Self {
        Self { pattern, credentials, connection: ConnectionSettings::default() }
    }

    /// Sets how to connect to them.
    #[must_use]
    pub fn connection(mut self, connection: ConnectionSettings) -> Self {
        self.connection = connection;
        self
    }
}
