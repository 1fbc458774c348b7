//! A Prometheus exporter that asks SMB file servers who is connected.
//!
//! One exporter stands for many servers, in the manner of blackbox_exporter and snmp_exporter: Prometheus scrapes
//! `/probe?target=fs1`, and the exporter asks fs1. Whom it may ask, and with whose credentials, is in its
//! [`Settings`] and in nothing that comes over HTTP.
//!
//! | path | answer |
//! |---|---|
//! | `/probe?target=fs1` | the metrics of one server; 200 also where it fails, with `netsession_up 0` |
//! | `/metrics` | the metrics of the exporter itself |
//! | `/-/healthy` | 200 while it runs |
//! | `/` | a page for people: targets, and what became of them last |
//!
//! ```
//! use netsession::{Credentials, Password};
//! use netsession_exporter::{Exporter, Settings, Target};
//!
//! let mut settings = Settings::default();
//! settings.targets.push(Target {
//!     name: "fs1".into(),
//!     address: "fs1.example.com".into(),
//!     credentials: Credentials::ntlm(r"LAB\monitor".parse()?, Password::new("secret")),
//! });
//! let exporter = Exporter::new(settings);
//! assert!(!format!("{exporter:?}").contains("secret"));
//! # Ok::<(), netsession::ParseAccountError>(())
//! ```
#![forbid(unsafe_code)]

mod answer;
mod board;
mod exporter;
mod http;
mod metrics;
mod page;
mod query;
mod run;
mod settings;
mod summary;
mod targets;

pub use exporter::Exporter;
pub use http::serve;
pub use run::{Ended, run};
pub use settings::{Rule, Settings, Target};
pub use targets::{ParsePatternError, Pattern};
