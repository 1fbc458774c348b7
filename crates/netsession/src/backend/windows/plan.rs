use std::time::{Duration, Instant};

use netsession_proto::client::Limits;

use super::server::Server;
use crate::deadlines::later;
use crate::error::Error;
use crate::settings::Settings;

/// What the system is to be asked, found to be sound, and the deadline that has begun with `connect()`.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) server: Server,
    pub(super) limits: Limits,
    pub(crate) deadline: Instant,
    timeout: Duration,
}

impl Plan {
    pub(crate) fn new(settings: &Settings, now: Instant) -> Result<Self, Error> {
        let invalid = |text: String| Error::invalid(text).at(settings.server.clone());
        let server = Server::parse(&settings.server).map_err(|error| invalid(error.to_string()))?;
        if settings.timeout.is_zero() {
            return Err(invalid("a timeout of zero".into()));
        }
        let timeout = settings.timeout;
        Ok(Self { server, limits: settings.limits, deadline: later(now, timeout), timeout })
    }

    /// The deadline of a question that begins now, after the first one.
    pub(crate) fn renewed(&self, now: Instant) -> Instant {
        later(now, self.timeout)
    }
}
