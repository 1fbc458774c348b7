use netsession_proto::auth::{AuthError, Requirement};
use netsession_proto::client::{Cause, Unsupported};
use netsession_proto::srvs::{Filters, Level};

use super::verdict::{Blames, Place, Verdict};
use super::{answer, connection, kerberos, log_on};
use crate::error::code::Code;
use crate::error::{ErrorKind, Operation, Step};

pub(super) fn ended(cause: &Cause, place: Place) -> Verdict {
    match cause {
        Cause::TimedOut => connection::timed_out(place.step),
        Cause::Closed | Cause::Reset => connection::cut_off(place.step),
        Cause::Smb1Only => Verdict::lasting(
            ErrorKind::Smb1Only,
            Blames::Server,
            "This program speaks SMB 2.0.2 to 3.1.1. Switch on SMB 2 at the server (Windows: \
             Set-SmbServerConfiguration -EnableSMB2Protocol $true; Samba: server max protocol = SMB3; NAS: the \
             settings of the file service).",
        ),
        Cause::HostDenied(refusal) => connection::host_denied(*refusal),
        Cause::NotSmb(_) => Verdict::lasting(
            ErrorKind::NotSmb,
            Blames::Server,
            "Another service answers there: check the name and the port. SMB is on TCP port 445.",
        ),
        Cause::Malformed(_) => broken(ErrorKind::Malformed, place),
        Cause::Misbehaved(_) => broken(ErrorKind::Misbehaved, place),
        Cause::Integrity(_) => Verdict::lasting(
            ErrorKind::Integrity,
            log_on::without_result(place.step),
            "A device or an attacker between this machine and the server changed what was sent, or the server signs \
             wrongly: look at WAN optimisers and proxies on the way. Nothing of the answer was used.",
        ),
        Cause::LogOnRefused(status) => log_on::refused(*status, place),
        // Any error status of SESSION_SETUP is an answer to the log-on, whichever form it came in.
        Cause::Status(status) if place.step == Some(Step::LogOn) => log_on::refused(*status, place),
        Cause::Status(status) => answer::failed(Code::Status(*status), place.step),
        Cause::Refused(refusal) => answer::failed(Code::from_refusal(*refusal), place.step),
        Cause::Guest => log_on::guest(),
        Cause::Authentication(error) => authentication(error, place),
        Cause::LevelNotSupported { asked, works, refusal } => {
            level_not_supported(*asked, *works, Code::from_refusal(*refusal))
        }
        Cause::EncryptionUnavailable => Verdict::lasting(
            ErrorKind::Encryption,
            Blames::Server,
            "The server has no SMB encryption, or has it switched off: switch it on there (SMB 3.0 or later), or ask \
             for encryption where the server can.",
        ),
        Cause::EncryptionDemanded(None) => Verdict::lasting(
            ErrorKind::Encryption,
            Blames::Server,
            "The server accepts encrypted sessions only: do not switch encryption off.",
        ),
        Cause::EncryptionDemanded(Some(_)) => Verdict::lasting(
            ErrorKind::Encryption,
            Blames::Server,
            "A server that accepts encrypted sessions only answers so: do not switch encryption off. If it refuses an \
             encrypted session, too, the account may not use IPC$.",
        ),
        Cause::BindRefused(_) => Verdict::lasting(
            ErrorKind::Unsupported,
            Blames::Server,
            "The server has no server service to ask: some NAS do not implement it.",
        ),
        Cause::Unsupported(Unsupported::MadeUpConnections) => Verdict::lasting(
            ErrorKind::Unsupported,
            Blames::Server,
            "Samba does not list connections, and answers with an invented one: list its sessions instead, or look at \
             smbstatus on the server.",
        ),
        Cause::Unsupported(
            Unsupported::Dialects
            | Unsupported::Dialect
            | Unsupported::PreauthHash
            | Unsupported::Cipher
            | Unsupported::Signing,
        ) => Verdict::lasting(
            ErrorKind::Unsupported,
            Blames::Server,
            "This program and the server have no dialect or algorithm in common: widen the range of dialects, or the \
             server's.",
        ),
        Cause::Limit(_) => Verdict::lasting(ErrorKind::Limit, Blames::Server, too_large(place.step)),
        Cause::InvalidRequest(_) => Verdict::invalid_request(),
    }
}

