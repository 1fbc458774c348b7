use netsession_proto::erref::NtStatus;

use super::answer::{self, BROKEN_TRUST, PASSING};
use super::verdict::{Blames, Place, Verdict};
use crate::error::code::Code;
use crate::error::{ErrorKind, Step};
use crate::logon_guard::Reason;

/// An error status in answer to SESSION_SETUP.
///
/// Three lists: what counts against the account, what concerns the server alone, and, as the default, what leaves open
/// whether the password was checked. The log-on guard treats the last as a log-on without an answer.
pub(super) fn refused(status: NtStatus, place: Place) -> Verdict {
    if PASSING.contains(&status) || BROKEN_TRUST.contains(&status) {
        return answer::failed(Code::Status(status), place.step);
    }
    let (blames, advice) = by_ticket(status)
        .filter(|_| place.by_ticket)
        .map(|advice| (Blames::Server, advice))
        .or_else(|| account(status).map(|advice| (Blames::Account, advice)))
        .or_else(|| server(status).map(|advice| (Blames::Server, advice)))
        .unwrap_or((Blames::Unknown, UNKNOWN));
    Verdict::lasting(ErrorKind::LogOnRefused, blames, advice)
}

/// The party that a failure without a status counts against: a log-on whose answer is missing or cannot be trusted may
/// have been counted as a wrong one. The log-on guard looks at it only once the token was sent.
pub(super) fn without_result(step: Option<Step>) -> Blames {
    if step == Some(Step::LogOn) { Blames::Unknown } else { Blames::Server }
}

/// The server does not accept the ticket. A domain controller issued it, so that no password is in question, and no
/// account can be locked.
fn by_ticket(status: NtStatus) -> Option<&'static str> {
    match status {
        NtStatus::LOGON_FAILURE
        | NtStatus::ACCESS_DENIED
        | NtStatus::INVALID_PARAMETER
        | NtStatus::NOT_SUPPORTED => Some(
            "The domain controller issued a ticket and the server did not accept it: its membership in the domain is \
             broken, the name leads to another server, it accepts NTLM only, or it does not know the account. Join it \
             again, check DNS, or log on with a password, by NTLM (-k off).",
        ),
        _ => None,
    }
}

/// The statuses that count against the account.
fn account(status: NtStatus) -> Option<&'static str> {
    Some(match status {
        NtStatus::LOGON_FAILURE
        | NtStatus::WRONG_PASSWORD
        | NtStatus::NO_SUCH_USER
        | NtStatus::INVALID_ACCOUNT_NAME => {
            "The user, the domain or the password is wrong. An account of a domain needs its domain (DOMAIN\\user or \
             user@REALM), one of the server itself goes without. So that the account is not locked, it is not tried \
             again."
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
        NtStatus::INVALID_LOGON_HOURS | NtStatus::LOGIN_TIME_RESTRICTION => {
            "The account may not log on at this time of day: look at its log-on hours."
        }
        NtStatus::INVALID_WORKSTATION | NtStatus::LOGIN_WKSTA_RESTRICTION => {
            "The account may not log on from this computer: look at the workstations it is restricted to."
        }
        NtStatus::ACCOUNT_RESTRICTION => {
            "A restriction of the account forbids it: an empty password over the network, membership in Protected \
             Users (no NTLM), or a policy."
        }
        NtStatus::SMARTCARD_LOGON_REQUIRED => {
            "The account must log on with a smart card: use a ticket that was got with it, or another account."
        }
        NtStatus::NOLOGON_INTERDOMAIN_TRUST_ACCOUNT
        | NtStatus::NOLOGON_WORKSTATION_TRUST_ACCOUNT
        | NtStatus::NOLOGON_SERVER_TRUST_ACCOUNT => {
            "The account is that of a computer or of a trust, which the server does not log on: use the account of a \
             user."
        }
        _ => return None,
    })
}

/// The statuses that concern this server alone: it refuses whatever the password is.
fn server(status: NtStatus) -> Option<&'static str> {
    Some(match status {
        NtStatus::LOGON_TYPE_NOT_GRANTED | NtStatus::LOGON_NOT_GRANTED => {
            "The account does not have the right to access this computer from the network: grant it, or use another \
             account."
        }
        NtStatus::AUTHENTICATION_FIREWALL_FAILED => {
            "The account is of another domain, and the trust admits only chosen accounts to this server (selective \
             authentication): grant it the right Allowed to authenticate on the server, or use another account."
        }
        NtStatus::NTLM_BLOCKED | NtStatus::NOT_SUPPORTED | NtStatus::NOT_IMPLEMENTED => {
            "The server or its domain does not allow NTLM: allow it for this server, or use Kerberos."
        }
        NtStatus::ACCESS_DENIED | NtStatus::NETWORK_ACCESS_DENIED => {
            "The server refuses the log-on without saying anything about the password: a policy forbids it, it expects \
             to be called by another name (Windows: SmbServerNameHardeningLevel), or it demands encryption. Look into \
             its log."
        }
        NtStatus::TIME_DIFFERENCE_AT_DC => {
            "The clocks of the server and its domain controller are too far apart: set them right."
        }
        _ => return None,
    })
}

/// Any other status. Nothing is known about the password, so nothing is said about it.
const UNKNOWN: &str = "The server gave a status that does not say why it refused the log-on: look into its log, and try \
                       again later. It may have counted the log-on as a failed one, so do not repeat it often.";

/// A guest session. A server lets a guest in for an account that it does not know, and goes on doing so: it counts
/// no wrong passwords.
pub(super) fn guest() -> Verdict {
    Verdict::lasting(
        ErrorKind::Guest,
        Blames::Server,
        "The server does not know the account and let a guest in instead: name an account that it knows, and on \
         Samba set map to guest = never.",
    )
}

/// The log-on guard did not let the log-on through: after `reason`.
pub(super) fn blocked(reason: Reason) -> Verdict {
    let advice = match reason {
        Reason::Status(_) | Reason::Kerberos(_) => {
            "So that the account is not locked, one refusal ends its log-ons in this process: correct user, domain and \
             password, then start again."
        }
        Reason::NoAnswer => {
            "Each log-on without an answer may have been a wrong one, and too many of them would lock the account: look \
             at the server that does not answer, then start again with another one first."
        }
    };
    Verdict::lasting(ErrorKind::LogOnBlocked, Blames::Account, advice)
}

/// The log-on guard waits for the answers of other log-ons.
pub(super) fn unanswered() -> Verdict {
    Verdict::passing(
        ErrorKind::LogOnUnanswered,
        Blames::None,
        "A log-on without an answer may have been a wrong one, and at most two of them are sent: look at the server that \
         does not answer, then start again with another one first. If the password is known to be right, \
         --keep-going asks all servers.",
    )
}
