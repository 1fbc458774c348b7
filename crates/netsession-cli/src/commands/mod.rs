//! The commands, each in a file.

pub(crate) mod config;
pub(crate) mod list;
