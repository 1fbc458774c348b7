use netsession_proto::auth::AuthError;
use netsession_proto::auth::kerberos::KrbErrorCode;
use netsession_proto::client;
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::rpce::FaultStatus;

use super::Cause;
use crate::logon_guard::Reason;

/// A number that a server or a domain controller sent, with the table that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// \[MS-ERREF\] 2.3.
    Status(NtStatus),
    /// \[MS-ERREF\] 2.2.
    Win32(Win32Error),
    /// C706 appendix E, \[MS-RPCE\] 3.1.1.5.5.
    Fault(FaultStatus),
    /// RFC 4120, section 7.5.9.
    Kerberos(KrbErrorCode),
}

impl Code {
    pub(super) fn from_cause(cause: &Cause) -> Option<Self> {
        match cause {
            Cause::Conversation(cause) => Self::from_wire(cause),
            #[cfg(any(windows, test))]
            Cause::System(code) => Some(Self::Win32(*code)),
            Cause::Blocked(refusal) | Cause::Unanswered(refusal) => match refusal.reason {
                Reason::Status(status) => Some(Self::Status(status)),
                Reason::Kerberos(code) => Some(Self::Kerberos(code)),
                Reason::NoAnswer => None,
            },
            Cause::Kerberos(error) => error.code().map(Self::Kerberos),
            Cause::InvalidRequest(_)
            | Cause::Changed(_)
            | Cause::Resolve(_)
            | Cause::Connect(_)
            | Cause::TimedOut(_)
            | Cause::ClientClosed
            | Cause::Local(_) => None,
        }
    }

    pub(super) fn from_wire(cause: &client::Cause) -> Option<Self> {
        match cause {
            client::Cause::Status(status)
            | client::Cause::LogOnRefused(status)
            | client::Cause::EncryptionDemanded(Some(status)) => Some(Self::Status(*status)),
            client::Cause::Refused(refusal) | client::Cause::LevelNotSupported { refusal, .. } => {
                Some(Self::from_refusal(*refusal))
            }
            client::Cause::Authentication(AuthError::Kerberos(error)) => error.code().map(Self::Kerberos),
            client::Cause::Authentication(_)
            | client::Cause::TimedOut
            | client::Cause::Closed
            | client::Cause::Reset
            | client::Cause::Smb1Only
            | client::Cause::HostDenied(_)
            | client::Cause::NotSmb(_)
            | client::Cause::Malformed(_)
            | client::Cause::Misbehaved(_)
            | client::Cause::Integrity(_)
            | client::Cause::Guest
            | client::Cause::BindRefused(_)
            | client::Cause::EncryptionUnavailable
            | client::Cause::EncryptionDemanded(None)
            | client::Cause::Unsupported(_)
            | client::Cause::Limit(_)
            | client::Cause::InvalidRequest(_) => None,
        }
    }

    pub(super) fn from_refusal(refusal: client::Refusal) -> Self {
        match refusal {
            client::Refusal::Code(code) => Self::Win32(code),
            client::Refusal::Fault(fault) => Self::Fault(fault),
        }
    }

    pub(super) fn number(self) -> u32 {
        match self {
            Self::Status(status) => status.0,
            Self::Win32(error) => error.0,
            Self::Fault(status) => status.0,
            Self::Kerberos(code) => code.0,
        }
    }

    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Status(status) => status.name(),
            Self::Win32(error) => error.name(),
            Self::Fault(status) => status.name(),
            Self::Kerberos(code) => code.name(),
        }
    }

    pub(super) fn is_access_denied(self) -> bool {
        match self {
            Self::Status(status) => status.is_access_denied(),
            Self::Win32(error) => client::Refusal::Code(error).is_access_denied(),
            Self::Fault(status) => client::Refusal::Fault(status).is_access_denied(),
            Self::Kerberos(_) => false,
        }
    }
}
