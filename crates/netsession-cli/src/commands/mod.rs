//! The commands, each in a file.

pub(crate) mod completions;
pub(crate) mod list;
pub(crate) mod man;
