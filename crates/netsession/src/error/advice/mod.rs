//! What usually causes an error and what to do, in one or two sentences.

mod kerberos;
mod log_on;
mod status;

use netsession_proto::client;

use super::code::Code;
use super::{Cause, ErrorKind, Inner, Step, kind_of};

pub(super) fn advice(error: &Inner) -> Option<String> {
    let text = match kind_of(&error.cause, error.step) {
        ErrorKind::InvalidRequest => return None,
        ErrorKind::Resolve => {
            "The name is misspelt, or this machine's DNS does not know it: correct it, or name the server by its \
             IP address."
        }
        ErrorKind::Connect => connect(&error.cause),
        ErrorKind::TimedOut => timed_out(error.step),
        ErrorKind::Closed if matches!(error.cause, Cause::ClientClosed) => {
            "Connect anew: after an error that ended the connection a client cannot go on."
        }
        ErrorKind::Closed if error.step == Some(Step::Conversation(client::Step::Negotiate)) => {
            "A full queue of connections, a firewall or a restart does that: try again. A server that speaks only \
             SMB 1 may do it, too."
        }
        ErrorKind::Closed => {
            "The server or something in between cut the connection, often at a restart or when a limit of \
             connections is reached: try again, then look into the server's log."
        }
        ErrorKind::NotSmb => {
            "Another service answers there: check the name and the port. SMB is on TCP port 445."
        }
        ErrorKind::Smb1Only => {
            "This program speaks SMB 2.0.2 to 3.1.1. Switch on SMB 2 at the server (Windows: \
             Set-SmbServerConfiguration -EnableSMB2Protocol $true; Samba: server max protocol = SMB3; NAS: the \
             settings of the file service). If it has SMB 2, a firewall or a limit of connections cut the connection."
        }
        ErrorKind::LogOnRefused if error.by_ticket => {
            return Some(log_on::ticket_refused(Code::of(&error.cause)));
        }
        ErrorKind::LogOnRefused => return Some(log_on::refused(Code::of(&error.cause))),
        ErrorKind::LogOnBlocked => {
            "So that the account is not locked, one refusal ends its log-ons in this process: correct user, domain \
             and password, then start again (in a program: logon_guard::allow_again)."
        }
        ErrorKind::Guest => {
            "The server does not know the account and let a guest in instead: name an account that it knows, and on \
             Samba set map to guest = never."
        }
        ErrorKind::Authentication => {
            "The server's side of the log-on cannot be trusted or is not NTLMv2: look at its authentication settings, \
             and for something in between that changes them."
        }
        ErrorKind::Kerberos => kerberos::advice(&error.cause),
        ErrorKind::AccessDenied => access_denied(error.step),
        ErrorKind::LevelNotSupported => return Some(level(&error.cause)),
        ErrorKind::Status => return status::advice(error.step, Code::of(&error.cause)),
        ErrorKind::Encryption => encryption(&error.cause),
        ErrorKind::Malformed | ErrorKind::Misbehaved => {
            "The server's answer breaks the protocol: bring the server up to date, and report it with the product and \
             its version."
        }
        ErrorKind::Integrity => {
            "Somebody or something between this machine and the server changed what was sent, or the server signs \
             wrongly: look at WAN optimisers and proxies on the way. Nothing of the answer was used."
        }
        ErrorKind::Unsupported => unsupported(&error.cause),
        ErrorKind::Limit => {
            "The answer is larger than this program accepts: raise the limit, or narrow the question by client or user."
        }
        ErrorKind::Local => {
            "This machine has run out of something: ask fewer servers at the same time, or raise its limits (ulimit -n)."
        }
    };
    Some(text.to_owned())
}

fn connect(cause: &Cause) -> &'static str {
    let refused = |tried: &[super::Attempt]| tried.iter().any(|one| one.error.as_deref() == Some("refused"));
    match cause {
        Cause::Connect(tried) if refused(tried) => {
            "Nothing listens there: see that the server runs, that its file service is started and that no firewall \
             rejects the port."
        }
        _ => {
            "There is no way to the server, or it does not accept connections: check the network, the route and the \
             firewalls."
        }
    }
}

fn timed_out(step: Option<Step>) -> &'static str {
    match step {
        Some(Step::Resolve) => {
            "The DNS servers of this machine do not answer: look at them, or name the server by its IP address."
        }
        Some(Step::Ticket) => {
            "No domain controller (KDC) answers in time: see that those in krb5.conf or in DNS (_kerberos._tcp.REALM) \
             can be reached on port 88, or allow more time."
        }
        Some(Step::Connect) => {
            "The server is off, or a firewall drops packets to its port, which is TCP 445 by default."
        }
        Some(Step::Conversation(client::Step::LogOn)) => {
            "The server does not get an answer from its domain controller in time, or another log-on of the same \
             account is still under way: allow more time."
        }
        _ => {
            "The server is busy, or something on the way holds its answer back: try again, or allow more time."
        }
    }
}

fn access_denied(step: Option<Step>) -> &'static str {
    match step {
        Some(Step::Conversation(client::Step::TreeConnect | client::Step::OpenPipe)) => {
            "The account was logged on and may not use IPC$ or the pipe srvsvc: on Samba look at valid users and hosts \
             allow, on Windows at the right to access this computer from the network."
        }
        _ => {
            "The account was logged on and has not the right. On Windows it must be in Administrators or Server \
             Operators, on newer or hardened ones (SrvsvcSessionInfo) for levels 0 and 10 too; on the server itself \
             the program must be started as administrator. On Samba it must be in \
             BUILTIN\\Administrators: net groupmap add sid=S-1-5-32-544 ntgroup=Administrators unixgroup=GROUP \
             type=builtin, then net cache flush."
        }
    }
}

fn level(cause: &Cause) -> String {
    match cause {
        Cause::Conversation(client::Cause::LevelNotSupported { works: Some(level), .. }) => format!(
            "The server does not have this level, and no other one carries all of its fields. Ask for level {level}, \
             or for auto, which takes the most that the server gives."
        ),
        _ => "The server does not have this level, and no other one carries all of its fields. Ask for auto, which \
              takes the most that the server gives."
            .to_owned(),
    }
}

fn encryption(cause: &Cause) -> &'static str {
    match cause {
        Cause::Conversation(client::Cause::EncryptionDemanded(None)) => {
            "The server takes encrypted sessions only: do not switch encryption off."
        }
        Cause::Conversation(client::Cause::EncryptionDemanded(Some(_))) => {
            "A server that takes encrypted sessions only answers so: do not switch encryption off. If it refuses an \
             encrypted session, too, the account may not use IPC$."
        }
        _ => {
            "The server has no SMB encryption, or has it switched off: switch it on there (SMB 3.0 or later), or ask \
             for encryption where the server can."
        }
    }
}

fn unsupported(cause: &Cause) -> &'static str {
    match cause {
        Cause::Conversation(client::Cause::BindRefused(_)) => {
            "The server has no server service to ask: ksmbd and some NAS do not implement it."
        }
        _ => {
            "This program and the server have no dialect or algorithm in common: widen the range of dialects, or the \
             server's."
        }
    }
}
