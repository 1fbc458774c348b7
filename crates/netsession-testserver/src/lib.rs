//! A file-server double: it speaks SMB 2.0.2 to 3.1.1 and answers NetrSessionEnum, as a [`Scenario`] says.
//!
//! | module | holds |
//! |---|---|
//! | [`scenario`] | what the server is: users, sessions, dialects, levels, quirks and faults, read from TOML |
//! | [`core`] | the server's side of one connection, without I/O |
//! | [`serve`] | the same behind real sockets |
//!
//! It is built from the codecs of `netsession-proto`, so a bug that both ends share agrees with itself:
//! what proves it are other people's clients.
//!
//! It is for tests. It knows its users' passwords in plain text and its random numbers may be fixed.
#![forbid(unsafe_code)]

pub mod core;
mod host;
pub mod scenario;
pub mod serve;

pub use host::{Caller, Host, SessionList};
pub use scenario::Scenario;
pub use serve::{Server, ServerHandle};
