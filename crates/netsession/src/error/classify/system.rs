//! Return codes of the system's own call that mean that the server gave no answer.
//!
//! Over the wire the same events are an error of a socket or a status of SESSION_SETUP. They get the same verdict
//! here; shown is the code that the system gave.

use netsession_proto::erref::{NtStatus, Win32Error};

use super::verdict::{Place, Verdict};
use super::{answer, connection, log_on};
use crate::error::Step;
use crate::error::code::Code;

/// Why a call got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failed {
    /// There is no route to the server.
    Unreachable,
    /// The connection ended during the call.
    CutOff,
    /// The system gave up waiting.
    TimedOut,
    /// The log-on to the server failed, as this status says.
    LogOn(NtStatus),
}

/// The step at which the call failed; `None` when the code is an answer of the server like any other. `call` is the
/// step of the call itself.
pub(in crate::error) fn step(code: Win32Error, call: Step) -> Option<Step> {
    Some(match failed(code)? {
        Failed::Unreachable => Step::Connect,
        Failed::CutOff | Failed::TimedOut => call,
        Failed::LogOn(_) => Step::LogOn,
    })
}

pub(super) fn returned(code: Win32Error, place: Place) -> Verdict {
    match failed(code) {
        Some(Failed::Unreachable) => connection::unreachable(),
        Some(Failed::CutOff) => connection::cut_off(place.step),
        Some(Failed::TimedOut) => connection::timed_out(place.step),
        Some(Failed::LogOn(status)) => log_on::refused(status, place),
        None => answer::failed(Code::Win32(code), place.step),
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
