use std::fmt;

use netsession_proto::auth::kerberos::KrbErrorCode;
use netsession_proto::erref::NtStatus;

use crate::ServerName;

/// The log-on that the guard acts on: the server, and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogOnRefusal {
    /// The server, as the user named it.
    pub(crate) server: String,
    pub(crate) reason: Reason,
}

/// The answer to a log-on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The status that answered SESSION_SETUP.
    Status(NtStatus),
    /// The error of a domain controller (KDC).
    Kerberos(KrbErrorCode),
    /// None: the log-on is unanswered.
    NoAnswer,
}

/// Why no log-on is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denial {
    /// Until the caller allows the account again.
    Blocked(LogOnRefusal),
    /// Log-ons are unanswered, and may have been counted as wrong ones.
    Unanswered(LogOnRefusal),
}

/// The end of a log-on that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogOnResult {
    Accepted,
    /// The account or its secret was refused.
    Refused(Reason),
    /// The server failed by itself: it counted no wrong log-on.
    ServerFailed,
    /// The result is not known, and will not be.
    Unknown(Reason),
}

/// The peer that a secret is shown to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Peer {
    /// A file server. Every spelling of its name is the same one.
    Server(ServerName),
    DomainController,
}

/// A server as the user named it.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(name) => name.fmt(f),
            Self::DomainController => f.write_str("the domain controller"),
        }
    }
}
