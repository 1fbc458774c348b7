//! Stores who was connected to SMB file servers, and when: intervals of sessions and of open files, and the gaps in
//! which nothing is known, in one file.
//!
//! | start here | for |
//! |---|---|
//! | [`Recorder`] | the one process that records: what servers answered goes in, a transaction a round |
//! | [`History`], [`Query`] | any process that asks, also while another one records |
//! | [`forget`] | erases a user, by the process that records if there is one |
//!
//! The crate asks no server and knows no protocol. Which database is in it, is known to one module: another one can
//! take its place. With the feature `netsession` it takes what that library lists (`Outcome::from_listed`).
//!
//! # What is certain
//!
//! - An interval begins when the server says so (`from_exact`), or when it was seen first. It ends with the first answer
//!   without it (`until_exact`), or, where answers are missing, at an unknown time after the last answer with it.
//! - A clock that is set makes a gap, and ends all intervals: none is negative, and none is longer than what was seen.
//! - A machine that sleeps leaves a gap, and ends nothing, where [`Uptime`] goes on in sleep.
//! - A process that is killed loses what it has not committed. What was there ends with the last answer that is stored.

mod coding;
mod error;
mod history;
mod interval;
#[cfg(feature = "netsession")]
mod listed;
mod matching;
mod recorder;
mod round;
mod seconds;
mod settings;
mod size_limit;
mod store;
mod tracker;
mod uptime;
mod write_status;

pub use error::{Error, Holder};
pub use history::{History, Query};
pub use interval::{Gap, GapCause, Interval, Server};
pub use recorder::{Erased, Recorder, forget};
pub use round::{File, Outcome, Round, Session};
pub use settings::Settings;
pub use uptime::Uptime;
pub use write_status::WriteStatus;
