use super::Cause;
use super::channel::{Expect, Reply};
use super::connection::Connection;
use crate::erref::NtStatus;
use crate::smb2::{
    Body, Dialect, FSCTL_VALIDATE_NEGOTIATE_INFO, FileId, IoctlRequest, IoctlResponse,
    ValidateNegotiateResponse,
};

/// Whether the negotiation, which went unsigned, has been confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Validation {
    /// Not yet, and not asked for.
    Due,
    /// Asked for. Nothing of a listing is released before the answer.
    Asked,
    /// Confirmed; or there is nothing to confirm, since 3.1.1 has the pre-authentication hash.
    Done,
}

impl Connection {
    /// Sends FSCTL_VALIDATE_NEGOTIATE_INFO along with the request that follows, once there is a tree
    /// (\[MS-SMB2\] 3.2.5.5).
    pub(super) fn validate_along(&mut self) {
        let (Some(agreement), Validation::Due) = (&self.agreement, self.validation) else { return };
        if agreement.dialect == Dialect::Smb311 {
            self.validation = Validation::Done;
            return;
        }
        let input = self.validation_request().encode();
        let request = IoctlRequest {
            code: FSCTL_VALIDATE_NEGOTIATE_INFO,
            file_id: FileId::ANY,
            input: &input,
            max_output: ValidateNegotiateResponse::SIZE,
        };
        self.channel.send(Expect::Validate, self.tree_id, &request);
        self.validation = Validation::Asked;
    }

    /// Takes the answer (\[MS-SMB2\] 3.2.5.14.12). That it is signed or encrypted has been seen to.
    pub(super) fn validated(&mut self, reply: &Reply) -> Result<(), Cause> {
        match reply.header.status {
            NtStatus::SUCCESS => {
                let response = IoctlResponse::decode(&reply.message).map_err(Cause::Malformed)?;
                let said = ValidateNegotiateResponse::decode(response.output).map_err(Cause::Malformed)?;
                if self.agreement.as_ref().is_none_or(|agreement| agreement.confirmation != said) {
                    return Err(Cause::Integrity("what was negotiated has been changed on the way"));
                }
            }
            NtStatus::ACCESS_DENIED => {
                return Err(Cause::Integrity("the server did not confirm what was negotiated"));
            }
            // A server of the time before 3.0 does not know the question, and its answer is signed.
            status if status.is_error() => {}
            _ => return Err(Cause::Misbehaved("a status without meaning")),
        }
        self.validation = Validation::Done;
        self.release_held();
        Ok(())
    }
}
