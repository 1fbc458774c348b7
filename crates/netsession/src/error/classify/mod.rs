//! One judgement of each failure: kind, retry, blame and advice.
//!
//! Everything that depends on the sort of a failure reads its [`Verdict`]: the kind in the API, in JSON and in
//! metrics, the exit code, the log-on guard, and what an administrator is advised to do. Causes are closed enums and
//! are matched without a wildcard: a new cause does not compile until it is classified here. Only the numbers that
//! servers send (statuses, return codes, faults) are open, and have a default.
//!
//! | file | source of the failure |
//! |---|---|
//! | `connection` | resolver, TCP, deadline, this machine |
//! | `conversation` | the state machine of the protocol |
//! | `log_on` | the status that answers SESSION_SETUP, and the log-on guard |
//! | `kerberos` | the system's Kerberos library, a domain controller |
//! | `answer` | a status, a return code or a fault from a server that logged the caller on |
//! | `system` | a return code of the system's own call |

mod answer;
mod connection;
mod conversation;
mod kerberos;
mod log_on;
#[cfg(any(windows, test))]
mod system;

#[cfg(any(windows, test))]
pub(super) use system::step as system_step;

use std::borrow::Cow;

use super::{Cause, ErrorKind, Step};

/// What a failure is, and what follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) kind: ErrorKind,
    /// Whether another try with nothing changed can help, and does no harm.
    pub(super) is_retryable: bool,
    pub(super) blames: Blames,
    /// What usually causes it and what to do, in one or two sentences.
    pub(super) advice: Option<Cow<'static, str>>,
}

/// What a failure says something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blames {
    /// The account or its secret: another log-on may lock the account.
    Account,
    /// The server: other servers may accept the same account.
    Server,
    /// Neither: this machine, the network, the request, or a domain controller.
    Nobody,
}

/// Where a failure happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// `None` before the first packet.
    pub(super) step: Option<Step>,
    /// Whether the server was shown a Kerberos ticket.
    pub(super) by_ticket: bool,
}

/// Judges a failure.
pub(super) fn classify(cause: &Cause, place: Place) -> Verdict {
    match cause {
        Cause::InvalidRequest(_) => invalid_request(),
        Cause::Resolve(error) => connection::unresolved(error),
        Cause::Connect(tried) => connection::unconnected(tried),
        Cause::TimedOut(_) => connection::timed_out(place.step),
        Cause::Blocked(_) => log_on::blocked(),
        Cause::ClientClosed => connection::client_closed(),
        Cause::Local(_) => connection::local(),
        #[cfg(any(windows, test))]
        Cause::System(code) => system::returned(*code, place),
        Cause::Kerberos(error) => kerberos::failed(error),
        Cause::Conversation(cause) => conversation::ended(cause, place),
    }
}

/// A request that was wrong before the first packet: its text says what to correct.
fn invalid_request() -> Verdict {
    Verdict { kind: ErrorKind::InvalidRequest, is_retryable: false, blames: Blames::Nobody, advice: None }
}

impl Verdict {
    /// A failure that another try does not help.
    fn lasting(kind: ErrorKind, blames: Blames, advice: &'static str) -> Self {
        Self { kind, is_retryable: false, blames, advice: Some(advice.into()) }
    }

    /// A failure that another try can help.
    fn passing(kind: ErrorKind, blames: Blames, advice: &'static str) -> Self {
        Self { is_retryable: true, ..Self::lasting(kind, blames, advice) }
    }
}
