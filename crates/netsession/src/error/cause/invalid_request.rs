use std::error::Error;

use netsession_proto::client;

use crate::{BackendConflict, ParseAccountError, ParseServerNameError};

/// Why a request is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvalidRequest {
    /// The text names no server.
    Server(ParseServerNameError),
    /// No server is named, and only Windows can be asked about this machine.
    ThisMachine,
    /// The text names no account.
    Account(ParseAccountError),
    NoCredentials,
    ZeroTimeout,
    /// The lowest dialect is above the highest.
    Dialects,
    /// Kerberos is required, with credentials for NTLM alone.
    NtlmAlone,
    /// Kerberos is switched off, with credentials for Kerberos alone.
    KerberosAlone,
    /// The Windows backend is wanted, and cannot ask.
    Backend(BackendConflict),
    /// A name that no server need take.
    Name(client::InvalidRequest),
    /// The share or the computer of [`Connections`](crate::Connections) has no name that the call takes.
    Qualifier,
    /// The file that is to be closed was listed by its id alone.
    FileWithoutPath,
    /// The session that is to be ended was listed without a client or a user.
    NamelessSession,
    /// The session that is to be ended may be the caller's own.
    OwnSession,
}

impl From<client::InvalidRequest> for InvalidRequest {
    fn from(error: client::InvalidRequest) -> Self {
        Self::Name(error)
    }
}

impl InvalidRequest {
    /// The error underneath, where another type has found it.
    pub(crate) fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Server(error) => Some(error),
            Self::Account(error) => Some(error),
            Self::Name(error) => Some(error),
            Self::ThisMachine
            | Self::NoCredentials
            | Self::ZeroTimeout
            | Self::Dialects
            | Self::NtlmAlone
            | Self::KerberosAlone
            | Self::Backend(_)
            | Self::Qualifier
            | Self::FileWithoutPath
            | Self::NamelessSession
            | Self::OwnSession => None,
        }
    }
}
