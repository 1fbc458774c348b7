use std::collections::VecDeque;
use std::time::Instant;

use super::channel::Reply;
use super::reassembly::Reassembly;
use super::rpc_pipe::{PipeError, RpcPipe};
use super::{Cause, Failure, Machine, Misbehaviour, Step};
use crate::erref::NtStatus;
use crate::rpce::{FaultStatus, fragments};
use crate::smb2::{IoctlResponse, ReadResponse};
use crate::srvs::Operation;

/// One call, for [`RpcPipe::call`].
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

impl RpcPipe {
    /// Carries one call out. Drive the [`Exchange`] until it gives the pipe back or fails.
    #[must_use]
    pub fn call(self, call: &Call<'_>, now: Instant) -> Exchange {
        Exchange::start(self, call, now)
    }
}

/// One call under way on a pipe.
///
/// Its answer comes as [`ExchangeEvent::Answered`], with the pipe, or it ends with
/// [`ExchangeEvent::Failed`], after which nothing happens any more.
#[derive(Debug)]
pub struct Exchange {
    step: Step,
    deadline: Instant,
    state: State,
    events: VecDeque<ExchangeEvent>,
}

/// What a driver of an [`Exchange`] is told.
#[derive(Debug)]
pub enum ExchangeEvent {
    /// The stub of the answer without what [`Exchange::take_stub`] gave, or the fault in its place; and the pipe, for
    /// the next call.
    Answered(Box<RpcPipe>, Result<Vec<u8>, FaultStatus>),
    /// The connection has failed: close it.
    Failed(Failure),
}

#[derive(Debug)]
enum State {
    UnderWay(Box<UnderWay>),
    Over,
}

#[derive(Debug)]
struct UnderWay {
    pipe: RpcPipe,
    stage: Stage,
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

impl Exchange {
    fn start(mut pipe: RpcPipe, call: &Call<'_>, now: Instant) -> Self {
        let step = Step::Call(call.operation);
        let mut exchange =
            Self { step, deadline: call.deadline, state: State::Over, events: VecDeque::new() };
        let (call_id, max_fragment) = match pipe.begin_call() {
            Ok(begun) => begun,
            Err(cause) => {
                exchange.events.push_back(ExchangeEvent::Failed(Failure { step, cause }));
                return exchange;
            }
        };
        let mut unsent: Vec<Vec<u8>> = fragments(call.stub, max_fragment)
            .map(|part| part.request(call_id, 0, call.opnum).encode())
            .collect();
        unsent.reverse();
        let stage = Stage::send_next(&mut pipe, unsent, Reassembly::new(call_id, call.max_answer));
        exchange.state = State::UnderWay(Box::new(UnderWay { pipe, stage }));
        // What came in after the last call's answer is taken now, and a deadline in the past fails at once.
        exchange.handle_input(&[], now);
        exchange
    }

    /// Takes what has come of the stub so far, out of an answer that is not complete. It is empty until the negotiation
    /// is confirmed.
    pub fn take_stub(&mut self) -> Vec<u8> {
        match &mut self.state {
            State::UnderWay(under_way) if under_way.pipe.is_confirmed() => match &mut under_way.stage {
                Stage::Reading(answer) => answer.take_stub(),
                Stage::Writing { .. } | Stage::Transceiving { .. } | Stage::Answered(_) => Vec::new(),
            },
            State::UnderWay(_) | State::Over => Vec::new(),
        }
    }

    /// Bytes of the answer that are held here.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let State::UnderWay(under_way) = &self.state else { return 0 };
        match &under_way.stage {
            Stage::Reading(answer) => answer.held_bytes(),
            Stage::Answered(Ok(stub)) => stub.capacity(),
            Stage::Writing { .. } | Stage::Transceiving { .. } | Stage::Answered(Err(_)) => 0,
        }
    }

    fn fail(&mut self, step: Step, cause: Cause) {
        if let State::UnderWay(_) = std::mem::replace(&mut self.state, State::Over) {
            tracing::debug!(%step, ?cause, "failed");
            self.events.push_back(ExchangeEvent::Failed(Failure { step, cause }));
        }
    }

    /// Takes the replies that have come, as far as that goes.
    fn advance(&mut self) {
        loop {
            let State::UnderWay(under_way) = &mut self.state else { return };
            match under_way.pipe.next_reply() {
                Ok(Some(reply)) => {
                    if let Err(cause) = under_way.take(&reply) {
                        return self.fail(self.step, cause);
                    }
                }
                Ok(None) => break,
                Err(PipeError::Validation(cause)) => return self.fail(Step::ValidateNegotiate, cause),
                Err(PipeError::Call(cause)) => return self.fail(self.step, cause),
            }
            if self.release() {
                return;
            }
        }
        if self.release() {
            return;
        }
        if let State::UnderWay(under_way) = &self.state
            && under_way.pipe.is_stuck()
        {
            // A server that grants no credits would be waited for in vain.
            self.fail(self.step, Cause::Misbehaved(Misbehaviour::NoCredits));
        }
    }

