use netsession_proto::auth::SessionKey;
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, Role, SecurityMode, SessionFlags, SessionSetupRequest, SessionSetupResponse, derive_keys,
};

use super::super::ntlm::{LogOnStep, NtlmAcceptor};
use super::super::operation::{Completion, Operation};
use super::super::reply::{bare_body, body_of};
use super::super::state::{Session, State};
use crate::host::Caller;
use crate::scenario::{Encryption, Step};

/// SMB2_SESSION_FLAG_BINDING: a second connection for a session.
const BINDING: u8 = 0x01;

/// One step of a log-on (\[MS-SMB2\] 3.3.5.5).
pub(super) fn session_setup(
    state: &mut State,
    operation: &mut Operation<'_>,
) -> Result<Completion, NtStatus> {
    let request = SessionSetupRequest::decode(operation.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    let [flags] = operation.field(2 /* StructureSize */)?;
    if flags & BINDING != 0 {
        return Err(NtStatus::REQUEST_NOT_ACCEPTED);
    }
    if operation.session_id == 0 {
        operation.session_id = open_session(state, request.security_mode);
    }
    let session = state.sessions.get_mut(&operation.session_id).filter(|session| !session.ended);
    let session = session.ok_or(NtStatus::USER_SESSION_DELETED)?;
    // Logging on again within a session is not implemented.
    let log_on = session.log_on.as_mut().ok_or(NtStatus::REQUEST_NOT_ACCEPTED)?;
    session.preauth.update(operation.message);
    match log_on.step(request.token, state.host.scenario()) {
        Ok(LogOnStep::Continue(token)) => {
            operation.step = Step::Challenge;
            let body = body_of(&SessionSetupResponse { flags: SessionFlags::default(), token: &token });
            Ok(Completion { status: NtStatus::MORE_PROCESSING_REQUIRED, body })
        }
        Ok(LogOnStep::Complete { token, key, caller }) => complete(state, operation, &token, &key, caller),
        Err(status) => {
            state.sessions.remove(&operation.session_id);
            Err(status)
        }
    }
}

/// Ends a session (\[MS-SMB2\] 3.3.5.6).
pub(super) fn log_off(state: &mut State, operation: &Operation<'_>) -> Vec<u8> {
    let ended = operation.session_id;
    state.pipes.retain(|_, pipe| pipe.session_id != ended);
    state.trees.retain(|_, tree| tree.session_id != ended);
    if let Some(session) = state.sessions.get_mut(&ended) {
        session.ended = true;
    }
    bare_body()
}

fn open_session(state: &mut State, security_mode: u8) -> u64 {
    let number = state.fresh_id();
    // As those of real servers, the number needs more than 32 bits.
    let session_id = (u64::from(number) << 32) | 0x29;
    let mut challenge = state.entropy.server_challenge;
    challenge.iter_mut().zip(number.to_le_bytes()).for_each(|(byte, number)| *byte ^= number);
    let client_requires = u16::from(security_mode) & SecurityMode::SIGNING_REQUIRED.0 != 0;
    let session = Session {
        preauth: state.preauth.clone(),
        log_on: Some(NtlmAcceptor::new(challenge, state.start.filetime)),
        keys: None,
        caller: Caller::default(),
        signing_required: client_requires || state.smb().signing_required,
        encrypt_data: state.smb().encryption == Encryption::Required,
        ended: false,
    };
    state.sessions.insert(session_id, session);
    session_id
}

fn complete(
    state: &mut State,
    operation: &Operation<'_>,
    token: &[u8],
    key: &SessionKey,
    caller: Caller,
) -> Result<Completion, NtStatus> {
    let session = state.sessions.get_mut(&operation.session_id);
    let (Some(negotiated), Some(session)) = (&state.negotiated, session) else {
        return Err(NtStatus::USER_SESSION_DELETED);
    };
    if session.encrypt_data && negotiated.cipher.is_none() {
        state.sessions.remove(&operation.session_id);
        return Err(NtStatus::ACCESS_DENIED);
    }
    state.host.traffic().count_log_on();
    session.log_on = None;
    session.caller =
        Caller { address: state.start.peer, since: state.start.filetime_at(state.now), ..caller };
    session.keys = Some(derive_keys(
        Role::Server,
        negotiated.dialect,
        key,
        &session.preauth,
        negotiated.signing,
        negotiated.cipher,
    ));
    let flags = if session.encrypt_data { SessionFlags::ENCRYPT_DATA } else { SessionFlags::default() };
    Ok(Completion::success(body_of(&SessionSetupResponse { flags, token })))
}
