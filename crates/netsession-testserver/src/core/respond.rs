use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Command, Flags, Header};

use super::operation::{Completion, Operation};
use super::reply::{Protection, Reply};
use super::state::State;

/// The reply to an operation, with the credits that it grants.
pub(super) fn respond(state: &mut State, operation: &Operation<'_>, completion: Completion) -> Reply {
    let header = Header {
        credit_charge: operation.header.credit_charge,
        status: completion.status,
        command: operation.command(),
        credits: state.window.grant(operation.header.credits),
        flags: Flags::RESPONSE,
        ..Header::request(operation.header.message_id, operation.session_id, operation.tree_id)
    };
    Reply {
        step: operation.step,
        header,
        body: completion.body,
        protection: protection(state, operation, completion.status),
        in_compound: operation.in_compound,
        repeat: None,
    }
}

fn protection(state: &State, operation: &Operation<'_>, status: NtStatus) -> Protection {
    if let Some(session_id) = operation.sealed {
        return Protection::Sealed(session_id);
    }
    let session = state.sessions.get(&operation.session_id).filter(|session| session.keys.is_some());
    let Some(session) = session else { return Protection::None };
    // [MS-SMB2] 3.3.5.5.3: the response that completes a log-on is always signed.
    let ends_log_on = operation.command() == Command::SESSION_SETUP && status == NtStatus::SUCCESS;
    if operation.is_signed() || session.signing_required || ends_log_on {
        Protection::Signed(operation.session_id)
    } else {
        Protection::None
    }
}
