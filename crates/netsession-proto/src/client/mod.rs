//! The state machine that asks a server who is connected. It does no I/O: a driver carries its bytes.
//!
//! [`Connection`] is the whole of it; its parts are one file for each step of the conversation. One state
//! machine, many drivers: the async and the blocking library, the fuzzers and the tests with a fake clock
//! all drive this one, and none of them repeats a step.

mod answer;
mod channel;
mod config;
mod connection;
mod enumerate;
mod enumeration;
mod event;
mod failure;
mod filter;
mod level_walk;
mod log_on;
mod negotiate;
mod open_pipe;
mod request;
mod validate;

pub use config::{Config, Encryption, Entropy, Limits};
pub use connection::Connection;
pub use enumeration::{Course, Enumeration, Progress};
pub use event::{Answer, Event, Negotiated, Phase, Token, TokenInput, TokenStage};
pub use failure::{Cause, Failure, Step};
pub use filter::bare_client;
pub use request::{ListRequest, WantedLevel};
