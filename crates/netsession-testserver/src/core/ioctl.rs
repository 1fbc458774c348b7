use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, FSCTL_PIPE_TRANSCEIVE, FSCTL_VALIDATE_NEGOTIATE_INFO, IoctlRequest, IoctlResponse,
    ValidateNegotiateRequest,
};

use super::connection::ServerConnection;
use super::receive::{Answer, Call};
use super::reply::body_of;
use crate::scenario::Step;

/// FSCTL_DFS_GET_REFERRALS, which clients ask on `IPC$` before anything else.
const FSCTL_DFS_GET_REFERRALS: u32 = 0x0006_0194;

impl ServerConnection {
    /// Control codes (\[MS-SMB2\] 3.3.5.15).
    pub(super) fn ioctl(&mut self, call: &mut Call<'_>) -> Result<Option<Answer>, NtStatus> {
        let request = IoctlRequest::decode(call.message).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        match request.code {
            FSCTL_PIPE_TRANSCEIVE => self.transceive(call, &request).map(Some),
            FSCTL_VALIDATE_NEGOTIATE_INFO => {
                call.step = Step::Validate;
                self.validate_negotiation(call, &request).map(Some)
            }
            FSCTL_DFS_GET_REFERRALS => Err(NtStatus::FS_DRIVER_REQUIRED),
            _ => Err(NtStatus::NOT_SUPPORTED),
        }
    }

    /// Writes to a pipe and reads the first piece of the answer.
    fn transceive(&mut self, call: &mut Call<'_>, request: &IoctlRequest<'_>) -> Result<Answer, NtStatus> {
        let overflows = self.scenario.rpc.overflow_between_fragments;
        let pipe = self.write_to_pipe(call, request.file_id, request.input)?;
        // A request that is not complete has no answer, and whoever transceives it waits in vain.
        let piece = pipe.read(request.max_output, overflows).ok_or(NtStatus::PIPE_BROKEN)?;
        let file_id = call.file_id.unwrap_or(request.file_id);
        let body = body_of(&IoctlResponse { code: request.code, file_id, output: &piece.data });
        Ok(Answer { status: piece.status, body })
    }

    /// Repeats the negotiation, signed (\[MS-SMB2\] 3.3.5.15.12). Where the client's memory of it differs, the
    /// connection ends.
    fn validate_negotiation(
        &mut self,
        call: &Call<'_>,
        request: &IoctlRequest<'_>,
    ) -> Result<Answer, NtStatus> {
        if !self.scenario.smb.validates_negotiation {
            return Err(NtStatus::NOT_SUPPORTED);
        }
        self.check_tree(call)?;
        let said =
            ValidateNegotiateRequest::decode(request.input).map_err(|_| NtStatus::INVALID_PARAMETER)?;
        let Some(negotiated) = self.negotiated.as_ref().filter(|negotiated| negotiated.offered == said)
        else {
            self.hang_up();
            return Err(NtStatus::ACCESS_DENIED);
        };
        let output = negotiated.chosen.encode();
        let body = body_of(&IoctlResponse { code: request.code, file_id: request.file_id, output: &output });
        Ok(Answer { status: NtStatus::SUCCESS, body })
    }
}
