use netsession_proto::client;
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::rpce::FaultStatus;

use super::{Code, Step};
use crate::error::code::says_nothing_about_the_account;
use crate::error::system;

/// What to do about a status, return code or fault that has no kind of its own.
pub(super) fn advice(step: Option<Step>, code: Option<Code>) -> Option<String> {
    let code = match code? {
        Code::Win32(code) => system::log_on_status(code).map_or(Code::Win32(code), Code::Status),
        code => code,
    };
    let text = match code {
        Code::Status(NtStatus::NO_LOGON_SERVERS | NtStatus::DOMAIN_CONTROLLER_NOT_FOUND) => {
            "The server reaches no domain controller to check the password with: look at its network and DNS."
        }
        Code::Status(
            NtStatus::NO_TRUST_LSA_SECRET
            | NtStatus::NO_TRUST_SAM_ACCOUNT
            | NtStatus::TRUSTED_DOMAIN_FAILURE
            | NtStatus::TRUSTED_RELATIONSHIP_FAILURE,
        ) => {
            "The server's own membership in its domain is broken: join it anew (Windows: Test-ComputerSecureChannel \
             -Repair; Samba: net ads join)."
        }
        Code::Status(NtStatus::REQUEST_NOT_ACCEPTED | NtStatus::TOO_MANY_SESSIONS) => {
            "The server takes no more connections for now: close some, or raise its limit."
        }
        Code::Status(NtStatus::BAD_NETWORK_NAME) => {
            "The server has no share IPC$, which every SMB server must have."
        }
        Code::Status(NtStatus::OBJECT_NAME_NOT_FOUND) if step == at(client::Step::OpenPipe) => {
            "The server offers no server service on its pipe srvsvc: on Windows start the service Server \
             (LanmanServer); some NAS do not implement it."
        }
        Code::Status(status) if says_nothing_about_the_account(status) => {
            "The server has no means for another session just now: try again in a moment."
        }
        Code::Fault(FaultStatus::OP_RNG_ERROR) => {
            "The server does not implement the listing of sessions: ksmbd and some NAS do not."
        }
        Code::Win32(Win32Error::NERR_SERVER_NOT_STARTED | Win32Error::SERVICE_NOT_ACTIVE) => {
            "Start the service Server (LanmanServer) on it."
        }
        Code::Win32(Win32Error::SESSION_CREDENTIAL_CONFLICT) => {
            "Windows holds a connection to this server as somebody else: end it (net use \\\\SERVER /delete), or name a \
             login, with which this program connects by itself."
        }
        Code::Win32(Win32Error::NOT_SUPPORTED) => "The server does not implement the listing of sessions.",
        _ if code.is_transient() => "The server is short of something just now: try again in a moment.",
        _ => return None,
    };
    Some(text.to_owned())
}

fn at(step: client::Step) -> Option<Step> {
    Some(Step::Conversation(step))
}
