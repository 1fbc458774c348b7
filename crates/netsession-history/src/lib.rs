//! Stores who was connected.
mod error;
mod interval;
mod matching;
mod round;
mod seconds;
mod tracker;
pub use error::{Error, Holder};
pub use interval::{Gap, GapCause, Interval, Server};
pub use round::{File, Outcome, Round, Session};
