use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Body, ShareType, TreeConnectRequest, TreeConnectResponse};

use super::super::operation::Operation;
use super::super::reply::{bare_body, body_of};
use super::super::state::{State, Tree};
use super::super::verify;
use crate::scenario::Encryption;

/// FILE_ALL_ACCESS.
const ALL_ACCESS: u32 = 0x001f_01ff;

/// Connects to `IPC$`, the only share (\[MS-SMB2\] 3.3.5.7).
pub(super) fn tree_connect(state: &mut State, operation: &mut Operation<'_>) -> Result<Vec<u8>, NtStatus> {
    if !verify::tree_connect_is_protected(state, operation) {
        state.hang_up();
        return Err(NtStatus::ACCESS_DENIED);
    }
    let request = TreeConnectRequest::decode(operation.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    let share = share_of(&request.path).ok_or(NtStatus::INVALID_PARAMETER)?;
    if !share.eq_ignore_ascii_case("IPC$") {
        return Err(NtStatus::BAD_NETWORK_NAME);
    }
    let encrypt_data = state.smb().encryption == Encryption::Share;
    if encrypt_data && state.negotiated.as_ref().is_none_or(|negotiated| negotiated.cipher.is_none()) {
        return Err(NtStatus::ACCESS_DENIED);
    }
    operation.tree_id = state.fresh_id();
    state.trees.insert(operation.tree_id, Tree { session_id: operation.session_id, encrypt_data });
    Ok(body_of(&TreeConnectResponse {
        share_type: ShareType::PIPE,
        share_flags: if encrypt_data { TreeConnectResponse::ENCRYPT_DATA } else { 0 },
        capabilities: 0,
        maximal_access: ALL_ACCESS,
    }))
}

/// Disconnects from it, closing its pipes (\[MS-SMB2\] 3.3.5.8).
pub(super) fn tree_disconnect(state: &mut State, operation: &Operation<'_>) -> Vec<u8> {
    state.trees.remove(&operation.tree_id);
    state.pipes.retain(|_, pipe| pipe.tree_id != operation.tree_id);
    bare_body()
}

/// The share of `\\server\share` (\[MS-SMB2\] 2.2.9).
fn share_of(path: &str) -> Option<&str> {
    let (server, share) = path.strip_prefix(r"\\")?.split_once('\\')?;
    (!server.is_empty() && !share.is_empty() && !share.contains('\\')).then_some(share)
}
