//! Codes of the system's own call that say that it did not get as far as the server's answer.
//!
//! Over the wire the same events are an error of a socket or a status of SESSION_SETUP. They get the same
//! kind and the same advice here; shown is the code that the system gave.

#[cfg(any(windows, test))]
use netsession_proto::client;
use netsession_proto::erref::{NtStatus, Win32Error};

use super::ErrorKind;
#[cfg(any(windows, test))]
use super::Step;
use super::code::says_nothing_about_the_account;

/// What became of a call that did not get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failed {
    /// There is no way to the server.
    Unreachable,
    /// The connection ended during the call.
    CutOff,
    /// The system gave up waiting.
    TimedOut,
    /// The log-on to the server failed, as this status says.
    LogOn(NtStatus),
}

/// Where the call ended; `None` when the code is an answer of the server like any other.
#[cfg(any(windows, test))]
pub(super) fn step(code: Win32Error) -> Option<Step> {
    Some(match failed(code)? {
        Failed::Unreachable => Step::Connect,
        Failed::CutOff | Failed::TimedOut => Step::Conversation(client::Step::Enumerate),
        Failed::LogOn(_) => Step::Conversation(client::Step::LogOn),
    })
}

pub(super) fn kind(code: Win32Error) -> ErrorKind {
    match failed(code) {
        Some(Failed::Unreachable) => ErrorKind::Connect,
        Some(Failed::CutOff) => ErrorKind::Closed,
        Some(Failed::TimedOut) => ErrorKind::TimedOut,
        Some(Failed::LogOn(status)) if !says_nothing_about_the_account(status) => ErrorKind::LogOnRefused,
        Some(Failed::LogOn(_)) | None => ErrorKind::Status,
    }
}

/// The status that the wire would have shown for the same refusal of a log-on.
pub(super) fn log_on_status(code: Win32Error) -> Option<NtStatus> {
    match failed(code)? {
        Failed::LogOn(status) => Some(status),
        _ => None,
    }
}

fn failed(code: Win32Error) -> Option<Failed> {
    Some(match code {
        Win32Error::REM_NOT_LIST
        | Win32Error::BAD_NETPATH
        | Win32Error::NO_NET_OR_BAD_PATH
        | Win32Error::CONNECTION_REFUSED
        | Win32Error::NETWORK_UNREACHABLE
        | Win32Error::HOST_UNREACHABLE
        | Win32Error::PORT_UNREACHABLE
        | Win32Error::RPC_S_SERVER_UNAVAILABLE
        | Win32Error::NERR_UNKNOWN_SERVER => Failed::Unreachable,
        Win32Error::NETNAME_DELETED | Win32Error::CONNECTION_ABORTED => Failed::CutOff,
        Win32Error::SEM_TIMEOUT | Win32Error::TIMEOUT => Failed::TimedOut,
        Win32Error::INVALID_PASSWORD
        | Win32Error::WRONG_PASSWORD
        | Win32Error::NO_SUCH_USER
        | Win32Error::LOGON_FAILURE => Failed::LogOn(NtStatus::LOGON_FAILURE),
        Win32Error::ACCOUNT_RESTRICTION => Failed::LogOn(NtStatus::ACCOUNT_RESTRICTION),
        Win32Error::INVALID_LOGON_HOURS => Failed::LogOn(NtStatus::INVALID_LOGON_HOURS),
        Win32Error::INVALID_WORKSTATION => Failed::LogOn(NtStatus::INVALID_WORKSTATION),
        Win32Error::PASSWORD_EXPIRED => Failed::LogOn(NtStatus::PASSWORD_EXPIRED),
        Win32Error::ACCOUNT_DISABLED => Failed::LogOn(NtStatus::ACCOUNT_DISABLED),
        Win32Error::LOGON_NOT_GRANTED | Win32Error::LOGON_TYPE_NOT_GRANTED => {
            Failed::LogOn(NtStatus::LOGON_TYPE_NOT_GRANTED)
        }
        Win32Error::TIME_SKEW => Failed::LogOn(NtStatus::TIME_DIFFERENCE_AT_DC),
        Win32Error::ACCOUNT_EXPIRED => Failed::LogOn(NtStatus::ACCOUNT_EXPIRED),
        Win32Error::PASSWORD_MUST_CHANGE => Failed::LogOn(NtStatus::PASSWORD_MUST_CHANGE),
        Win32Error::ACCOUNT_LOCKED_OUT => Failed::LogOn(NtStatus::ACCOUNT_LOCKED_OUT),
        Win32Error::NO_LOGON_SERVERS => Failed::LogOn(NtStatus::NO_LOGON_SERVERS),
        Win32Error::DOMAIN_CONTROLLER_NOT_FOUND => Failed::LogOn(NtStatus::DOMAIN_CONTROLLER_NOT_FOUND),
        Win32Error::NETLOGON_NOT_STARTED => Failed::LogOn(NtStatus::NETLOGON_NOT_STARTED),
        Win32Error::TRUSTED_DOMAIN_FAILURE => Failed::LogOn(NtStatus::TRUSTED_DOMAIN_FAILURE),
        Win32Error::TRUSTED_RELATIONSHIP_FAILURE | Win32Error::TRUST_FAILURE => {
            Failed::LogOn(NtStatus::TRUSTED_RELATIONSHIP_FAILURE)
        }
        _ => return None,
    })
}
