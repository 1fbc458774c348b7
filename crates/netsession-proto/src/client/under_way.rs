use std::time::Instant;

use super::channel::Reply;
use super::connection::Connection;
use super::pipe::Pipe;
use super::reassembly::Reassembly;
use super::{Cause, Failure, Misbehaviour, Step};
use crate::erref::NtStatus;
use crate::rpce::{FaultStatus, fragments};
use crate::smb2::{IoctlResponse, ReadResponse};
use crate::srvs::Operation;

/// One call, for [`RpcPipe::call`](super::RpcPipe::call).
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What failures are labelled with.
    pub operation: Operation,
    /// The number of the procedure.
    pub opnum: u16,
    /// Its parameters, in NDR.
    pub stub: &'a [u8],
    /// The most bytes of stub that the answer may have.
    pub max_answer: usize,
    /// When an answer that is not there has failed.
    pub deadline: Instant,
}

/// One call under way on one pipe of a connection. Another pipe may carry another call meanwhile: each takes the
/// replies to its own requests, by MessageId.
#[derive(Debug)]
pub(super) struct CallUnderWay {
    step: Step,
    pipe: Pipe,
    /// Boxed: the call is moved with each reply.
    stage: Box<Stage>,
}

/// How far the call has come.
#[derive(Debug)]
enum Stage {
    /// All fragments of the request but the last are written, one after the other; `unsent` are those that are
    /// left, the next one last.
    Writing { request: u64, unsent: Vec<Vec<u8>>, answer: Reassembly },
    /// The last fragment went with the control code that reads the answer.
    Transceiving { request: u64, answer: Reassembly },
    /// The rest of the answer is being read.
    Reading(Reassembly),
    /// The answer is complete, and waits for the negotiation to be confirmed.
    Answered(Result<Vec<u8>, FaultStatus>),
}

impl CallUnderWay {
    /// Sends the request, or as much of it as goes without an answer.
    pub(super) fn begin(pipe: Pipe, call: &Call<'_>, connection: &mut Connection) -> Result<Self, Failure> {
        let step = Step::Call(call.operation);
        if pipe.is_spent() {
            return Err(Failure { step, cause: Cause::Misbehaved(Misbehaviour::FewerFragments) });
        }
        let call_id = connection.begin_call();
        let mut unsent: Vec<Vec<u8>> = fragments(call.stub, pipe.max_fragment())
            .map(|part| part.request(call_id, 0, call.opnum).encode())
            .collect();
        unsent.reverse();
        let answer = Reassembly::new(call_id, call.max_answer);
        let stage = Stage::send_next(&pipe, unsent, answer, connection);
        Ok(Self { step, pipe, stage: Box::new(stage) })
    }

    /// What its failures are labelled with.
    pub(super) fn step(&self) -> Step {
        self.step
    }

    /// Takes a reply; one that is not its own changes nothing.
    pub(super) fn take(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Failure> {
        self.take_own(reply, connection).map_err(Failure::at_step(self.step))
    }

    fn take_own(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Cause> {
        let id = reply.message_id();
        match &mut *self.stage {
            Stage::Writing { request, unsent, answer } if *request == id => {
                if reply.status() != NtStatus::SUCCESS {
                    return Err(Cause::Status(reply.status()));
                }
                let (unsent, answer) = (std::mem::take(unsent), answer.take());
                *self.stage = Stage::send_next(&self.pipe, unsent, answer, connection);
            }
            Stage::Transceiving { request, answer } if *request == id => {
                is_data(reply.status())?;
                let response: IoctlResponse<'_> = reply.body()?;
                let mut answer = answer.take();
                answer.transceived(response.output.to_vec())?;
                self.read_on(answer, connection);
            }
            Stage::Reading(answer) if answer.is_open(id) => {
                is_data(reply.status())?;
                let response: ReadResponse<'_> = reply.body()?;
                let mut answer = answer.take();
                answer.read_answered(id, response.data.to_vec())?;
                self.read_on(answer, connection);
            }
            // That of another pipe, or of what was given up.
            _ => {}
        }
        Ok(())
    }

    /// Sends the READs that the answer wants, or takes the answer if it is complete.
    fn read_on(&mut self, mut answer: Reassembly, connection: &mut Connection) {
        if let Some(complete) = answer.finished() {
            if answer.leaves_reads_open() {
                self.pipe.spend();
            }
            *self.stage = Stage::Answered(complete);
            return;
        }
        for _ in 0..answer.reads_wanted(connection.credits()) {
            answer.read_sent(self.pipe.read(connection));
        }
        *self.stage = Stage::Reading(answer);
    }

    /// The pipe and the answer, once there is one and nothing stands against it; else the call as it is.
    pub(super) fn finish(
        mut self,
        connection: &Connection,
    ) -> Result<(Pipe, Result<Vec<u8>, FaultStatus>), Self> {
        if connection.is_confirmed()
            && let Stage::Answered(answer) = &mut *self.stage
        {
            let answer = std::mem::replace(answer, Ok(Vec::new()));
            Ok((self.pipe, answer))
        } else {
            Err(self)
        }
    }

    /// Takes what has come of the stub so far, out of an answer that is not complete. There is none until the
    /// negotiation is confirmed.
    pub(super) fn take_stub(&mut self, connection: &Connection) -> Option<Vec<u8>> {
        match &mut *self.stage {
            Stage::Reading(answer) if connection.is_confirmed() => {
                Some(answer.take_stub()).filter(|stub| !stub.is_empty())
            }
            Stage::Reading(_) | Stage::Writing { .. } | Stage::Transceiving { .. } | Stage::Answered(_) => {
                None
            }
        }
    }

    /// Bytes of the answer that are held here.
    pub(super) fn held_bytes(&self) -> usize {
        match &*self.stage {
            Stage::Reading(answer) => answer.held_bytes(),
            Stage::Answered(Ok(stub)) => stub.capacity(),
            Stage::Writing { .. } | Stage::Transceiving { .. } | Stage::Answered(Err(_)) => 0,
        }
    }
}

impl Stage {
    /// Sends what is left of the request: all fragments but the last are written, each after the other, and
    /// the last goes with the control code that reads the answer. Samba answers a WRITE or IOCTL with
    /// STATUS_INTERNAL_ERROR anywhere but last in a compound, so each is a frame of its own.
    fn send_next(
        pipe: &Pipe,
        mut unsent: Vec<Vec<u8>>,
        answer: Reassembly,
        connection: &mut Connection,
    ) -> Self {
        let fragment = unsent.pop().unwrap_or_default();
        if unsent.is_empty() {
            Self::Transceiving { request: pipe.transceive(&fragment, connection), answer }
        } else {
            Self::Writing { request: pipe.write(&fragment, connection), unsent, answer }
        }
    }
}

/// BUFFER_OVERFLOW is data with more to come (\[MS-SMB2\] 3.3.5.15.11 and 3.3.5.12).
fn is_data(status: NtStatus) -> Result<(), Cause> {
    match status {
        NtStatus::SUCCESS | NtStatus::BUFFER_OVERFLOW => Ok(()),
        status => Err(Cause::Status(status)),
    }
}
