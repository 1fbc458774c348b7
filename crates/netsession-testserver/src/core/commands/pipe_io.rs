use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, CloseRequest, CloseResponse, CreateRequest, CreateResponse, Dialect, FileId, ReadRequest,
    ReadResponse, WriteRequest, WriteResponse,
};
use netsession_proto::srvs;
use netsession_proto::wire::to_u32;

use super::super::operation::{Completion, Operation};
use super::super::pipe::{Pipe, PipeContext, Waiting};
use super::super::reply::{Reply, body_of, error_body};
use super::super::respond::respond;
use super::super::state::State;
use super::super::verify;

/// What sets the two parts of a FileId apart, so that mixing them up is noticed.
const PERSISTENT: u64 = 0x7e55 << 32;

/// Opens `srvsvc`, the only pipe (\[MS-SMB2\] 3.3.5.9).
pub(super) fn create(state: &mut State, operation: &mut Operation<'_>) -> Result<Vec<u8>, NtStatus> {
    let request = CreateRequest::decode(operation.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    // impacket sends the backslash, and servers take it.
    if !request.name.trim_start_matches('\\').eq_ignore_ascii_case(srvs::PIPE) {
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
    }
    let number = u64::from(state.fresh_id());
    let file_id = file_id(number);
    state.pipes.insert(number, Pipe::new(operation.session_id, operation.tree_id));
    operation.file_id = Some(file_id);
    Ok(body_of(&CreateResponse { file_id }))
}

/// Closes a pipe (\[MS-SMB2\] 3.3.5.10).
pub(super) fn close(state: &mut State, operation: &mut Operation<'_>) -> Result<Vec<u8>, NtStatus> {
    let request = CloseRequest::decode(operation.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    let number = find_pipe(state, operation, request.file_id)?;
    state.pipes.remove(&number);
    Ok(body_of(&CloseResponse))
}

/// Writes to a pipe (\[MS-SMB2\] 3.3.5.13).
pub(super) fn write(state: &mut State, operation: &mut Operation<'_>) -> Result<Vec<u8>, NtStatus> {
    let request = WriteRequest::decode(operation.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    let number = find_pipe(state, operation, request.file_id)?;
    verify_payload(state, operation, to_u32(request.data.len()))?;
    verify_write_fields(state, operation)?;
    write_to_pipe(state, operation, number, request.data)?;
    Ok(body_of(&WriteResponse { count: to_u32(request.data.len()) }))
}

/// Reads from a pipe (\[MS-SMB2\] 3.3.5.12); where there is nothing, the response comes with the next write.
pub(super) fn read(state: &mut State, operation: &mut Operation<'_>) -> Result<Option<Completion>, NtStatus> {
    let request = ReadRequest::decode(operation.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    let number = find_pipe(state, operation, request.file_id)?;
    verify_payload(state, operation, request.length)?;
    verify_read_fields(state, operation)?;
    let overflows = state.scenario().rpc.overflow_between_fragments;
    let pipe = state.pipes.get_mut(&number).ok_or(NtStatus::FILE_CLOSED)?;
    match pipe.read(request.length, overflows) {
        Some(piece) => {
            let body = body_of(&ReadResponse { data: &piece.data });
            Ok(Some(Completion { status: piece.status, body }))
        }
        None => {
            pipe.waiting.push_back(Waiting { operation: operation.detached(), length: request.length });
            Ok(None)
        }
    }
}

/// Completes READs that have been waiting, after a write.
pub(in crate::core) fn wake(state: &mut State, operation: &Operation<'_>) -> Vec<Reply> {
    let overflows = state.scenario().rpc.overflow_between_fragments;
    let mut replies = Vec::new();
    let Some(number) = operation.file_id.map(|file_id| file_id.volatile) else { return replies };
    while let Some((waiting, piece)) =
        state.pipes.get_mut(&number).and_then(|pipe| pipe.next_completed(overflows))
    {
        let body = body_of(&ReadResponse { data: &piece.data });
        replies.push(respond(state, &waiting.operation, Completion { status: piece.status, body }));
    }
    replies
}

/// CANCEL has no response of its own; the READ that it cancels has (\[MS-SMB2\] 3.3.5.16).
pub(in crate::core) fn cancel(state: &mut State, message_id: u64) -> Option<Reply> {
    let waiting = state.pipes.values_mut().find_map(|pipe| pipe.cancel(message_id))?;
    let completion = Completion { status: NtStatus::CANCELLED, body: error_body() };
    Some(respond(state, &waiting.operation, completion))
}

/// Hands bytes to a pipe, and notes which step of the conversation this is.
pub(super) fn write_to_pipe<'s>(
    state: &'s mut State,
    operation: &mut Operation<'_>,
    number: u64,
    data: &[u8],
) -> Result<&'s mut Pipe, NtStatus> {
    let session = state.session(operation.session_id).ok_or(NtStatus::USER_SESSION_DELETED)?;
    let caller = session.caller.clone();
    let mut context = PipeContext {
        host: &state.host,
        caller: &caller,
        filetime: state.start.filetime_at(state.now),
        faults: &mut state.faults,
        in_compound: operation.in_compound,
    };
    let pipe = state.pipes.get_mut(&number).ok_or(NtStatus::FILE_CLOSED)?;
    operation.step = pipe.write(data, &mut context);
    Ok(pipe)
}

/// The volatile part of the FileId of an open pipe of this session and tree.
pub(super) fn find_pipe(
    state: &State,
    operation: &mut Operation<'_>,
    given: FileId,
) -> Result<u64, NtStatus> {
    let wanted = match operation.file_id {
        Some(previous) if given == FileId::ANY => previous,
        // [MS-SMB2] 3.3.5.2.7.2: the request before had no file.
        None if given == FileId::ANY && operation.is_related() => return Err(NtStatus::INVALID_HANDLE),
        _ => given,
    };
    let pipe = state.pipes.get(&wanted.volatile);
    let pipe =
        pipe.filter(|pipe| wanted == file_id(wanted.volatile) && pipe.session_id == operation.session_id);
    let pipe = pipe.ok_or(NtStatus::FILE_CLOSED)?;
    // Of all commands CLOSE alone gets here with a tree that has not been verified (3.3.5.10).
    verify::tree(state, operation)?;
    if pipe.tree_id != operation.tree_id {
        return Err(NtStatus::FILE_CLOSED);
    }
    operation.file_id = Some(wanted);
    Ok(wanted.volatile)
}

/// Length is at most MaxReadSize or MaxWriteSize, and CreditCharge covers it.
fn verify_payload(state: &State, operation: &Operation<'_>, length: u32) -> Result<(), NtStatus> {
    if state.negotiated.as_ref().is_some_and(|negotiated| length > negotiated.max_size) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    verify::credit_charge(state, operation, length.into())
}

/// Unbuffered reading is for files, and a TCP connection has no RDMA channel (3.3.5.12).
fn verify_read_fields(state: &State, operation: &Operation<'_>) -> Result<(), NtStatus> {
    const FLAGS: usize = 2 /* StructureSize */ + 1 /* Padding */;
    const CHANNEL: usize = FLAGS + 1 + 4 /* Length */ + 8 /* Offset */ + 16 /* FileId */ + 4 /* MinimumCount */;
    const READ_UNBUFFERED: u8 = 0x01;
    let [flags] = operation.field(FLAGS)?;
    let channel = u32::from_le_bytes(operation.field(CHANNEL)?);
    let unbuffered = flags & READ_UNBUFFERED != 0 && state.dialect() >= Some(Dialect::Smb302);
    if unbuffered || (channel != 0 && state.dialect() >= Some(Dialect::Smb300)) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    Ok(())
}

/// The same for writing (3.3.5.13).
fn verify_write_fields(state: &State, operation: &Operation<'_>) -> Result<(), NtStatus> {
    const DATA_OFFSET: usize = 2 /* StructureSize */;
    const CHANNEL: usize = DATA_OFFSET + 2 + 4 /* Length */ + 8 /* Offset */ + 16 /* FileId */;
    const FLAGS: usize = CHANNEL + 4 + 4 /* RemainingBytes */ + 2 + 2 /* WriteChannelInfo */;
    const WRITE_THROUGH_OR_UNBUFFERED: u32 = 0x0000_0003;
    const MAX_DATA_OFFSET: u16 = 0x100;
    let data_offset = u16::from_le_bytes(operation.field(DATA_OFFSET)?);
    let channel = u32::from_le_bytes(operation.field(CHANNEL)?);
    let flags = u32::from_le_bytes(operation.field(FLAGS)?);
    let is_smb3 = state.dialect() >= Some(Dialect::Smb300);
    if data_offset > MAX_DATA_OFFSET
        || (is_smb3 && (channel != 0 || flags & WRITE_THROUGH_OR_UNBUFFERED != 0))
    {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    Ok(())
}

fn file_id(number: u64) -> FileId {
    FileId { persistent: number | PERSISTENT, volatile: number }
}
