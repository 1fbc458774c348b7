use std::time::Instant;

use super::answer::{Answer, Outcome};
use super::channel::{Expect, Reply};
use super::connection::{Connection, State};
use super::enumeration::{Course, Enumeration};
use super::open_pipe::ONE_CREDIT;
use super::{Cause, Event, Failure, ListRequest, Phase, Step};
use crate::erref::NtStatus;
use crate::rpce::fragments;
use crate::smb2::{Body, IoctlResponse, ReadRequest, ReadResponse, WriteRequest};
use crate::srvs::{SessionEnumError, SessionEnumRequest, SessionEnumResponse, session_enum};

/// A listing that is under way.
#[derive(Debug)]
pub(super) struct Listing {
    question: Enumeration,
    /// Stub bytes received so far.
    bytes: usize,
    /// Fragments of the request that are still to be sent, the next one last.
    unsent: Vec<Vec<u8>>,
    answer: Answer,
}

impl Connection {
    /// Asks who is connected, once [`Event::Ready`] has come and no other listing is under way.
    ///
    /// The answer comes as [`Event::Page`]s and [`Event::Done`], or as [`Event::Refused`].
    pub fn list(&mut self, request: &ListRequest, deadline: Instant) {
        self.deadline = deadline;
        if !matches!(self.state, State::Ready) {
            let cause = Cause::InvalidRequest("the connection is not ready for a question");
            self.emit(Event::Refused(Failure { step: Step::Enumerate, cause }));
            return;
        }
        if self.pipe.is_none() {
            return self.fail(Cause::Misbehaved("fewer fragments than were announced"));
        }
        match Enumeration::new(request, self.config.limits) {
            Err(cause) => self.emit(Event::Refused(Failure { step: Step::Enumerate, cause })),
            Ok(question) => {
                self.emit(Event::Phase(Phase::Enumerate));
                self.state = State::Listing(Box::new(Listing {
                    question,
                    bytes: 0,
                    unsent: Vec::new(),
                    answer: Answer::new(0, 0),
                }));
                self.ask();
                self.fail_if_stuck();
            }
        }
    }

    /// Sends NetrSessionEnum for the level and the page that are next.
    fn ask(&mut self) {
        let (State::Listing(listing), Some(pipe)) = (&mut self.state, &mut self.pipe) else { return };
        let call_id = pipe.next_call_id;
        pipe.next_call_id = call_id.wrapping_add(1);
        let question = &listing.question;
        let level = question.level().number();
        tracing::debug!(level, resume = question.resume(), "asking NetrSessionEnum");
        let stub = SessionEnumRequest {
            server: Some(format!(r"\\{}", self.config.server)),
            client: question.client().map(str::to_owned),
            user: question.user().map(str::to_owned),
            level,
            preferred_length: u32::MAX,
            resume: Some(question.resume()),
        }
        .encode();
        listing.unsent = fragments(&stub, pipe.max_fragment)
            .map(|part| part.request(call_id, 0, session_enum::OPNUM).encode())
            .collect();
        listing.unsent.reverse();
        listing.answer = Answer::new(call_id, self.config.limits.answer_bytes.saturating_sub(listing.bytes));
        self.validate_along();
        self.send_next_fragment();
    }

    /// Sends what is left of the request: all fragments but the last are written, each after the other, and
    /// the last goes with the control code that reads the answer.
    fn send_next_fragment(&mut self) {
        let (State::Listing(listing), Some(pipe)) = (&mut self.state, &self.pipe) else { return };
        let (Some(fragment), file_id) = (listing.unsent.pop(), pipe.file_id) else { return };
        if listing.unsent.is_empty() {
            let ioctl = self.transceive(file_id, &fragment);
            self.channel.send(Expect::Transceive, self.tree_id, &ioctl);
        } else {
            self.channel.send(Expect::Write, self.tree_id, &WriteRequest { file_id, data: &fragment });
        }
    }

    /// Takes the answer to a WRITE.
    pub(super) fn written(&mut self, reply: &Reply) -> Result<(), Cause> {
        match reply.header.status {
            NtStatus::SUCCESS => {
                self.send_next_fragment();
                Ok(())
            }
            status => Err(Cause::Status(status)),
        }
    }

    /// Takes the answer to the control code. BUFFER_OVERFLOW is data with more to come.
    pub(super) fn transceived(&mut self, reply: &Reply) -> Result<(), Cause> {
        let data = match reply.header.status {
            NtStatus::SUCCESS | NtStatus::BUFFER_OVERFLOW => {
                IoctlResponse::decode(&reply.message).map_err(Cause::Malformed)?.output
            }
            status => return Err(Cause::Status(status)),
        };
        let State::Listing(listing) = &mut self.state else { return Ok(()) };
        listing.answer.transceived(data.to_vec())?;
        self.read_on()
    }

    /// Takes the answer to a READ.
    pub(super) fn read(&mut self, reply: &Reply) -> Result<(), Cause> {
        let data = match reply.header.status {
            NtStatus::SUCCESS | NtStatus::BUFFER_OVERFLOW => {
                ReadResponse::decode(&reply.message).map_err(Cause::Malformed)?.data
            }
            status => return Err(Cause::Status(status)),
        };
        let State::Listing(listing) = &mut self.state else { return Ok(()) };
        listing.answer.read_answered(reply.header.message_id, data.to_vec())?;
        self.read_on()
    }

    /// Sends the READs that the answer wants, or takes the answer if it is complete.
    fn read_on(&mut self) -> Result<(), Cause> {
        let (State::Listing(listing), Some(pipe), Some(agreement)) =
            (&mut self.state, &self.pipe, &self.agreement)
        else {
            return Ok(());
        };
        if let Some(outcome) = listing.answer.finished() {
            if listing.answer.leaves_reads_open() {
                // They would take the answer to the next question. There is none after the last page of a
                // listing that was asked for once; whoever asks again is told.
                self.pipe = None;
            }
            return self.answered(outcome);
        }
        let request = ReadRequest { file_id: pipe.file_id, length: agreement.max_read_size.min(ONE_CREDIT) };
        for _ in 0..listing.answer.reads_wanted(self.channel.credits()) {
            let message_id = self.channel.send(Expect::Read, self.tree_id, &request);
            listing.answer.read_sent(message_id);
        }
        Ok(())
    }

    fn answered(&mut self, outcome: Outcome) -> Result<(), Cause> {
        let State::Listing(listing) = &mut self.state else { return Ok(()) };
        let question = &mut listing.question;
        let progress = match outcome {
            Outcome::Fault(status) => question.faulted(status)?,
            Outcome::Stub(stub) => {
                listing.bytes = listing.bytes.saturating_add(stub.len());
                let response = SessionEnumResponse::decode(&stub, question.level(), question.entries_left())
                    .map_err(|error| match error {
                        SessionEnumError::TooManyEntries { .. } => question.too_many_entries(),
                        SessionEnumError::Malformed(error) => Cause::Malformed(error),
                    })?;
                drop(stub);
                question.answered(response.code, response.sessions, response.resume)?
            }
        };
        if !progress.sessions.is_empty() {
            self.emit_when_validated(Event::Page(progress.sessions));
        }
        match progress.course {
            Course::Ask if self.pipe.is_none() => {
                Err(Cause::Misbehaved("fewer fragments than were announced, and more to come"))
            }
            Course::Ask => {
                self.ask();
                Ok(())
            }
            Course::Done(answer) => {
                self.state = State::Ready;
                self.emit_when_validated(Event::Done(answer));
                Ok(())
            }
        }
    }
}
