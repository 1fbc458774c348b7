//! The commands, each with its arguments.

pub(crate) mod close;
pub(crate) mod completions;
pub(crate) mod config;
#[cfg(feature = "demo")]
pub(crate) mod demo;
#[cfg(feature = "exporter")]
pub(crate) mod exporter;
pub(crate) mod files;
pub(crate) mod history;
pub(crate) mod info;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod record;
pub(crate) mod shares;
pub(crate) mod time;
pub(crate) mod top;
pub(crate) mod watch;
