use netsession_proto::auth::kerberos::KrbErrorCode;
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::Right;

use super::verdict::{Blames, Verdict};
use crate::error::code::Code;
use crate::error::{ErrorKind, Step};

/// An error status, a return code or a fault in answer to this step.
pub(super) fn failed(code: Code, step: Option<Step>) -> Verdict {
    if code.is_access_denied() && step == Some(Step::Negotiate) {
        return denied_before_log_on();
    }
    if code.is_access_denied() {
        return access_denied(step);
    }
    let advice = advice(code, step).map(Into::into);
    Verdict { kind: ErrorKind::Status, is_retryable: is_passing(code), blames: Blames::Server, advice }
}

/// ACCESS_DENIED to NEGOTIATE: no account has been named yet, so that none lacks a right.
fn denied_before_log_on() -> Verdict {
    Verdict::lasting(
        ErrorKind::Status,
        Blames::Server,
        "The server refused this machine before any log-on, whatever the account: look at its lists of allowed clients, \
         and at what it demands of a connection.",
    )
}

/// The account is known and lacks the right.
fn access_denied(step: Option<Step>) -> Verdict {
    let advice = match step {
        Some(Step::Call(operation)) => denied_call(operation.right()),
        Some(Step::TreeConnect | Step::OpenPipe) => {
            "The account was logged on and may not use IPC$ or the pipe srvsvc: on Samba look at valid users and hosts \
             allow, on Windows at the right to access this computer from the network."
        }
        Some(
            Step::Resolve
            | Step::Connect
            | Step::Ticket
            | Step::Negotiate
            | Step::LogOn
            | Step::Bind
            | Step::ValidateNegotiate,
        )
        | None => NEEDS_ADMINISTRATOR,
    };
    Verdict::lasting(ErrorKind::AccessDenied, Blames::Server, advice)
}

/// The call needs a right that the account does not have.
fn denied_call(right: Right) -> &'static str {
    match right {
        Right::ListSessions => {
            "The account was logged on and does not have the right. On Windows it must be in Administrators or Server \
             Operators, on newer or hardened ones (SrvsvcSessionInfo) for levels 0 and 10 too; on the server itself \
             the program must be started as administrator. On Samba it must be in \
             BUILTIN\\Administrators: net groupmap add sid=S-1-5-32-544 ntgroup=Administrators unixgroup=GROUP \
             type=builtin, then net cache flush."
        }
        Right::EndSessions => {
            "The right to list sessions is not enough to end them. On Samba only root and the members of Domain Admins \
             may: on a standalone server map a group, net groupmap add rid=512 ntgroup=\"Domain Admins\" \
             unixgroup=GROUP type=domain, then net cache flush. On Windows the account must be in Administrators or \
             Server Operators."
        }
        // The lowest level was denied too, which Windows and Samba give to every account.
        Right::Everyone => {
            "The account was logged on, and the server refuses what every account may ask of Windows and Samba: look at \
             the policies that restrict it, or use an account of its Administrators."
        }
        Right::Administrator => NEEDS_ADMINISTRATOR,
    }
}

/// The right to the calls about open files and connections, to list them as to close a file.
const NEEDS_ADMINISTRATOR: &str = "The account was logged on and does not have the right. On Windows it must be in \
    Administrators or Server Operators; on the server itself the program must be started as administrator. On Samba it \
    must be in BUILTIN\\Administrators: net groupmap add sid=S-1-5-32-544 ntgroup=Administrators unixgroup=GROUP \
    type=builtin, then net cache flush.";

