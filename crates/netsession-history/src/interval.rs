//! What the store answers: intervals and gaps.

use std::time::SystemTime;

/// A session or a file, and from when until when it was there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interval<T> {
    /// The server, as it is shown.
    pub server: String,
    /// Its beginning.
    pub from: SystemTime,
    /// Whether it began then. Otherwise it is the first time that it was seen: it may have begun earlier.
    pub from_exact: bool,
    /// Its end: the first answer without it. Where that is not known within one round, the last answer with it, and
    /// `until_exact` is false. `None` while it is there.
    pub until: Option<SystemTime>,
    /// Whether it ended at `until`, within one round. Otherwise it was there at `until`, and ended at an unknown time
    /// later.
    pub until_exact: bool,
    /// The session or the file, as it was listed last. The numbers that change while it lasts (open files, idle time)
    /// are stored at its end: they are `None` before, and where the end was not seen.
    pub item: T,
}

/// A time in which a server was not asked, did not answer, or did not list its files.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The server, as it is shown.
    pub server: String,
    /// The last answer before it.
    pub from: SystemTime,
    /// The first answer after it; `None` where it lasts.
    pub until: Option<SystemTime>,
    /// Why.
    pub cause: GapCause,
}

/// Why nothing is known of a server in a time.
///
/// Not `non_exhaustive`: code that reads gaps has to know what a new cause says of the time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GapCause {
    /// Nothing was recorded.
    NotRecorded,
    /// The recorder ran and did not ask in time: the machine slept, or was too busy.
    Late,
    /// The server did not answer; the first reason, in words.
    Failed(String),
    /// The server listed its sessions and not its open files; the first reason, in words. Nothing is known of files.
    FilesFailed(String),
    /// The clock of the recording machine was set: times within the gap may stand for two moments, or for none.
    ClockSet,
}

/// A server of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// As it is shown.
    pub name: String,
    /// When it answered first; `None` if it never did.
    pub first: Option<SystemTime>,
    /// When it answered last.
    pub last: Option<SystemTime>,
    /// When it listed its open files last; `None` if it was never asked for them, or never listed them.
    pub last_files: Option<SystemTime>,
    /// Since when it does not answer, and why.
    pub failing: Option<(SystemTime, String)>,
}
