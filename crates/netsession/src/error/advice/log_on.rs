use netsession_proto::erref::NtStatus;

use super::{Code, kerberos};
use crate::error::system;

/// What to do about a refused log-on.
pub(super) fn refused(code: Option<Code>) -> String {
    let status = match code {
        Some(Code::Status(status)) => Some(status),
        Some(Code::Win32(code)) => system::log_on_status(code),
        Some(Code::Kerberos(code)) => return kerberos::protocol(code).to_owned(),
        _ => None,
    };
    let Some(status) = status else { return WRONG.to_owned() };
    let text = match status {
        NtStatus::ACCOUNT_LOCKED_OUT => {
            "The account is locked, usually after too many wrong passwords: unlock it, or wait until the lock lapses."
        }
        NtStatus::ACCOUNT_DISABLED => "The account is switched off: enable it, or use another one.",
        NtStatus::ACCOUNT_EXPIRED => "The account has expired: extend it, or use another one.",
        NtStatus::PASSWORD_EXPIRED => "The password has expired: change it on a workstation, then try again.",
        NtStatus::PASSWORD_MUST_CHANGE => {
            "The password must be changed before the first log-on: change it on a workstation, then try again."
        }
        NtStatus::INVALID_LOGON_HOURS => {
            "The account may not log on at this time of day: look at its log-on hours."
        }
        NtStatus::INVALID_WORKSTATION => {
            "The account may not log on from this computer: look at the workstations it is restricted to."
        }
        NtStatus::LOGON_TYPE_NOT_GRANTED => {
            "The account has not the right to access this computer from the network: give it, or use another account."
        }
        NtStatus::ACCOUNT_RESTRICTION => {
            "A restriction of the account stands against it: an empty password over the network, membership in \
             Protected Users (no NTLM), or a policy."
        }
        NtStatus::NTLM_BLOCKED | NtStatus::NOT_SUPPORTED => {
            "The server or its domain does not allow NTLM: allow it for this server, or use Kerberos."
        }
        NtStatus::TIME_DIFFERENCE_AT_DC => {
            "The clocks of the server and its domain controller are too far apart: set them right."
        }
        _ => WRONG,
    };
    text.to_owned()
}

/// What to do about a ticket that the server did not take: the password was never in question.
pub(super) fn ticket_refused(code: Option<Code>) -> String {
    match code {
        Some(Code::Status(
            NtStatus::LOGON_FAILURE
            | NtStatus::ACCESS_DENIED
            | NtStatus::INVALID_PARAMETER
            | NtStatus::NOT_SUPPORTED,
        )) => TICKET.to_owned(),
        other => refused(other),
    }
}

const TICKET: &str = "The domain controller handed out a ticket and the server did not take it: its membership in the \
                      domain is broken, the name leads to another server, it takes NTLM only, or it does not know the \
                      account. Join it anew, look at DNS, or log on with a password, by NTLM.";

const WRONG: &str = "The user, the domain or the password is wrong. An account of a domain needs its domain \
                     (DOMAIN\\user or user@REALM), one of the server itself goes without. So that the account is not \
                     locked, it is not tried again in this process.";
