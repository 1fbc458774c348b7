use netsession_proto::client::SessionRefusal;

use super::log_on;
use super::verdict::{Blames, Verdict};
use crate::error::cause::{Attempt, ConnectFailure, ResolveError};
use crate::error::{ErrorKind, Step};

pub(super) fn unresolved(error: &ResolveError) -> Verdict {
    let verdict = Verdict::lasting(
        ErrorKind::Resolve,
        Blames::None,
        "The name is misspelt, or this machine's DNS does not know it: correct it, or name the server by its IP \
         address.",
    );
    match error {
        ResolveError::Temporary(_) => Verdict { is_retryable: true, ..verdict },
        ResolveError::Local(_) => local(),
        ResolveError::NotFound(_)
        | ResolveError::Other(_)
        | ResolveError::NoAddress
        | ResolveError::NoInterface(_) => verdict,
    }
}

pub(super) fn unconnected(tried: &[Attempt]) -> Verdict {
    let is_refused = |attempt: &Attempt| attempt.failure == Some(ConnectFailure::Refused);
    // A refusal shows that the host is up: it is the best advice, even if other addresses are silent.
    if tried.iter().any(is_refused) {
        return Verdict::passing(
            ErrorKind::Connect,
            Blames::Server,
            "Nothing listens there: see that the server runs, that its file service is started and that no firewall \
             rejects the port.",
        );
    }
    unreachable()
}

pub(super) fn unreachable() -> Verdict {
    Verdict::passing(
        ErrorKind::Connect,
        Blames::Server,
        "There is no route to the server, or it does not accept connections: check the network, the route and the \
         firewalls.",
    )
}

/// The deadline passed. Only a step that is repeatable can be tried again: a call that changes something may have
/// been carried out.
pub(super) fn timed_out(step: Option<Step>) -> Verdict {
    let (blames, advice) = match step {
        Some(Step::Resolve) => (
            Blames::None,
            "The DNS servers of this machine do not answer: check them, or name the server by its IP address.",
        ),
        Some(Step::Ticket) => (
            Blames::None,
            "No domain controller (KDC) answers in time: see that those in krb5.conf or in DNS (_kerberos._tcp.REALM) \
             can be reached on port 88, or allow more time. NTLM is not tried by itself, because an attacker in between could \
             cause that: choose it with -k off (in a program: Kerberos::Off).",
        ),
        Some(Step::Connect) => (
            Blames::Server,
            "The server is off, or a firewall drops packets to its port, which is TCP 445 by default.",
        ),
        Some(Step::LogOn) => (
            Blames::Unknown,
            "The server does not get an answer from its domain controller in time, or another log-on of the same \
             account is still under way: allow more time.",
        ),
        Some(
            Step::Negotiate
            | Step::TreeConnect
            | Step::OpenPipe
            | Step::Bind
            | Step::ValidateNegotiate
            | Step::Call(_),
        )
        | None => (
            Blames::Server,
            "The server is busy, or something on the way holds its answer back: try again, or allow more time.",
        ),
    };
    Verdict::passing(ErrorKind::TimedOut, blames, advice)
}

/// The connection ended before the answer.
pub(super) fn cut_off(step: Option<Step>) -> Verdict {
    let advice = match step {
        Some(Step::Negotiate) => {
            "A limit of connections (Samba: max smbd processes), a full queue, a firewall or a restart does that: try \
             again. A server that speaks only SMB 1 may do it, too."
        }
        Some(
            Step::Resolve
            | Step::Connect
            | Step::Ticket
            | Step::LogOn
            | Step::TreeConnect
            | Step::OpenPipe
            | Step::Bind
            | Step::ValidateNegotiate
            | Step::Call(_),
        )
        | None => {
            "The server or something in between cut the connection, often at a restart or when a limit of \
             connections is reached: try again, then look into the server's log."
        }
    };
    Verdict::passing(ErrorKind::Closed, log_on::without_result(step), advice)
}

/// The server does not accept connections from this machine, or not by this name.
pub(super) fn host_denied(refusal: SessionRefusal) -> Verdict {
    match refusal {
        SessionRefusal::INSUFFICIENT_RESOURCES => Verdict::passing(
            ErrorKind::HostDenied,
            Blames::Server,
            "The server accepts no more connections for now: try again in a moment, or raise its limit.",
        ),
        SessionRefusal::NOT_LISTENING_ON_CALLED_NAME | SessionRefusal::CALLED_NAME_NOT_PRESENT => {
            Verdict::lasting(
                ErrorKind::HostDenied,
                Blames::Server,
                "What answers is a NetBIOS session service: check the name and the port. SMB is on TCP port 445.",
            )
        }
        _ => Verdict::lasting(
            ErrorKind::HostDenied,
            Blames::Server,
            "The server refused this machine before any log-on, whatever the account: allow its address there (Samba: \
             hosts allow and hosts deny in smb.conf; NAS: the list of allowed or blocked addresses).",
        ),
    }
}

pub(super) fn client_closed() -> Verdict {
    Verdict::passing(
        ErrorKind::Closed,
        Blames::None,
        "Connect again: after an error that ended the connection a client cannot go on.",
    )
}

pub(super) fn local() -> Verdict {
    Verdict::passing(
        ErrorKind::Local,
        Blames::None,
        "This machine has run out of something: ask fewer servers at the same time, or raise its limits (ulimit -n, ulimit -u).",
    )
}
