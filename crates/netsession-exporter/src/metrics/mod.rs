//! What Prometheus reads: the metrics of a server, those of the exporter itself, and their formats.

#[cfg(test)]
mod contrib_tests;
mod exporter;
mod families;
mod format;
mod label;
mod process;
mod server;

pub(crate) use exporter::{ExporterCounters, ExporterMetrics};
pub(crate) use format::ExpositionFormat;
pub(crate) use label::with_label;
pub(crate) use server::ServerMetrics;
