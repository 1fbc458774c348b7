use std::fmt;

use netsession_proto::client;
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
}

impl Code {
    pub(super) fn of(cause: &Cause) -> Option<Self> {
        match cause {
            Cause::Conversation(cause) => Self::of_conversation(cause),
            Cause::Blocked(refusal) => match refusal.reason {
                Reason::Status(status) => Some(Self::Status(status)),
                Reason::Guest => None,
            },
            _ => None,
        }
    }

    pub(super) fn of_conversation(cause: &client::Cause) -> Option<Self> {
        match cause {
            client::Cause::Status(status) | client::Cause::LogOnRefused(status) => {
                Some(Self::Status(*status))
            }
            client::Cause::Refused(error) => Some(Self::Win32(*error)),
            client::Cause::Fault(status) => Some(Self::Fault(*status)),
            // A return code, or an RPC fault: those have 0x1C in front, or are Windows' own 0x6F7.
            client::Cause::LevelNotSupported { code, .. } if *code >= 0x1C00_0000 => {
                Some(Self::Fault(FaultStatus(*code)))
            }
            client::Cause::LevelNotSupported { code, .. } => Some(Self::Win32(Win32Error(*code))),
            _ => None,
        }
    }

    pub(super) fn number(self) -> u32 {
        match self {
            Self::Status(status) => status.0,
            Self::Win32(error) => error.0,
            Self::Fault(status) => status.0,
        }
    }

    pub(super) fn name(self) -> Option<&'static str> {
        None
    }

    pub(super) fn meaning(self) -> Option<&'static str> {
        None
    }

    pub(super) fn is_access_denied(self) -> bool {
        match self {
            // STATUS_ACCESS_DENIED, STATUS_NETWORK_ACCESS_DENIED
            Self::Status(NtStatus(status)) => matches!(status, 0xC000_0022 | 0xC000_00CA),
            Self::Win32(Win32Error(code)) | Self::Fault(FaultStatus(code)) => code == 5,
        }
    }

    /// Whether the server is likely to answer otherwise a moment later.
    pub(super) fn is_transient(self) -> bool {
        match self {
            Self::Status(status) => is_passing(status) || PIPE_AND_CONNECTION.contains(&status.0),
            // ERROR_NOT_ENOUGH_MEMORY, ERROR_OUTOFMEMORY, ERROR_BUSY, NERR_NoRoom
            Self::Win32(Win32Error(code)) => matches!(code, 8 | 14 | 170 | 2119),
            // nca_s_server_too_busy, nca_s_fault_remote_no_memory, RPC_S_SERVER_TOO_BUSY
            Self::Fault(FaultStatus(code)) => matches!(code, 0x1C01_0014 | 0x1C00_001B | 1723),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            write!(f, "{name} ")?;
        }
        match self {
            Self::Win32(error) => write!(f, "{}", error.0),
            Self::Status(_) | Self::Fault(_) => write!(f, "0x{:08X}", self.number()),
        }
    }
}

/// Whether an error status in answer to SESSION_SETUP says something about the server alone. Every other
/// one counts as a refusal of the account, known or not: a log-on too few is better than an account locked.
pub(crate) fn says_nothing_about_the_account(status: NtStatus) -> bool {
    is_passing(status) || BROKEN_TRUST.contains(&status.0)
}

/// The server has no means or no time just now.
fn is_passing(status: NtStatus) -> bool {
    PASSING.contains(&status.0)
}

const PASSING: [u32; 11] = [
    0xC000_0017, // STATUS_NO_MEMORY
    0xC000_005E, // STATUS_NO_LOGON_SERVERS
    0xC000_009A, // STATUS_INSUFFICIENT_RESOURCES
    0xC000_00B5, // STATUS_IO_TIMEOUT
    0xC000_00CE, // STATUS_TOO_MANY_SESSIONS
    0xC000_00D0, // STATUS_REQUEST_NOT_ACCEPTED
    0xC000_0192, // STATUS_NETLOGON_NOT_STARTED
    0xC000_0203, // STATUS_USER_SESSION_DELETED
    0xC000_0205, // STATUS_INSUFF_SERVER_RESOURCES
    0xC000_0233, // STATUS_DOMAIN_CONTROLLER_NOT_FOUND
    0xC000_035C, // STATUS_NETWORK_SESSION_EXPIRED
];

/// The server's own membership in its domain is broken: the password reached nobody.
const BROKEN_TRUST: [u32; 4] = [
    0xC000_018A, // STATUS_NO_TRUST_LSA_SECRET
    0xC000_018B, // STATUS_NO_TRUST_SAM_ACCOUNT
    0xC000_018C, // STATUS_TRUSTED_DOMAIN_FAILURE
    0xC000_018D, // STATUS_TRUSTED_RELATIONSHIP_FAILURE
];

const PIPE_AND_CONNECTION: [u32; 6] = [
    0xC000_00AB, // STATUS_INSTANCE_NOT_AVAILABLE
    0xC000_00AC, // STATUS_PIPE_NOT_AVAILABLE
    0xC000_00AE, // STATUS_PIPE_BUSY
    0xC000_00C9, // STATUS_NETWORK_NAME_DELETED
    0xC000_020C, // STATUS_CONNECTION_DISCONNECTED
    0xC000_020D, // STATUS_CONNECTION_RESET
];
