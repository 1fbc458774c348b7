//! CREATE and bind of one pipe: the requests, and what their answers mean.

use super::agreement::Agreement;
use super::channel::Reply;
use super::pipe::{ONE_CREDIT, Pipe};
use super::{BindRefusal, Cause, Misbehaviour, Refusal, Step};
use crate::erref::NtStatus;
use crate::rpce::{Bind, ContextResult, Pdu, SyntaxId};
use crate::smb2::{
    CreateRequest, CreateResponse, FSCTL_PIPE_TRANSCEIVE, FileId, IoctlRequest, IoctlResponse,
};
use crate::srvs;

/// The longest RPC fragment that is offered (max_recv_frag, \[MS-RPCE\] 3.3.1.5.2). Samba and Windows grant 5840; the
/// more a server grants, the fewer READs are needed.
const MAX_FRAGMENT: u16 = 0xfff8;

/// What the server gave, or the status that refuses it.
pub(super) type StatusOr<T> = Result<T, NtStatus>;

/// The open file, from the answer to CREATE.
pub(super) fn created(reply: &Reply) -> Result<StatusOr<FileId>, Cause> {
    match reply.status() {
        NtStatus::SUCCESS => {
            let response: CreateResponse = reply.body()?;
            Ok(Ok(response.file_id))
        }
        status => Ok(Err(status)),
    }
}

/// The PDU that answers the bind.
pub(super) fn bind_answered(reply: &Reply) -> Result<StatusOr<Vec<u8>>, Cause> {
    match reply.status() {
        // BUFFER_OVERFLOW is a partial output, not an error ([MS-SMB2] 3.3.4.4).
        NtStatus::SUCCESS | NtStatus::BUFFER_OVERFLOW => {
            let response: IoctlResponse<'_> = reply.body()?;
            Ok(Ok(response.output.to_vec()))
        }
        status => Ok(Err(status)),
    }
}

/// The bound pipe, from the PDU that answers the bind with this call_id.
pub(super) fn bind_accepted(pdu: &[u8], call_id: u32, file_id: FileId) -> Result<Pipe, Cause> {
    let ack = match Pdu::decode(pdu).map_err(Cause::Malformed)? {
        Pdu::BindAck(ack) => ack,
        Pdu::BindNak(nak) => return Err(Cause::BindRefused(BindRefusal::Nak(nak.reason))),
        Pdu::Fault(fault) => return Err(Cause::Refused(Refusal::Fault(fault.status))),
        Pdu::Request(_) | Pdu::Response(_) | Pdu::Bind(_) => {
            return Err(Cause::Misbehaved(Misbehaviour::NotABindAnswer));
        }
    };
    if ack.call_id != call_id {
        return Err(Cause::Misbehaved(Misbehaviour::OtherCall));
    }
    match ack.results.as_slice() {
        [ContextResult::Acceptance(SyntaxId::NDR)] => {}
        [ContextResult::Acceptance(_)] => {
            return Err(Cause::Misbehaved(Misbehaviour::OtherTransferSyntax));
        }
        [ContextResult::UserRejection(reason) | ContextResult::ProviderRejection(reason)] => {
            return Err(Cause::BindRefused(BindRefusal::Rejected(*reason)));
        }
        _ => return Err(Cause::Misbehaved(Misbehaviour::BindResultCount)),
    }
    tracing::debug!(max_fragment = ack.max_xmit_frag, "pipe srvsvc bound");
    Ok(Pipe::new(file_id, ack.max_recv_frag))
}

/// What the answers to CREATE and IOCTL(bind) of one compound mean together.
pub(super) enum Opened<'a> {
    /// An answer that decides is not there yet.
    Waiting,
    /// The server may take no compound: single steps follow. The file that it has opened all the same.
    CompoundRefused(Option<FileId>),
    /// The server refuses the request of this step. The file that it has opened before.
    Refused(Step, NtStatus, Option<FileId>),
    /// The file, and the PDU that answers the bind.
    Answered(FileId, &'a [u8]),
}

impl<'a> Opened<'a> {
    /// CREATE is judged first: answers may come in any order, and its error makes the bind, which is related, fail, too
    /// (\[MS-SMB2\] 3.3.5.2.7.2).
    pub(super) fn judge(create: Option<&StatusOr<FileId>>, bind: Option<&'a StatusOr<Vec<u8>>>) -> Self {
        match (create, bind) {
            (None, _) | (Some(Ok(_)), None) => Self::Waiting,
            (Some(Err(status)), _) if refuses_compound(*status) => Self::CompoundRefused(None),
            (Some(Err(status)), _) => Self::Refused(Step::OpenPipe, *status, None),
            (Some(Ok(file)), Some(Err(status))) if refuses_compound(*status) => {
                Self::CompoundRefused(Some(*file))
            }
            (Some(Ok(file)), Some(Err(status))) => Self::Refused(Step::Bind, *status, Some(*file)),
            (Some(Ok(file)), Some(Ok(pdu))) => Self::Answered(*file, pdu),
        }
    }
}

/// Whether a status of CREATE or IOCTL may mean the compound, and not the request. Servers have many for one that they
/// cannot process: impacket's says SMB_BAD_TID, Samba INTERNAL_ERROR for an IOCTL within a compound, others
/// NETWORK_NAME_DELETED, INVALID_PARAMETER or FILE_CLOSED. So all are taken for it but those with which a server says that
/// the caller may not use the pipe, or that it has none. A real failure is reported all the same, because the single
/// steps fail with it again (docs/decisions/compound-refused.md).
fn refuses_compound(status: NtStatus) -> bool {
    ![NtStatus::ACCESS_DENIED, NtStatus::OBJECT_NAME_NOT_FOUND, NtStatus::PIPE_NOT_AVAILABLE]
        .contains(&status)
}

/// Opens the pipe `srvsvc`.
pub(super) fn create_request() -> CreateRequest {
    CreateRequest { name: srvs::PIPE.to_owned() }
}

/// The bind to `srvsvc`, as the call `call_id`.
pub(super) fn bind_pdu(call_id: u32) -> Vec<u8> {
    Bind::new(call_id, srvs::INTERFACE, MAX_FRAGMENT).encode()
}

/// FSCTL_PIPE_TRANSCEIVE writes the bind to the pipe and reads its answer in one round trip (\[MS-SMB2\] 2.2.31). The
/// output is limited to one credit's worth, because CreditCharge is 1 (3.2.4.1.5).
pub(super) fn bind_request<'a>(agreement: &Agreement, file_id: FileId, pdu: &'a [u8]) -> IoctlRequest<'a> {
    let max_output = agreement.max_transact_size.min(ONE_CREDIT);
    IoctlRequest { code: FSCTL_PIPE_TRANSCEIVE, file_id, input: pdu, max_output }
}
