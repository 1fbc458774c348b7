use std::borrow::Cow;

use crate::error::{ErrorKind, Step};

/// The classification of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::error) struct Verdict {
    pub(in crate::error) kind: ErrorKind,
    /// Whether a retry without any change can help and is safe.
    pub(in crate::error) is_retryable: bool,
    pub(in crate::error) blames: Blames,
    /// What usually causes it and what to do, in one or two sentences.
    pub(in crate::error) advice: Option<Cow<'static, str>>,
}

/// The party that a failure counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::error) enum Blames {
    /// The account or its secret: another log-on may lock the account.
    Account,
    /// The server: other servers may accept the same account.
    Server,
    /// A log-on whose result is not known: the server may have counted it as a wrong one.
    Unknown,
    /// Neither: this machine, the network, the request, or a domain controller.
    None,
}

/// Where a failure happened.
#[derive(Debug, Clone, Copy)]
pub(in crate::error) struct Place {
    /// `None` before the first packet.
    pub(in crate::error) step: Option<Step>,
    /// Whether the server was shown a Kerberos ticket.
    pub(in crate::error) by_ticket: bool,
}

impl Verdict {
    /// A request that was wrong before the first packet: its text says what to correct.
    pub(super) fn invalid_request() -> Self {
        Self { kind: ErrorKind::InvalidRequest, is_retryable: false, blames: Blames::None, advice: None }
    }

    /// A failure that a retry does not fix.
    pub(super) fn lasting(kind: ErrorKind, blames: Blames, advice: &'static str) -> Self {
        Self { kind, is_retryable: false, blames, advice: Some(advice.into()) }
    }

    /// A failure that a retry can fix.
    pub(super) fn passing(kind: ErrorKind, blames: Blames, advice: &'static str) -> Self {
        Self { is_retryable: true, ..Self::lasting(kind, blames, advice) }
    }
}
