use std::time::Duration;

use netsession::Credentials;

use crate::Pattern;

/// Whom to ask, as whom, and how much of it.
///
/// Whoever makes one has read every secret already: nothing is read, run or asked for while probes are answered.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The servers that have an entry of their own.
    pub targets: Vec<Target>,
    /// What else may be asked; the first that matches counts.
    pub patterns: Vec<Rule>,
    /// For one probe, where Prometheus does not say how long it waits.
    pub timeout: Duration,
    /// A target that was asked less than this ago is not asked again: its last answer is given. Zero asks each time.
    pub min_interval: Duration,
    /// How many servers are asked at the same time.
    pub concurrency: usize,
    /// For each of these: how many sessions have been idle for longer.
    pub idle_limits: Vec<Duration>,
    /// For each of these: how many sessions have been connected for longer.
    pub connected_limits: Vec<Duration>,
    /// How many users become a label, those with the most sessions first. Zero names nobody.
    pub user_labels: usize,
    /// How many clients become a label. Zero names none.
    pub client_labels: usize,
}

impl Default for Settings {
    /// Nobody may be asked.
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            patterns: Vec::new(),
            timeout: Duration::from_secs(10),
            min_interval: Duration::ZERO,
            concurrency: 64,
            idle_limits: vec![Duration::from_secs(60 * 60)],
            connected_limits: vec![Duration::from_secs(24 * 60 * 60)],
            user_labels: 0,
            client_labels: 0,
        }
    }
}

/// A server with an entry of its own.
#[derive(Debug, Clone)]
pub struct Target {
    /// What Prometheus calls it.
    pub name: String,
    /// Where it is, as [`netsession::ServerName`] takes it.
    pub address: String,
    /// As whom it is asked.
    pub credentials: Credentials,
}

/// Servers without an entry that may be asked all the same.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Which.
    pub pattern: Pattern,
    /// As whom they are asked.
    pub credentials: Credentials,
}
