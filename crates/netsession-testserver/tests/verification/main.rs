//! Wrong requests and the answers that MS-SMB2 has for them: a client that passes the double's checks has
//! shown something.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod compounds;
mod credits;
mod encryption;
mod files;
mod negotiate;
#[path = "../raw/mod.rs"]
#[expect(dead_code, reason = "tests/commands.rs uses the rest")]
mod raw;
mod sessions_and_trees;
mod signatures;
mod structure;