fn advice(code: Code, step: Option<Step>) -> Option<&'static str> {
    if let Some(operation) = step.and_then(Step::operation)
        && is_no_such_call(code)
    {
        return Some(match operation.right() {
            Right::ListSessions => CANNOT_LIST_SESSIONS,
            Right::EndSessions | Right::Administrator | Right::Everyone => {
                "This server does not implement the call: ksmbd of Linux and some NAS do not."
            }
        });
    }
    Some(match code {
        Code::Status(NtStatus::NO_LOGON_SERVERS | NtStatus::DOMAIN_CONTROLLER_NOT_FOUND) => {
            "The server reaches no domain controller to check the password with: look at its network and DNS."
        }
        Code::Status(status) if BROKEN_TRUST.contains(&status) => {
            "The server's own membership in its domain is broken: join it again (Windows: Test-ComputerSecureChannel \
             -Repair; Samba: net ads join)."
        }
        Code::Status(
            NtStatus::REQUEST_NOT_ACCEPTED
            | NtStatus::TOO_MANY_SESSIONS
            | NtStatus::REMOTE_SESSION_LIMIT
            | NtStatus::LICENSE_QUOTA_EXCEEDED,
        ) => "The server accepts no more connections for now: close some, or raise its limit.",
        Code::Status(NtStatus::BAD_NETWORK_NAME) => {
            "The server has no share IPC$, which every SMB server must have."
        }
        Code::Status(status) if is_pipe_without_service(status, step) => {
            "The service behind the pipe srvsvc does not run. Windows: start the service Server (LanmanServer). Samba: \
             its RPC helpers samba-dcerpcd and rpcd_classic must be installed, and smbd must be allowed to start them \
             (rpc start on demand helpers = yes) unless samba-dcerpcd runs as a daemon. Some NAS do not implement it."
        }
        Code::Status(NtStatus::SERVER_UNAVAILABLE | NtStatus::SERVER_SHUTDOWN_IN_PROGRESS) => {
            "The server is starting, stopping or moving to another node, and does not accept log-ons for the moment: \
             try again in a moment."
        }
        Code::Status(status) if PASSING.contains(&status) => {
            "The server has no resources for another session at the moment: try again in a moment."
        }
        // The session query has a verdict of its own for it.
        Code::Win32(Win32Error::INVALID_LEVEL) if matches!(step, Some(Step::Call(_))) => {
            "The server has none of the levels that this program asks for with this call, and no account changes that: \
             look on the server itself."
        }
        Code::Win32(Win32Error::NERR_SERVER_NOT_STARTED | Win32Error::SERVICE_NOT_ACTIVE) => {
            "Start the service Server (LanmanServer) on it."
        }
        Code::Win32(Win32Error::SESSION_CREDENTIAL_CONFLICT) => {
            "Windows holds a connection to this server as somebody else: end it (net use \\\\SERVER /delete), or name a \
             login, with which this program connects by itself."
        }
        _ if is_passing(code) => "The server is short of resources at the moment: try again in a moment.",
        _ => return None,
    })
}

/// What a server without NetrSessionEnum means.
pub(super) const CANNOT_LIST_SESSIONS: &str = "This server cannot list sessions (ksmbd of Linux cannot). No level and no \
                                               account changes that: look on the server itself.";

/// Whether a code in answer to a call says that the server does not have the call.
pub(super) fn is_no_such_call(code: Code) -> bool {
    match code {
        // ksmbd answers the IOCTL that carries the request with the first one.
        Code::Status(status) => {
            [NtStatus::NOT_SUPPORTED, NtStatus::NOT_IMPLEMENTED, NtStatus::INVALID_DEVICE_REQUEST]
                .contains(&status)
        }
        // [MS-RPCE] 3.1.1.5.5 has the first one, or its code of Win32; impacket's server sends the third.
        Code::Fault(fault) => [
            FaultStatus::OP_RNG_ERROR,
            FaultStatus::RPC_S_PROCNUM_OUT_OF_RANGE,
            FaultStatus::RPC_S_CANNOT_SUPPORT,
            FaultStatus::NOT_SUPPORTED,
        ]
        .contains(&fault),
        Code::Win32(error) => [
            Win32Error::NOT_SUPPORTED,
            Win32Error::CALL_NOT_IMPLEMENTED,
            Win32Error::RPC_S_PROCNUM_OUT_OF_RANGE,
            Win32Error::NERR_INVALID_API,
        ]
        .contains(&error),
        Code::Kerberos(_) => false,
    }
}

/// Whether a status in answer to a call says that the call was not carried out: the server looks at the right before it
/// hands anything to the pipe, and ksmbd has no such call.
pub(super) fn is_before_the_call(status: NtStatus) -> bool {
    status == NtStatus::ACCESS_DENIED || is_no_such_call(Code::Status(status))
}

