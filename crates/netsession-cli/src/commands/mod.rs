//! The commands, each in a file.

pub(crate) mod list;
