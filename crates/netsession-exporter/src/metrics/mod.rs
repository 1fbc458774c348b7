//! What Prometheus reads.

mod exposition;
mod format;
mod own;
mod probe;
mod process;

pub(crate) use exposition::Exposition;
pub(crate) use format::Format;
pub(crate) use own::Own;
pub(crate) use probe::exposition as of_probe;
pub(crate) use process::most_descriptors;
