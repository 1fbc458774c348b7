//! The state machine that asks a server who is connected. It does no I/O: a driver carries its bytes.

mod config;
mod event;
mod failure;
mod request;

pub use config::{Config, Encryption, Entropy, Limits};
pub use event::{Answer, Event, Negotiated, Phase, Token, TokenStage};
pub use failure::{Cause, Failure, Step};
pub use request::{ListRequest, WantedLevel};