/// What narrows the answer: filters that the call itself has. Samba ignores them.
fn too_large(step: Option<Step>) -> &'static str {
    let filters = step.and_then(Step::operation).map_or(Filters::None, Operation::filters);
    match filters {
        Filters::ClientAndUser => {
            "The answer is larger than this program accepts: raise the limit, or narrow the question by client or user."
        }
        Filters::User => {
            "The answer is larger than this program accepts: raise the limit, or narrow the question by user."
        }
        Filters::None => "The answer is larger than this program accepts: raise the limit.",
    }
}

fn broken(kind: ErrorKind, place: Place) -> Verdict {
    Verdict::lasting(
        kind,
        log_on::without_result(place.step),
        "The server's answer breaks the protocol: bring the server up to date, and report it with the product and \
         its version.",
    )
}

/// The exchange of tokens failed on this side.
fn authentication(error: &AuthError, place: Place) -> Verdict {
    match error {
        // A KRB_ERROR within SPNEGO is not authenticated (RFC 4120, section 5.9.1): it gives kind and advice, and
        // does not block the account.
        AuthError::Kerberos(error) => {
            Verdict { blames: Blames::Server, is_retryable: false, ..kerberos::failed(error) }
        }
        AuthError::ChallengeLacks(Requirement::TargetInfo) => Verdict::lasting(
            ErrorKind::Authentication,
            Blames::Server,
            "Without target info the log-on cannot be protected: bring the server up to date, or let it use NTLMv2 or \
             Kerberos.",
        ),
        AuthError::Malformed(_)
        | AuthError::BareNtlm
        | AuthError::Rejected
        | AuthError::OtherMechanism
        | AuthError::NoMechanismToken
        | AuthError::NotCompleted
        | AuthError::ChallengeLacks(
            Requirement::Unicode
            | Requirement::ExtendedSessionSecurity
            | Requirement::Key128
            | Requirement::Sign,
        )
        | AuthError::WrongMechListMic
        | AuthError::WrongMic
        | AuthError::WrongPassword
        | AuthError::NotNtlmV2
        | AuthError::TooLong { .. }
        | AuthError::EmptyUser
        | AuthError::OutOfOrder(_) => Verdict::lasting(
            ErrorKind::Authentication,
            log_on::without_result(place.step),
            "The server's side of the log-on cannot be trusted or is not NTLMv2: look at its authentication settings, \
             and for something in between that changes them.",
        ),
    }
}

/// `asked` is the named level, or the last one that `auto` asked for: 0, or 10 where the filter needs a user. So no
/// advice for these may recommend `auto`, which asks for no level that was not tried.
fn level_not_supported(asked: Level, works: Option<Level>, refusal: Code) -> Verdict {
    let advice = match works {
        Some(level) => format!(
            "The server does not have this level, and no other one carries all of its fields. Ask for level {level}, \
             or for auto, which takes the most that the server gives."
        )
        .into(),
        None if answer::is_no_such_call(refusal) => answer::CANNOT_LIST_SESSIONS.into(),
        None => match asked {
            Level::L1 => {
                "The server does not have this level, and no other one carries all of its fields. Ask for auto, which \
                 takes the most that the server gives."
            }
            Level::L10 => {
                "The server has no level that names users. Without a filter by user level 0 may work, which lists the \
                 computers alone."
            }
            Level::L0 | Level::L2 | Level::L502 => {
                "The server gives this account none of the levels that can answer: most likely it cannot list \
                 sessions (ksmbd of Linux cannot)."
            }
        }
        .into(),
    };
    Verdict {
        kind: ErrorKind::LevelNotSupported,
        is_retryable: false,
        blames: Blames::Server,
        advice: Some(advice),
    }
}
