//! The double under a client that sends what a test wants: commands that `netsession` does not use, and wrong
//! requests with the answers that MS-SMB2 has for them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod calls;
mod commands;
mod compounds;
mod credits;
mod encryption;
mod files;
mod negotiate;
mod raw;
mod sessions_and_trees;
mod signatures;
mod structure;
