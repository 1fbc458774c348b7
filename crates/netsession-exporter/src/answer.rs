use std::time::SystemTime;

use netsession::{Error, ErrorKind, Timings};

use crate::summary::Summary;

/// What became of a probe.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) result: Result<Summary, ErrorKind>,
    pub(crate) timings: Timings,
    pub(crate) at: SystemTime,
}

impl Answer {
    pub(crate) fn of(result: Result<Summary, &Error>, timings: Timings) -> Self {
        Self { result: result.map_err(Error::kind), timings, at: SystemTime::now() }
    }

    /// One that no server was asked for.
    pub(crate) fn without_server(kind: ErrorKind) -> Self {
        Self { result: Err(kind), timings: Timings::default(), at: SystemTime::now() }
    }

    pub(crate) fn is_timed_out(&self) -> bool {
        self.result == Err(ErrorKind::TimedOut)
    }
}