    /// Gives pipe and answer back, once there is one and nothing stands against it.
    fn release(&mut self) -> bool {
        let is_due = matches!(&self.state, State::UnderWay(under_way)
            if matches!(under_way.stage, Stage::Answered(_)) && under_way.pipe.is_confirmed());
        if is_due && let State::UnderWay(under_way) = std::mem::replace(&mut self.state, State::Over) {
            let UnderWay { pipe, stage } = *under_way;
            if let Stage::Answered(answer) = stage {
                self.events.push_back(ExchangeEvent::Answered(Box::new(pipe), answer));
            }
        }
        is_due
    }
}

impl UnderWay {
    /// Takes a reply that belongs to an open request.
    fn take(&mut self, reply: &Reply) -> Result<(), Cause> {
        let id = reply.message_id();
        match &mut self.stage {
            Stage::Writing { request, unsent, answer } if *request == id => {
                if reply.status() != NtStatus::SUCCESS {
                    return Err(Cause::Status(reply.status()));
                }
                let (unsent, answer) = (std::mem::take(unsent), answer.take());
                self.stage = Stage::send_next(&mut self.pipe, unsent, answer);
                Ok(())
            }
            Stage::Transceiving { request, answer } if *request == id => {
                is_data(reply.status())?;
                let response: IoctlResponse<'_> = reply.body()?;
                let mut answer = answer.take();
                answer.transceived(response.output.to_vec())?;
                self.read_on(answer);
                Ok(())
            }
            Stage::Reading(answer) if answer.is_open(id) => {
                is_data(reply.status())?;
                let response: ReadResponse<'_> = reply.body()?;
                let mut answer = answer.take();
                answer.read_answered(id, response.data.to_vec())?;
                self.read_on(answer);
                Ok(())
            }
            // The answer to what was given up: the rest of a refused compound, a CLOSE.
            _ => Ok(()),
        }
    }

    /// Sends the READs that the answer wants, or takes the answer if it is complete.
    fn read_on(&mut self, mut answer: Reassembly) {
        if let Some(complete) = answer.finished() {
            if answer.leaves_reads_open() {
                self.pipe.spend();
            }
            self.stage = Stage::Answered(complete);
            return;
        }
        for _ in 0..answer.reads_wanted(self.pipe.credits()) {
            answer.read_sent(self.pipe.read());
        }
        self.stage = Stage::Reading(answer);
    }
}

impl Stage {
    /// Sends what is left of the request: all fragments but the last are written, each after the other, and
    /// the last goes with the control code that reads the answer. Samba answers a WRITE or IOCTL with
    /// STATUS_INTERNAL_ERROR anywhere but last in a compound, so each is a frame of its own.
    fn send_next(pipe: &mut RpcPipe, mut unsent: Vec<Vec<u8>>, answer: Reassembly) -> Self {
        let fragment = unsent.pop().unwrap_or_default();
        if unsent.is_empty() {
            Self::Transceiving { request: pipe.transceive(&fragment), answer }
        } else {
            Self::Writing { request: pipe.write(&fragment), unsent, answer }
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

impl Machine for Exchange {
    type Event = ExchangeEvent;

    fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        // What comes after the deadline is too late, even if it was on its way before.
        self.handle_timeout(now);
        if let State::UnderWay(under_way) = &mut self.state {
            under_way.pipe.push(bytes);
            self.advance();
        }
    }

    fn handle_close(&mut self, now: Instant) {
        self.handle_timeout(now);
        self.fail(self.step, Cause::Closed);
    }

    fn handle_reset(&mut self, now: Instant) {
        self.handle_timeout(now);
        self.fail(self.step, Cause::Reset);
    }

    fn handle_timeout(&mut self, now: Instant) {
        if now >= self.deadline {
            self.fail(self.step, Cause::TimedOut);
        }
    }

    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        match &mut self.state {
            State::UnderWay(under_way) => under_way.pipe.poll_transmit(),
            State::Over => None,
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        matches!(self.state, State::UnderWay(_)).then_some(self.deadline)
    }

    fn poll_event(&mut self) -> Option<ExchangeEvent> {
        self.events.pop_front()
    }
}
