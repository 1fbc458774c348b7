use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Command, FileId, Flags, Header, TRANSFORM_PROTOCOL_ID, TransformHeader, split};
use netsession_proto::wire::Reader;

use super::commands;
use super::operation::{Completion, Operation};
use super::reply::error_body;
use super::respond::respond;
use super::send::send;
use super::state::State;
use super::verify;
use crate::scenario::Step;

/// What one operation of a compound leaves to the next (\[MS-SMB2\] 3.3.5.2.7.2). A number is missing
/// where the operation had none and made none.
#[derive(Debug, Default)]
struct Previous {
    session_id: Option<u64>,
    tree_id: Option<u32>,
    file_id: Option<FileId>,
    /// Why an operation with a file failed.
    file_failure: Option<NtStatus>,
}

/// Takes a frame: a message, a compound, or either encrypted.
pub(super) fn receive(state: &mut State, frame: Vec<u8>) {
    let Some((frame, sealed)) = decrypt(state, frame) else { return state.hang_up() };
    let Ok(messages) = split(&frame) else { return state.hang_up() };
    let in_compound = messages.len() > 1;
    let mut previous = Previous::default();
    let mut replies = Vec::new();
    for (index, message) in messages.into_iter().enumerate() {
        let Ok(header) = Header::decode(message) else { return state.hang_up() };
        if !verify::keeps_connection(state, &header, message)
            || !verify::belongs_to_transform(&header, sealed, index == 0)
        {
            return state.hang_up();
        }
        // 3.3.5.2.7.2: the numbers of the first request are its own, whatever it claims.
        let related = index > 0 && header.flags.contains(Flags::RELATED);
        let mut operation = Operation {
            session_id: if related { previous.session_id.unwrap_or(0) } else { header.session_id },
            tree_id: if related { previous.tree_id.unwrap_or(0) } else { header.tree_id() },
            file_id: if related { previous.file_id } else { None },
            sealed,
            in_compound,
            step: step_of(header.command),
            header,
            message,
        };
        if operation.command() == Command::CANCEL {
            // 3.3.5.16: without a number of its own, and without an answer.
            if verify::message(state, &operation).and_then(|()| verify::target(state, &operation)).is_ok() {
                replies.extend(commands::cancel(state, operation.header.message_id));
            }
            continue;
        }
        // 3.3.5.2.3. On 2.0.2 CreditCharge is a reserved field.
        let charge = if state.supports_multi_credit() { operation.header.credit_charge } else { 1 };
        if !state.window.take(operation.header.message_id, charge) {
            return state.hang_up();
        }
        let result = previous
            .verify_session(&operation)
            .and_then(|()| verify::message(state, &operation))
            .and_then(|()| previous.verify_rest(&operation))
            .and_then(|()| verify::target(state, &operation))
            .and_then(|()| commands::dispatch(state, &mut operation));
        if state.outbox.is_shut() {
            return;
        }
        let is_misplaced = index == 0 && operation.is_related();
        previous = match result {
            _ if is_misplaced => Previous::default(),
            Ok(_) => Previous::after(&operation, None),
            Err(status) => Previous::after(&operation, Some(status)),
        };
        let completion = match result {
            Ok(None) => continue,
            Ok(Some(completion)) => completion,
            Err(status) => Completion { status, body: error_body() },
        };
        replies.push(respond(state, &operation, completion));
        replies.extend(commands::wake(state, &operation));
    }
    send(state, replies);
}

impl Previous {
    /// Whether a related operation has a session to work in. The first request of a frame has no operation
    /// before it: where it claims to be related, Windows fails the whole chain with this status.
    fn verify_session(&self, operation: &Operation<'_>) -> Result<(), NtStatus> {
        let missing = operation.is_related() && self.session_id.is_none();
        if missing && verify::needs_session(operation.command()) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        Ok(())
    }

    /// Whether it has a tree and a file to work on.
    fn verify_rest(&self, operation: &Operation<'_>) -> Result<(), NtStatus> {
        let command = operation.command();
        if !operation.is_related() {
            return Ok(());
        }
        if verify::works_in_tree(command) && self.tree_id.is_none() {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        match self.file_failure {
            Some(status) if verify::needs_file(command) => Err(status),
            _ => Ok(()),
        }
    }

    fn after(operation: &Operation<'_>, failure: Option<NtStatus>) -> Self {
        let command = operation.command();
        let has_file = verify::needs_file(command) || command == Command::CREATE;
        let made_no_tree = command == Command::TREE_CONNECT && failure.is_some();
        Self {
            session_id: Some(operation.session_id).filter(|id| *id != 0),
            tree_id: Some(operation.tree_id).filter(|id| *id != 0 && !made_no_tree),
            file_id: operation.file_id,
            file_failure: failure.filter(|_| has_file),
        }
    }
}

fn decrypt(state: &State, frame: Vec<u8>) -> Option<(Vec<u8>, Option<u64>)> {
    if !frame.starts_with(&TRANSFORM_PROTOCOL_ID) {
        return Some((frame, None));
    }
    let session_id = TransformHeader::decode(&mut Reader::new(&frame)).ok()?.session_id;
    let sealer = state.session(session_id)?.keys.as_ref()?.sealer.as_ref()?;
    Some((sealer.open(session_id, frame).ok()?, Some(session_id)))
}

fn step_of(command: Command) -> Step {
    match command {
        Command::NEGOTIATE => Step::Negotiate,
        Command::SESSION_SETUP => Step::LogOn,
        Command::TREE_CONNECT => Step::TreeConnect,
        Command::CREATE => Step::Create,
        Command::READ => Step::Read,
        _ => Step::Other,
    }
}
