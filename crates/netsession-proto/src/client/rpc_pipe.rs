use super::agreement::Agreement;
use super::channel::{Channel, Reply};
use super::validation::Validation;
use super::{Cause, Limits, Misbehaviour};
use crate::smb2::{Dialect, FSCTL_PIPE_TRANSCEIVE, FileId, IoctlRequest, ReadRequest, WriteRequest};

/// Bytes that one credit pays for (\[MS-SMB2\] 3.1.5.2).
pub(super) const ONE_CREDIT: u32 = 0x1_0000;

/// The call_id of the bind; those of calls follow.
pub(super) const BIND_CALL_ID: u32 = 1;

/// The open and bound pipe `srvsvc`: what a [`Handshake`](super::Handshake) ends in, ready for any call.
///
/// It knows no call by name: [`RpcPipe::call`] takes a number and a stub, and turns the pipe into the
/// [`Exchange`](super::Exchange) that carries them. The exchange gives the pipe back with the answer.
#[derive(Debug)]
pub struct RpcPipe {
    channel: Channel,
    pipe: Bound,
    limits: Limits,
    next_call_id: u32,
    /// READs are open that nothing will answer but the next call's answer.
    is_spent: bool,
}

/// A pipe that the server has bound.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) agreement: Agreement,
    pub(super) validation: Validation,
    pub(super) single_steps: bool,
    pub(super) tree_id: u32,
    pub(super) file_id: FileId,
    /// The longest fragment that the server takes, in bytes.
    pub(super) max_fragment: u16,
}

/// What was agreed on with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negotiated {
    /// The dialect.
    pub dialect: Dialect,
    /// Whether the session is encrypted; if not, it is signed.
    pub encrypted: bool,
    /// Whether the pipe was opened in single steps: as configured, or because the server refused the compound.
    pub single_steps: bool,
}

impl RpcPipe {
    pub(super) fn new(channel: Channel, pipe: Bound, limits: Limits) -> Self {
        Self { channel, pipe, limits, next_call_id: BIND_CALL_ID.wrapping_add(1), is_spent: false }
    }

    /// What was agreed on with the server.
    #[must_use]
    pub fn negotiated(&self) -> Negotiated {
        let Agreement { dialect, cipher, .. } = self.pipe.agreement;
        Negotiated { dialect, encrypted: cipher.is_some(), single_steps: self.pipe.single_steps }
    }

    /// How much of an answer is taken, as configured.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Takes any piece of what the server sends.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.channel.push(bytes);
    }

    /// The next reply that is not the confirmation of the negotiation, which is taken here.
    pub(super) fn next_reply(&mut self) -> Result<Option<Reply>, PipeError> {
        loop {
            match self.channel.next_reply() {
                Ok(Some(reply)) if self.pipe.validation.is_answer(&reply) => {
                    self.pipe.validation.answered(&reply).map_err(PipeError::Validation)?;
                }
                Ok(reply) => return Ok(reply),
                Err(cause) => return Err(PipeError::Call(cause)),
            }
        }
    }

    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.channel.poll_transmit()
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.channel.is_stuck()
    }

    pub(super) fn credits(&self) -> u32 {
        self.channel.credits()
    }

    /// Whether the answer of a call may be released: the negotiation is confirmed, or needs no confirmation.
    pub(super) fn is_confirmed(&self) -> bool {
        !self.pipe.validation.is_open()
    }

    /// The call_id of a call that begins, and the longest fragment that the server takes. Asks for the
    /// confirmation of the negotiation along with it, if that is still due.
    pub(super) fn begin_call(&mut self) -> Result<(u32, u16), Cause> {
        if self.is_spent {
            return Err(Cause::Misbehaved(Misbehaviour::FewerFragments));
        }
        let call_id = self.next_call_id;
        self.next_call_id = call_id.wrapping_add(1);
        self.pipe.validation.ask_along(&mut self.channel, self.pipe.tree_id);
        Ok((call_id, self.pipe.max_fragment))
    }

    /// The pipe is of no use for another call: READs are open that would take its answer.
    pub(super) fn spend(&mut self) {
        self.is_spent = true;
    }

    /// Writes a fragment; more follow.
    pub(super) fn write(&mut self, fragment: &[u8]) -> u64 {
        let request = WriteRequest { file_id: self.pipe.file_id, data: fragment };
        self.channel.send(self.pipe.tree_id, &request)
    }

    /// Writes the last fragment and reads the answer, in one request.
    pub(super) fn transceive(&mut self, fragment: &[u8]) -> u64 {
        let request = IoctlRequest {
            code: FSCTL_PIPE_TRANSCEIVE,
            file_id: self.pipe.file_id,
            input: fragment,
            max_output: self.pipe.agreement.max_transact_size.min(ONE_CREDIT),
        };
        self.channel.send(self.pipe.tree_id, &request)
    }

    /// Reads on.
    pub(super) fn read(&mut self) -> u64 {
        let length = self.pipe.agreement.max_read_size.min(ONE_CREDIT);
        self.channel.send(self.pipe.tree_id, &ReadRequest { file_id: self.pipe.file_id, length })
    }
}

/// Why no reply can be had: which of the two that may be under way failed.
pub(super) enum PipeError {
    Validation(Cause),
    Call(Cause),
}
