//! The commands, each in a file.

#[cfg(feature = "demo")]
pub(crate) mod demo;
pub(crate) mod list;
