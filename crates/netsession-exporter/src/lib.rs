//! A Prometheus exporter for the sessions of SMB file servers.
//!
//! One exporter serves many targets, like blackbox_exporter and snmp_exporter: Prometheus scrapes `/probe?target=fs1`,
//! and the exporter lists the sessions of fs1. The servers that it may probe and their credentials are in [`Settings`];
//! an HTTP request only chooses among them. With [`Settings::recorder`] what the probes find is recorded as well.
//!
//! | path | response |
//! |---|---|
//! | `/probe?target=fs1` | the metrics of one server; if the probe fails, 200 with `netsession_up 0` |
//! | `/metrics` | the metrics of the exporter itself |
//! | `/probe?target=fs1&debug=true` | the log and the metrics of one probe, for people |
//! | `/targets` | the servers of the configuration, for Prometheus' HTTP service discovery |
//! | `/config` | the settings that are in force, without secrets |
//! | `/-/healthy` | 200 while the exporter runs |
//! | `POST /-/reload`, `POST /-/unblock?account=` | with [`Settings::lifecycle`]: loads the configuration again; lifts the block of an account |
//! | `/` | a web page: all targets with their last results |
//!
//! ```
//! use netsession::{ConnectionSettings, Credentials, Encryption, Password};
//! use netsession_exporter::{Exporter, Settings, Target};
//!
//! let mut settings = Settings::default();
//! let credentials = Credentials::ntlm(r"LAB\monitor".parse()?, Password::new("secret"));
//! let encrypted = ConnectionSettings::default().encryption(Encryption::Required);
//! let target = Target::new("fs1".parse()?, credentials).address("fs1.example.com".parse()?);
//! settings.targets.push(target.connection(encrypted));
//! let exporter = Exporter::new(settings);
//! assert!(!format!("{exporter:?}").contains("secret"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod advice;
mod allowlist;
mod cache;
mod descriptors;
mod discovery;
mod effective;
mod exporter;
mod file_stats;
mod http;
mod kept;
mod lifecycle;
mod listeners;
mod loaded_config;
mod metrics;
mod page;
mod pattern;
mod probe_log;
mod probe_recorder;
mod query;
mod run;
mod settings;
mod signals;
mod start_error;
mod stats;
mod sums;
mod textfile;

pub use descriptors::{connections_kept, descriptors_wanted, servers_at_once};
pub use exporter::Exporter;
pub use http::serve;
pub use listeners::Listeners;
pub use pattern::{ParsePatternError, Pattern};
pub use probe_recorder::{ProbeRecorder, WeakProbeRecorder};
pub use run::{run, run_service};
pub use settings::{Rule, Settings, Target};
pub use signals::{Ended, ServiceRequest};
pub use start_error::StartError;
pub use textfile::Textfile;
