use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use netsession_proto::client::{Config, Limits};

use super::ways::{Way, ways};
use crate::deadlines::later;
use crate::error::{Cause, Error, InvalidRequest, Step};
use crate::logon_guard::{Denial, Guard, Peer, patience};
use crate::memory_budget::MemoryBudget;
use crate::resolve::Resolve;
use crate::server_memory::ServerMemory;
use crate::settings::Settings;
use crate::{Credentials, Kerberos, ParseAccountError, ServerName, ServicePrincipal};

/// The checked settings of an SMB connection, and the deadline, which began with `connect()`.
#[derive(Debug, Clone)]
pub(crate) struct SmbPlan {
    pub(crate) server: ServerName,
    pub(super) credentials: Credentials,
    pub(super) kerberos: Kerberos,
    pub(super) guard: Arc<Guard>,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) memory: ServerMemory,
    pub(crate) deadline: Instant,
    /// Whether the wait for the log-on guard is not the server's time: it moves the deadline.
    pub(super) moves_deadline: bool,
    connect_timeout: Duration,
    settings: Settings,
}

impl SmbPlan {
    pub(crate) fn new(settings: Settings, now: Instant) -> Result<Self, Error> {
        let server = settings.server_name()?.clone();
        let invalid = |request: InvalidRequest| Err(Error::invalid(request).with_server(server.to_string()));
        let Some(credentials) = settings.credentials.clone() else {
            return invalid(InvalidRequest::NoCredentials);
        };
        if credentials.account().user().is_empty() {
            // An empty user name is an anonymous log-on in NTLM.
            return invalid(InvalidRequest::Account(ParseAccountError::EmptyUser));
        }
        if settings.timeout.is_zero() || settings.connect_timeout.is_zero() {
            return invalid(InvalidRequest::ZeroTimeout);
        }
        let (min_dialect, max_dialect) = settings.connection.dialects();
        if min_dialect > max_dialect {
            return invalid(InvalidRequest::Dialects);
        }
        let plan = Self {
            deadline: later(now, settings.timeout),
            moves_deadline: false,
            connect_timeout: settings.connect_timeout,
            guard: Arc::clone(&settings.guard),
            resolver: Arc::clone(&settings.resolver),
            memory: settings.memory.clone(),
            kerberos: settings.connection.kerberos,
            credentials,
            server,
            settings,
        };
        // Before the first packet: no usable mechanism, or a blocked account, is an error at once.
        plan.ways()?;
        match plan.guard.check(&plan.credentials.account(), &plan.credentials.secret(), plan.peer()) {
            Ok(()) => Ok(plan),
            Err(denial) => Err(plan.named(denied(denial))),
        }
    }

    /// The server as the log-on guard knows it.
    pub(super) fn peer(&self) -> Peer {
        Peer::Server(self.server.clone())
    }

    /// For one of many servers in one run: the wait for the log-on guard is not this server's time.
    #[cfg(feature = "tokio")]
    pub(crate) fn as_one_of_many(&mut self) {
        self.moves_deadline = self.guard.rules().is_one_run();
    }

    /// The wait for the log-on guard is not this server's time.
    #[cfg(feature = "tokio")]
    pub(crate) fn without_the_wait_for_the_guard(&mut self) {
        self.moves_deadline = true;
    }

    /// The same plan, with another deadline.
    pub(super) fn until(&self, deadline: Instant) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// The ways to log on, best first.
    pub(super) fn ways(&self) -> Result<VecDeque<Way>, Error> {
        ways(&self.server, &self.credentials, self.kerberos, self.settings.connection.service.as_ref())
    }

    /// The service that a ticket is wanted for.
    pub(super) fn service(&self) -> ServicePrincipal {
        let named = self.settings.connection.service.clone();
        named.unwrap_or_else(|| ServicePrincipal::for_host(self.server.host_without_scope()))
    }

    /// The error, with the server and the account that it belongs to.
    pub(super) fn named(&self, error: Error) -> Error {
        error.with_server(self.server.to_string()).with_account(Some(self.credentials.account()))
    }

    /// Moves the deadline by a wait that was not the server's.
    #[cfg(feature = "tokio")]
    pub(crate) fn put_off(&mut self, waited: Duration) {
        self.deadline = later(self.deadline, waited);
    }

    /// When a TCP connect that begins now must be done.
    pub(super) fn connect_deadline(&self, now: Instant) -> Instant {
        self.deadline.min(later(now, self.connect_timeout))
    }

    /// Maximum time that this log-on may delay others.
    pub(super) fn patience(&self) -> Duration {
        patience(self.settings.timeout)
    }

    /// The deadline of a question that begins now, after the first one.
    pub(crate) fn renewed(&self, now: Instant) -> Instant {
        later(now, self.settings.timeout)
    }

    /// The limits of one answer.
    pub(super) fn limits(&self) -> Limits {
        self.settings.limits
    }

    /// The memory that all answers may take together.
    pub(super) fn budget(&self) -> &MemoryBudget {
        &self.settings.budget
    }

    pub(super) fn config(&self) -> Config {
        let (min_dialect, max_dialect) = self.settings.connection.dialects();
        Config {
            min_dialect,
            max_dialect,
            encryption: self.settings.connection.encryption,
            limits: self.settings.limits,
            single_steps: self.memory.single_steps(&self.server),
            ..Config::new(self.server.host_without_scope(), self.deadline)
        }
    }
}

/// The error of a log-on that the guard does not let through.
pub(super) fn denied(denial: Denial) -> Error {
    Error::new(
        Step::LogOn,
        match denial {
            Denial::Blocked(refusal) => Cause::Blocked(refusal),
            Denial::Unanswered(refusal) => Cause::Unanswered(refusal),
        },
    )
}
