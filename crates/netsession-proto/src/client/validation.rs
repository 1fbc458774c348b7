use super::channel::{Channel, Reply};
use super::{Cause, Misbehaviour, Tampering};
use crate::erref::NtStatus;
use crate::smb2::{
    FSCTL_VALIDATE_NEGOTIATE_INFO, FileId, IoctlRequest, IoctlResponse, ValidateNegotiateRequest,
    ValidateNegotiateResponse,
};

/// Whether the negotiation, which went unsigned, has been confirmed.
#[derive(Debug)]
pub(super) enum Validation {
    /// SMB 3.1.1 has the preauthentication hash instead.
    Unneeded,
    /// Not yet, and not asked for.
    Due(Box<Expected>),
    /// Asked for. Nothing of an answer is released before the server confirms.
    Asked {
        /// The number of the request.
        message_id: u64,
        /// What the server must repeat.
        expected: ValidateNegotiateResponse,
    },
    /// Confirmed.
    Confirmed,
}

/// What to ask with, and what the server must repeat.
#[derive(Debug)]
pub(super) struct Expected {
    request: ValidateNegotiateRequest,
    response: ValidateNegotiateResponse,
}

impl Validation {
    /// Asks with `request`, and wants `response` repeated.
    pub(super) fn due(request: ValidateNegotiateRequest, response: ValidateNegotiateResponse) -> Self {
        Self::Due(Box::new(Expected { request, response }))
    }

    /// Sends FSCTL_VALIDATE_NEGOTIATE_INFO along with the request that follows, once there is a tree
    /// (\[MS-SMB2\] 3.2.5.5).
    pub(super) fn ask_along(&mut self, channel: &mut Channel, tree_id: u32) {
        let Self::Due(expected) = self else { return };
        let input = expected.request.encode();
        let request = IoctlRequest {
            code: FSCTL_VALIDATE_NEGOTIATE_INFO,
            file_id: FileId::ANY,
            input: &input,
            max_output: ValidateNegotiateResponse::SIZE,
        };
        let message_id = channel.send(tree_id, &request);
        *self = Self::Asked { message_id, expected: expected.response };
    }

    /// Whether the answer is still to come.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Asked { .. })
    }

    /// Whether this is the answer.
    pub(super) fn is_answer(&self, reply: &Reply) -> bool {
        matches!(self, Self::Asked { message_id, .. } if *message_id == reply.message_id())
    }

    /// Takes the answer (\[MS-SMB2\] 3.2.5.14.12). That it is signed or encrypted has been checked.
    pub(super) fn answered(&mut self, reply: &Reply) -> Result<(), Cause> {
        let Self::Asked { expected, .. } = self else { return Ok(()) };
        match reply.status() {
            NtStatus::SUCCESS => {
                let response: IoctlResponse<'_> = reply.body()?;
                let said = ValidateNegotiateResponse::decode(response.output).map_err(Cause::Malformed)?;
                if *expected != said {
                    return Err(Cause::Integrity(Tampering::NegotiationChanged));
                }
            }
            NtStatus::ACCESS_DENIED => return Err(Cause::Integrity(Tampering::NegotiationNotConfirmed)),
            // A server of the time before 3.0 does not know the control code, and its answer is signed:
            // Windows 7 says STATUS_FILE_CLOSED.
            status if status.is_error() => {}
            _ => return Err(Cause::Misbehaved(Misbehaviour::MeaninglessStatus)),
        }
        *self = Self::Confirmed;
        Ok(())
    }
}
