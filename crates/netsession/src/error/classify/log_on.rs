use netsession_proto::erref::NtStatus;

use super::answer::{self, BROKEN_TRUST, PASSING};
use super::verdict::{Blames, Place, Verdict};
use crate::error::ErrorKind;
use crate::error::code::Code;

/// An error status in answer to SESSION_SETUP.
///
/// Some statuses concern the server alone. Every other one counts against the account, known or not: one log-on too
/// few is better than a locked account.
pub(super) fn refused(status: NtStatus, place: Place) -> Verdict {
    if PASSING.contains(&status) || BROKEN_TRUST.contains(&status) {
        return answer::failed(Code::Status(status), place.step);
    }
    let advice = match status {
        // With a ticket the password was never in question.
        NtStatus::LOGON_FAILURE
        | NtStatus::ACCESS_DENIED
        | NtStatus::INVALID_PARAMETER
        | NtStatus::NOT_SUPPORTED
            if place.by_ticket =>
        {
            "The domain controller issued a ticket and the server did not accept it: its membership in the domain is \
             broken, the name leads to another server, it accepts NTLM only, or it does not know the account. Join it \
             again, check DNS, or log on with a password, by NTLM (-k off)."
        }
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
            "The account does not have the right to access this computer from the network: grant it, or use another \
             account."
        }
        NtStatus::ACCOUNT_RESTRICTION => {
            "A restriction of the account forbids it: an empty password over the network, membership in Protected \
             Users (no NTLM), or a policy."
        }
        NtStatus::NTLM_BLOCKED | NtStatus::NOT_SUPPORTED => {
            "The server or its domain does not allow NTLM: allow it for this server, or use Kerberos."
        }
        NtStatus::TIME_DIFFERENCE_AT_DC => {
            "The clocks of the server and its domain controller are too far apart: set them right."
        }
        _ => {
            "The user, the domain or the password is wrong. An account of a domain needs its domain (DOMAIN\\user or \
             user@REALM), one of the server itself goes without. So that the account is not locked, it is not tried \
             again in this process."
        }
    };
    Verdict::lasting(ErrorKind::LogOnRefused, Blames::Account, advice)
}

/// A guest session counts against the account: most servers let a guest in when the account is wrong.
pub(super) fn guest() -> Verdict {
    Verdict::lasting(
        ErrorKind::Guest,
        Blames::Account,
        "The server does not know the account and let a guest in instead: name an account that it knows, and on \
         Samba set map to guest = never.",
    )
}

/// The log-on guard did not let the log-on through.
pub(super) fn blocked() -> Verdict {
    Verdict::lasting(
        ErrorKind::LogOnBlocked,
        Blames::Account,
        "So that the account is not locked, one refusal ends its log-ons in this process: correct user, domain and \
         password, then start again (in a program: logon_guard::allow_again).",
    )
}
