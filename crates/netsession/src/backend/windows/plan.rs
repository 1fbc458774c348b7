use std::time::{Duration, Instant};

use netsession_proto::client::Limits;

use crate::deadlines::later;
use crate::error::{Error, InvalidRequest};
use crate::memory_budget::MemoryBudget;
use crate::server_memory::ServerMemory;
use crate::server_name::Server;
use crate::settings::Settings;

/// The checked settings of a call by Windows, and the deadline, which began with `connect()`.
#[derive(Debug, Clone)]
pub(crate) struct WindowsPlan {
    pub(crate) server: Server,
    pub(super) limits: Limits,
    pub(super) budget: MemoryBudget,
    pub(super) memory: ServerMemory,
    pub(crate) deadline: Instant,
    timeout: Duration,
}

impl WindowsPlan {
    pub(crate) fn new(settings: &Settings, now: Instant) -> Result<Self, Error> {
        let server = settings.server()?.clone();
        if settings.timeout.is_zero() {
            return Err(Error::invalid(InvalidRequest::ZeroTimeout).with_server(server.to_string()));
        }
        let timeout = settings.timeout;
        Ok(Self {
            server,
            limits: settings.limits,
            budget: settings.budget.clone(),
            memory: settings.memory.clone(),
            deadline: later(now, timeout),
            timeout,
        })
    }

    /// The deadline of a question that begins now, after the first one.
    pub(crate) fn renewed(&self, now: Instant) -> Instant {
        later(now, self.timeout)
    }
}
