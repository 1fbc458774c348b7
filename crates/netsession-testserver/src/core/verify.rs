//! What a server checks before it carries a request out (\[MS-SMB2\] 3.3.5.2), in the order of its sections.

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Command, Dialect, Flags, Header};
use netsession_proto::wire::Reader;

use super::operation::Operation;
use super::state::State;

/// Requests whose payload costs credits may be as long as MaxTransactSize and this much (3.3.5.2).
const BEYOND_MAX_TRANSACT: usize = 256;
/// All others may have this many bytes (3.3.5.2).
const MAX_OTHER: usize = 68 * 1024;
/// In a related request: the session and the tree of the request before it.
const SAME_SESSION: u64 = u64::MAX;
const SAME_TREE: u32 = u32::MAX;

/// Whether the connection goes on after this request. Where it does not, the client gets no reply.
pub(super) fn keeps_connection(state: &State, header: &Header, message: &[u8]) -> bool {
    let command = header.command;
    let limit = match &state.negotiated {
        Some(negotiated) if state.supports_multi_credit() && has_payload(command) => {
            usize::try_from(negotiated.max_size).unwrap_or(usize::MAX).saturating_add(BEYOND_MAX_TRANSACT)
        }
        _ => MAX_OTHER,
    };
    message.len() <= limit
        // 3.3.5.2.2
        && (state.negotiated.is_some() || command == Command::NEGOTIATE)
        // 3.3.5.2.6
        && structure_size(command).is_some()
        // No section names it; Samba closes the connection.
        && !header.flags.contains(Flags::RESPONSE)
}

/// Whether a decrypted request belongs to the session that it was encrypted for (3.3.5.2.1.1). Where it
/// does not, the connection ends.
pub(super) fn belongs_to_transform(header: &Header, sealed: Option<u64>, is_first: bool) -> bool {
    let related = header.flags.contains(Flags::RELATED);
    match sealed {
        Some(_) if related => !is_first,
        Some(session_id) => header.session_id == session_id,
        None => true,
    }
}

/// The message itself: its numbers, its signature, its structure.
pub(super) fn message(state: &State, operation: &Operation<'_>) -> Result<(), NtStatus> {
    related_ids(operation)?;
    signature(state, operation)?;
    format(operation)
}

/// The session and the tree that it works on. The payload is verified by the command.
pub(super) fn target(state: &State, operation: &Operation<'_>) -> Result<(), NtStatus> {
    session(state, operation)?;
    if needs_tree(operation.command()) { tree(state, operation) } else { Ok(()) }
}

/// A related request names the session and tree of the request before it, or all ones.
///
/// 3.3.5.2.7.2 has the server take both from the request before. Servers exist that look at the numbers
/// all the same, so a client that sends neither is noticed here.
fn related_ids(operation: &Operation<'_>) -> Result<(), NtStatus> {
    if !operation.is_related() {
        return Ok(());
    }
    let header = &operation.header;
    if header.session_id != SAME_SESSION && header.session_id != operation.session_id {
        return Err(NtStatus::USER_SESSION_DELETED);
    }
    let tree_id = header.tree_id();
    if needs_tree(header.command) && tree_id != SAME_TREE && tree_id != operation.tree_id {
        return Err(NtStatus::NETWORK_NAME_DELETED);
    }
    Ok(())
}

/// 3.3.5.2.4
fn signature(state: &State, operation: &Operation<'_>) -> Result<(), NtStatus> {
    if operation.sealed.is_some() {
        return Ok(());
    }
    if operation.command() == Command::NEGOTIATE {
        return if operation.is_signed() { Err(NtStatus::INVALID_PARAMETER) } else { Ok(()) };
    }
    let session = state.session(operation.session_id);
    let keys = session.and_then(|session| session.keys.as_ref());
    match (operation.is_signed(), session, keys) {
        (true, None, _) => Err(NtStatus::USER_SESSION_DELETED),
        (true, Some(_), None) => Err(NtStatus::NOT_SUPPORTED),
        (true, _, Some(keys)) if keys.signer.verify(operation.message) => Ok(()),
        (true, _, Some(_)) => Err(NtStatus::ACCESS_DENIED),
        (false, Some(session), Some(_)) if session.signing_required => Err(NtStatus::ACCESS_DENIED),
        (false, _, _) => Ok(()),
    }
}

