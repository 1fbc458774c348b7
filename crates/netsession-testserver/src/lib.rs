//! A file-server double: SMB 2.0.2 to 3.1.1 with NetrSessionEnum, as a [`Scenario`] describes.
//!
//! | module | holds |
//! |---|---|
//! | [`scenario`] | users, sessions, dialects, levels, quirks and faults, read from TOML |
//! | [`Host`] | what calls work on: a scenario, and sessions and open files that can change |
//! | [`core`] | the server's side of one connection, without I/O |
//! | [`serve`] | the same behind real sockets |
//!
//! It is built from the codecs of `netsession-proto`, so a bug that both ends share goes unnoticed. The tests with
//! other people's clients are the proof.
//!
//! It is for tests. It knows its users' passwords in plain text and its random numbers may be fixed.
#![forbid(unsafe_code)]

pub mod core;
mod host;
pub mod scenario;
pub mod serve;

pub use netsession_proto::srvs::{FileInfo, SessionInfo};

pub use host::{Caller, FileList, Host, List, SessionList, Traffic};
pub use scenario::Scenario;
pub use serve::{Server, ServerHandle};