/// Whether a status says that no process serves the pipe. Samba without its RPC helpers answers CREATE with the first
/// (`rpc start on demand helpers = no`, no `rpcd_classic`) or the second (no `samba-dcerpcd`); the third comes once a
/// helper has ended, to the bind or to a call.
fn is_pipe_without_service(status: NtStatus, step: Option<Step>) -> bool {
    match step {
        Some(Step::OpenPipe | Step::Bind) => {
            matches!(
                status,
                NtStatus::CONNECTION_REFUSED | NtStatus::OBJECT_NAME_NOT_FOUND | NtStatus::NO_SUCH_FILE
            ) || ENDED_PIPE.contains(&status)
        }
        Some(Step::Call(_)) => ENDED_PIPE.contains(&status),
        Some(
            Step::Resolve
            | Step::Connect
            | Step::Ticket
            | Step::Negotiate
            | Step::LogOn
            | Step::TreeConnect
            | Step::ValidateNegotiate,
        )
        | None => false,
    }
}

/// The process at the other end of the pipe has ended.
const ENDED_PIPE: [NtStatus; 3] =
    [NtStatus::PIPE_DISCONNECTED, NtStatus::PIPE_BROKEN, NtStatus::PIPE_CLOSING];

/// Whether the condition is likely to pass, so that a retry can succeed.
pub(super) fn is_passing(code: Code) -> bool {
    match code {
        Code::Status(status) => PASSING.contains(&status) || PASSING_AFTER_LOG_ON.contains(&status),
        Code::Win32(code) => matches!(
            code,
            Win32Error::NOT_ENOUGH_MEMORY
                | Win32Error::OUTOFMEMORY
                | Win32Error::BUSY
                | Win32Error::NERR_NO_ROOM
        ),
        Code::Kerberos(code) => code == KrbErrorCode::SVC_UNAVAILABLE,
        Code::Fault(code) => matches!(
            code,
            FaultStatus::SERVER_TOO_BUSY | FaultStatus::REMOTE_NO_MEMORY | FaultStatus::RPC_S_SERVER_TOO_BUSY
        ),
    }
}

/// The server lacks resources or time: nothing is said about the account.
pub(super) const PASSING: [NtStatus; 15] = [
    NtStatus::NO_MEMORY,
    NtStatus::NO_LOGON_SERVERS,
    NtStatus::INSUFFICIENT_RESOURCES,
    NtStatus::IO_TIMEOUT,
    NtStatus::TOO_MANY_SESSIONS,
    NtStatus::REQUEST_NOT_ACCEPTED,
    NtStatus::NETLOGON_NOT_STARTED,
    NtStatus::REMOTE_SESSION_LIMIT,
    NtStatus::USER_SESSION_DELETED,
    NtStatus::INSUFF_SERVER_RESOURCES,
    NtStatus::DOMAIN_CONTROLLER_NOT_FOUND,
    NtStatus::LICENSE_QUOTA_EXCEEDED,
    NtStatus::SERVER_SHUTDOWN_IN_PROGRESS,
    NtStatus::NETWORK_SESSION_EXPIRED,
    // NetApp answers SESSION_SETUP with it now and then.
    NtStatus::SERVER_UNAVAILABLE,
];

/// The server's own membership in its domain is broken: the password was checked by no domain controller.
pub(super) const BROKEN_TRUST: [NtStatus; 6] = [
    NtStatus::NO_TRUST_LSA_SECRET,
    NtStatus::NO_TRUST_SAM_ACCOUNT,
    NtStatus::TRUSTED_DOMAIN_FAILURE,
    NtStatus::TRUSTED_RELATIONSHIP_FAILURE,
    NtStatus::TRUST_FAILURE,
    NtStatus::DOMAIN_TRUST_INCONSISTENT,
];

/// A busy pipe, or a connection that ends. In answer to SESSION_SETUP these leave open whether the password was
/// checked.
const PASSING_AFTER_LOG_ON: [NtStatus; 6] = [
    NtStatus::INSTANCE_NOT_AVAILABLE,
    NtStatus::PIPE_NOT_AVAILABLE,
    NtStatus::PIPE_BUSY,
    NtStatus::NETWORK_NAME_DELETED,
    NtStatus::CONNECTION_DISCONNECTED,
    NtStatus::CONNECTION_RESET,
];