/// 3.3.5.2.6: the request has the structure of its command.
fn format(operation: &Operation<'_>) -> Result<(), NtStatus> {
    // Such a header has an AsyncId and no TreeId; of all requests only CANCEL may have one (2.2.1.1).
    if operation.header.flags.contains(Flags::ASYNC) && operation.command() != Command::CANCEL {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let mut body = Reader::new(operation.message);
    let given = body.skip(Header::SIZE, "header").and_then(|()| body.u16("StructureSize"));
    let given = given.map_err(|_| NtStatus::INVALID_PARAMETER)?;
    // An odd size stands for a variable part, which may be empty.
    let fixed = Header::SIZE.saturating_add(usize::from(given & !1));
    if structure_size(operation.command()).is_some_and(|sizes| sizes.contains(&given))
        && operation.message.len() >= fixed
    {
        Ok(())
    } else {
        Err(NtStatus::INVALID_PARAMETER)
    }
}

/// 3.3.5.2.9
fn session(state: &State, operation: &Operation<'_>) -> Result<(), NtStatus> {
    let needed = match operation.command() {
        Command::NEGOTIATE | Command::SESSION_SETUP => false,
        // 3.3.5.16
        Command::CANCEL => operation.is_signed(),
        // 3.3.5.17. A server SHOULD disconnect where there is no session at all; the double answers.
        Command::ECHO => operation.is_signed() || (operation.sealed.is_none() && operation.session_id != 0),
        _ => true,
    };
    if !needed {
        return Ok(());
    }
    // A log-on in progress is answered as an implementation likes; this is Samba's answer.
    let session = state.session(operation.session_id).filter(|session| session.keys.is_some());
    let session = session.ok_or(NtStatus::USER_SESSION_DELETED)?;
    if session.encrypt_data && operation.sealed.is_none() {
        return Err(NtStatus::ACCESS_DENIED);
    }
    Ok(())
}

/// 3.3.5.2.11
pub(super) fn tree(state: &State, operation: &Operation<'_>) -> Result<(), NtStatus> {
    let tree = state.trees.get(&operation.tree_id);
    let tree = tree.filter(|tree| tree.session_id == operation.session_id);
    let tree = tree.ok_or(NtStatus::NETWORK_NAME_DELETED)?;
    if tree.encrypt_data && operation.sealed.is_none() {
        return Err(NtStatus::ACCESS_DENIED);
    }
    Ok(())
}

/// 3.3.5.2.5: the CreditCharge covers the payload of the request, or that of the response if it is larger.
pub(super) fn credit_charge(state: &State, operation: &Operation<'_>, payload: u64) -> Result<(), NtStatus> {
    const ONE_CREDIT: u64 = 65_536;
    if !state.supports_multi_credit() {
        return Ok(());
    }
    // CreditCharge 0 is for payloads that one credit covers.
    let charge = u64::from(operation.header.credit_charge.max(1));
    if payload.div_ceil(ONE_CREDIT) > charge { Err(NtStatus::INVALID_PARAMETER) } else { Ok(()) }
}

/// 3.3.5.7: on 3.1.1 an unprotected TREE_CONNECT ends the connection. A signature or encryption proves that
/// both sides have the same pre-authentication hash.
pub(super) fn tree_connect_is_protected(state: &State, operation: &Operation<'_>) -> bool {
    state.dialect() != Some(Dialect::Smb311) || operation.is_signed() || operation.sealed.is_some()
}

/// Whether the command works on a tree. CLOSE looks for its file first (3.3.5.10).
fn needs_tree(command: Command) -> bool {
    matches!(
        command,
        Command::TREE_DISCONNECT
            | Command::CREATE
            | Command::FLUSH
            | Command::READ
            | Command::WRITE
            | Command::LOCK
            | Command::IOCTL
            | Command::QUERY_DIRECTORY
            | Command::CHANGE_NOTIFY
            | Command::QUERY_INFO
            | Command::SET_INFO
            | Command::OPLOCK_BREAK
    )
}

/// Whether the command works on a file.
pub(super) fn needs_file(command: Command) -> bool {
    command == Command::CLOSE
        || (needs_tree(command) && !matches!(command, Command::CREATE | Command::TREE_DISCONNECT))
}

/// Whether the command needs a session that exists.
pub(super) fn needs_session(command: Command) -> bool {
    !matches!(command, Command::NEGOTIATE | Command::SESSION_SETUP | Command::ECHO)
}

/// Whether the command needs a tree, CLOSE included.
pub(super) fn works_in_tree(command: Command) -> bool {
    needs_tree(command) || command == Command::CLOSE
}

/// Commands whose payload may be larger than one credit covers (3.3.5.2).
fn has_payload(command: Command) -> bool {
    matches!(
        command,
        Command::READ
            | Command::WRITE
            | Command::IOCTL
            | Command::QUERY_DIRECTORY
            | Command::CHANGE_NOTIFY
            | Command::QUERY_INFO
            | Command::SET_INFO
    )
}

/// StructureSize of a command's request (2.2.3 to 2.2.39); `None` where there is no such command.
fn structure_size(command: Command) -> Option<&'static [u16]> {
    Some(match command {
        Command::NEGOTIATE => &[36],
        Command::SESSION_SETUP => &[25],
        Command::TREE_CONNECT => &[9],
        Command::LOGOFF | Command::TREE_DISCONNECT | Command::CANCEL | Command::ECHO => &[4],
        Command::CREATE | Command::IOCTL => &[57],
        Command::CLOSE | Command::FLUSH => &[24],
        Command::READ | Command::WRITE => &[49],
        Command::LOCK => &[48],
        Command::QUERY_DIRECTORY | Command::SET_INFO => &[33],
        Command::CHANGE_NOTIFY => &[32],
        Command::QUERY_INFO => &[41],
        // Of an oplock, and of a lease.
        Command::OPLOCK_BREAK => &[24, 36],
        _ => return None,
    })
}
