use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, FSCTL_PIPE_TRANSCEIVE, FSCTL_VALIDATE_NEGOTIATE_INFO, FileId, Header, IoctlRequest, IoctlResponse,
    ValidateNegotiateRequest,
};
use netsession_proto::wire::{DecodeError, Reader};

use super::super::operation::{Completion, Operation};
use super::super::reply::body_of;
use super::super::state::State;
use super::super::verify;
use super::pipe_io::{find_pipe, write_to_pipe};
use crate::scenario::Step;

/// Clients send it on `IPC$` before anything else.
const FSCTL_DFS_GET_REFERRALS: u32 = 0x0006_0194;
const FSCTL_DFS_GET_REFERRALS_EX: u32 = 0x0006_01b0;
const FSCTL_QUERY_NETWORK_INTERFACE_INFO: u32 = 0x0014_01fc;
const FSCTL_PIPE_WAIT: u32 = 0x0011_0018;
/// The codes that work on no file: their FileId is all ones.
const ON_NO_FILE: [u32; 5] = [
    FSCTL_DFS_GET_REFERRALS,
    FSCTL_DFS_GET_REFERRALS_EX,
    FSCTL_QUERY_NETWORK_INTERFACE_INFO,
    FSCTL_VALIDATE_NEGOTIATE_INFO,
    FSCTL_PIPE_WAIT,
];
/// SMB2_0_IOCTL_IS_FSCTL.
const IS_FSCTL: u32 = 0x0000_0001;

/// Control codes (\[MS-SMB2\] 3.3.5.15).
pub(super) fn ioctl(state: &mut State, operation: &mut Operation<'_>) -> Result<Completion, NtStatus> {
    let request = IoctlRequest::decode(operation.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    let sizes = Sizes::decode(operation.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    if sizes.flags != IS_FSCTL {
        return Err(NtStatus::NOT_SUPPORTED);
    }
    let pipe = match ON_NO_FILE.contains(&request.code) {
        false => Some(find_pipe(state, operation, request.file_id)?),
        true if request.file_id == FileId::ANY => None,
        true => return Err(NtStatus::INVALID_PARAMETER),
    };
    sizes.verify(state, operation)?;
    match (request.code, pipe) {
        (FSCTL_PIPE_TRANSCEIVE, Some(pipe)) => transceive(state, operation, pipe, &request),
        (FSCTL_VALIDATE_NEGOTIATE_INFO, _) => {
            operation.step = Step::Validate;
            validate_negotiation(state, &request)
        }
        (FSCTL_DFS_GET_REFERRALS, _) => Err(NtStatus::FS_DRIVER_REQUIRED),
        _ => Err(NtStatus::NOT_SUPPORTED),
    }
}

/// Writes to a pipe and reads the first piece of the answer (\[MS-SMB2\] 3.3.5.15.3).
fn transceive(
    state: &mut State,
    operation: &mut Operation<'_>,
    number: u64,
    request: &IoctlRequest<'_>,
) -> Result<Completion, NtStatus> {
    let overflows = state.scenario().rpc.overflow_between_fragments;
    let file_id = operation.file_id.unwrap_or(request.file_id);
    let pipe = write_to_pipe(state, operation, number, request.input)?;
    // A request that is not complete has no answer, and a client that transceives it would wait in vain.
    let piece = pipe.read(request.max_output, overflows).ok_or(NtStatus::PIPE_BROKEN)?;
    let body = body_of(&IoctlResponse { code: request.code, file_id, output: &piece.data });
    Ok(Completion { status: piece.status, body })
}

/// Repeats the negotiation, signed (\[MS-SMB2\] 3.3.5.15.12). Where the client remembers another one, the
/// connection ends.
fn validate_negotiation(state: &mut State, request: &IoctlRequest<'_>) -> Result<Completion, NtStatus> {
    if !state.smb().validates_negotiation {
        return Err(NtStatus::NOT_SUPPORTED);
    }
    let claimed = ValidateNegotiateRequest::decode(request.input).map_err(|_| NtStatus::INVALID_PARAMETER)?;
    let negotiated = state.negotiated.as_ref().filter(|negotiated| negotiated.offered == claimed);
    let Some(negotiated) = negotiated else {
        state.hang_up();
        return Err(NtStatus::ACCESS_DENIED);
    };
    let output = negotiated.chosen.encode();
    let response = IoctlResponse { code: request.code, file_id: request.file_id, output: &output };
    Ok(Completion::success(body_of(&response)))
}

/// The fields of an IOCTL that only a server looks at (\[MS-SMB2\] 2.2.31).
#[derive(Debug)]
struct Sizes {
    input_offset: u32,
    input: u32,
    max_input: u32,
    output: u32,
    max_output: u32,
    flags: u32,
}

impl Sizes {
    fn decode(message: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(message);
        reader.skip(
            Header::SIZE + 2 /* StructureSize */ + 2 /* Reserved */ + 4 /* CtlCode */ + 16, /* FileId */
            "IOCTL request",
        )?;
        Ok(Self {
            input_offset: reader.u32("InputOffset")?,
            input: reader.u32("InputCount")?,
            max_input: reader.u32("MaxInputResponse")?,
            output: reader.skip(4, "OutputOffset").and_then(|()| reader.u32("OutputCount"))?,
            max_output: reader.u32("MaxOutputResponse")?,
            flags: reader.u32("Flags")?,
        })
    }

    fn verify(&self, state: &State, operation: &Operation<'_>) -> Result<(), NtStatus> {
        let max_size = state.negotiated.as_ref().map_or(0, |negotiated| negotiated.max_size);
        let too_large = [self.input, self.max_input, self.max_output].iter().any(|size| *size > max_size);
        if too_large || (self.input != 0 && !self.input_offset.is_multiple_of(8)) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let request = u64::from(self.input) + u64::from(self.output);
        let response = u64::from(self.max_input) + u64::from(self.max_output);
        verify::credit_charge(state, operation, request.max(response))
    }
}
