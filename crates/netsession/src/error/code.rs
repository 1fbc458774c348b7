use std::fmt;

use netsession_proto::auth::AuthError;
use netsession_proto::auth::kerberos::KrbErrorCode;
use netsession_proto::client::{self, Refusal};
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::rpce::FaultStatus;

use super::Cause;
use crate::logon_guard::Reason;

/// A number that a server sent, with the table it is to be looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Status(NtStatus),
    Win32(Win32Error),
    Fault(FaultStatus),
    Kerberos(KrbErrorCode),
}

impl Code {
    pub(super) fn of(cause: &Cause) -> Option<Self> {
        match cause {
            Cause::Conversation(cause) => Self::of_conversation(cause),
            Cause::System(code) => Some(Self::Win32(*code)),
            Cause::Blocked(refusal) => match refusal.reason {
                Reason::Status(status) => Some(Self::Status(status)),
                Reason::Kerberos(code) => Some(Self::Kerberos(code)),
                Reason::Guest => None,
            },
            Cause::Kerberos(error) => error.code().map(Self::Kerberos),
            _ => None,
        }
    }

    pub(super) fn of_conversation(cause: &client::Cause) -> Option<Self> {
        match cause {
            client::Cause::Status(status)
            | client::Cause::LogOnRefused(status)
            | client::Cause::EncryptionDemanded(Some(status)) => Some(Self::Status(*status)),
            client::Cause::Refused(refusal) | client::Cause::LevelNotSupported { refusal, .. } => {
                Some(match *refusal {
                    Refusal::Code(code) => Self::Win32(code),
                    Refusal::Fault(fault) => Self::Fault(fault),
                })
            }
            client::Cause::Authentication(AuthError::Kerberos(error)) => error.code().map(Self::Kerberos),
            _ => None,
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

    /// In plain English.
    pub(super) fn meaning(self) -> Option<&'static str> {
        match self {
            Self::Status(status) => status.text(),
            Self::Win32(error) => error.text(),
            Self::Fault(status) => status.text(),
            Self::Kerberos(code) => code.text(),
        }
    }

    pub(super) fn is_access_denied(self) -> bool {
        match self {
            Self::Status(status) => {
                matches!(status, NtStatus::ACCESS_DENIED | NtStatus::NETWORK_ACCESS_DENIED)
            }
            Self::Win32(error) => {
                matches!(error, Win32Error::ACCESS_DENIED | Win32Error::NETWORK_ACCESS_DENIED)
            }
            Self::Fault(status) => status == FaultStatus::ACCESS_DENIED,
            Self::Kerberos(_) => false,
        }
    }

    /// Whether the server is likely to answer otherwise a moment later.
    pub(super) fn is_transient(self) -> bool {
        match self {
            Self::Status(status) => is_passing(status) || PIPE_AND_CONNECTION.contains(&status),
            // ERROR_NOT_ENOUGH_MEMORY, ERROR_OUTOFMEMORY, ERROR_BUSY, NERR_NoRoom
            Self::Win32(Win32Error(code)) => matches!(code, 8 | 14 | 170 | 2119),
            Self::Kerberos(code) => code == KrbErrorCode::SVC_UNAVAILABLE,
            // nca_s_server_too_busy, nca_s_fault_remote_no_memory, RPC_S_SERVER_TOO_BUSY
            Self::Fault(FaultStatus(code)) => matches!(code, 0x1C01_0014 | 0x1C00_001B | 1723),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Kerberos(code) = self {
            return code.fmt(f);
        }
        if let Some(name) = self.name() {
            write!(f, "{name} ")?;
        }
        match self {
            Self::Win32(error) => write!(f, "{}", error.0),
            _ => write!(f, "0x{:08X}", self.number()),
        }
    }
}

/// Whether an error status in answer to SESSION_SETUP says something about the server alone. Every other
/// one counts as a refusal of the account, known or not: a log-on too few is better than an account locked.
pub(crate) fn says_nothing_about_the_account(status: NtStatus) -> bool {
    is_passing(status) || BROKEN_TRUST.contains(&status)
}

/// The server has no means or no time just now.
fn is_passing(status: NtStatus) -> bool {
    PASSING.contains(&status)
}

const PASSING: [NtStatus; 11] = [
    NtStatus::NO_MEMORY,
    NtStatus::NO_LOGON_SERVERS,
    NtStatus::INSUFFICIENT_RESOURCES,
    NtStatus::IO_TIMEOUT,
    NtStatus::TOO_MANY_SESSIONS,
    NtStatus::REQUEST_NOT_ACCEPTED,
    NtStatus::NETLOGON_NOT_STARTED,
    NtStatus::USER_SESSION_DELETED,
    NtStatus::INSUFF_SERVER_RESOURCES,
    NtStatus::DOMAIN_CONTROLLER_NOT_FOUND,
    NtStatus::NETWORK_SESSION_EXPIRED,
];

/// The server's own membership in its domain is broken: the password reached nobody.
const BROKEN_TRUST: [NtStatus; 4] = [
    NtStatus::NO_TRUST_LSA_SECRET,
    NtStatus::NO_TRUST_SAM_ACCOUNT,
    NtStatus::TRUSTED_DOMAIN_FAILURE,
    NtStatus::TRUSTED_RELATIONSHIP_FAILURE,
];

const PIPE_AND_CONNECTION: [NtStatus; 6] = [
    NtStatus::INSTANCE_NOT_AVAILABLE,
    NtStatus::PIPE_NOT_AVAILABLE,
    NtStatus::PIPE_BUSY,
    NtStatus::NETWORK_NAME_DELETED,
    NtStatus::CONNECTION_DISCONNECTED,
    NtStatus::CONNECTION_RESET,
];
