//! What a man in the middle can do.

mod damage;
mod downgrade;
mod log_on;

pub use self::damage::{CutAfter, FlipBit, StallAfter};
pub use self::downgrade::{EditRequest, EditResponse};
pub use self::log_on::{LogOnAnswer, LogOns};

/// What becomes of a frame.
#[derive(Clone, Debug)]
pub enum Action {
    /// This goes on, with its length before it.
    Pass(Vec<u8>),
    /// These bytes go on as they are, then both connections are closed.
    Cut(Vec<u8>),
    /// Nothing goes on any more in this direction, and nothing is closed.
    Stall,
}

/// Sees every frame of one connection, without the four bytes of length.
pub trait Tamper: Send {
    /// From the client to the server.
    fn client_frame(&mut self, frame: Vec<u8>) -> Action {
        Action::Pass(frame)
    }

    /// From the server to the client.
    fn server_frame(&mut self, frame: Vec<u8>) -> Action {
        Action::Pass(frame)
    }
}

/// Changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Honest;

impl Tamper for Honest {}
