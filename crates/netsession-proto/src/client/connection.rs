use std::collections::VecDeque;
use std::time::Instant;

use super::channel::{Channel, Expect, Reply};
use super::enumerate::Listing;
use super::log_on::LogOn;
use super::negotiate::Agreement;
use super::open_pipe::{OpenPipe, Pipe};
use super::validate::Validation;
use super::{Cause, Config, Entropy, Event, Failure, Step, TokenStage};
use crate::smb2::{FrameBuffer, FrameError, PreauthHash};

/// One connection to a server, from NEGOTIATE to the last session of a listing, without I/O.
///
/// A driver owns the socket, the clock and the authenticator. After each call of a `handle_` method,
/// [`Connection::provide_token`], [`Connection::reconnected`] or [`Connection::list`] it
///
/// 1. drains [`Connection::poll_event`] and answers what asks for an answer,
/// 2. drains [`Connection::poll_transmit`], each in one write,
/// 3. waits for bytes, the end of the stream, or [`Connection::poll_timeout`].
///
/// Nothing in here can panic or wait, whatever the bytes are, and after [`Event::Failed`] nothing happens
/// any more.
#[derive(Debug)]
pub struct Connection {
    pub(super) config: Config,
    pub(super) entropy: Entropy,
    pub(super) deadline: Instant,
    inbox: FrameBuffer,
    pub(super) channel: Channel,
    events: VecDeque<Event>,
    /// Events that wait for the negotiation to be confirmed.
    held: Vec<Event>,
    pub(super) state: State,
    pub(super) token_wanted: Option<TokenStage>,
    pub(super) agreement: Option<Agreement>,
    pub(super) preauth: PreauthHash,
    pub(super) validation: Validation,
    pub(super) tree_id: u32,
    pub(super) pipe: Option<Pipe>,
    /// No compound: the server has refused one, or cut the connection over it.
    pub(super) single_steps: bool,
    /// Whether the server has sent anything at all.
    heard: bool,
}

/// Where the conversation stands.
#[derive(Debug)]
pub(super) enum State {
    Negotiate,
    LogOn(LogOn),
    OpenPipe(OpenPipe),
    Ready,
    Listing(Box<Listing>),
    /// Waiting for the driver to connect anew.
    Reconnect,
    Failed,
}

impl Connection {
    /// A connection that has just been established over TCP; its NEGOTIATE is ready to be sent.
    ///
    /// `now` is not used to start a clock of its own: the deadline is that of the configuration.
    #[must_use]
    pub fn new(config: Config, entropy: Entropy, now: Instant) -> Self {
        let mut connection = Self {
            deadline: config.deadline,
            inbox: FrameBuffer::new(config.limits.frame_bytes),
            config,
            entropy,
            channel: Channel::new(),
            events: VecDeque::new(),
            held: Vec::new(),
            state: State::Negotiate,
            token_wanted: None,
            agreement: None,
            preauth: PreauthHash::new(),
            validation: Validation::Due,
            tree_id: 0,
            pipe: None,
            single_steps: false,
            heard: false,
        };
        connection.negotiate();
        connection.handle_timeout(now);
        connection
    }

    /// Takes any piece of what the server sends.
    pub fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        // What comes after the deadline is too late, even if it was on its way before.
        self.handle_timeout(now);
        if self.is_deaf() {
            // Nothing would ever take it out of the inbox again.
            return;
        }
        self.heard |= !bytes.is_empty();
        self.inbox.push(bytes);
        while !self.is_deaf() {
            match self.inbox.next_frame() {
                Ok(None) => return,
                Ok(Some(frame)) => self.handle_frame(frame),
                Err(FrameError::Smb1) => self.fail(match self.state {
                    State::Negotiate => Cause::Smb1Only,
                    // It has spoken SMB2 before, or somebody else has for it.
                    _ => Cause::Misbehaved("an SMB1 message after the negotiation of SMB2"),
                }),
                Err(FrameError::NotSmb(start)) => self.fail(Cause::NotSmb(start)),
                Err(FrameError::TooLarge { size }) => {
                    tracing::debug!(size, "frame too large");
                    self.fail(Cause::Limit("bytes of a frame", self.config.limits.frame_bytes));
                }
            }
        }
    }

    /// The server has closed the connection: the stream is at its end.
    pub fn handle_close(&mut self, now: Instant) {
        // What a server does that was asked for SMB2 alone and speaks only SMB1.
        let silent = matches!(self.state, State::Negotiate) && !self.heard;
        self.gone(if silent { Cause::Smb1Only } else { Cause::Closed }, now);
    }

    /// The transport has failed: the connection was reset, or the network is gone.
    pub fn handle_reset(&mut self, now: Instant) {
        self.gone(Cause::Reset, now);
    }

    fn gone(&mut self, cause: Cause, now: Instant) {
        self.handle_timeout(now);
        match &self.state {
            State::Failed | State::Reconnect => {}
            // Perhaps a server that can't bear compounds. One more try, in single steps.
            State::OpenPipe(OpenPipe::Compound { .. }) => {
                tracing::debug!("connection cut over a compound, connecting anew in single steps");
                self.state = State::Reconnect;
                self.emit(Event::Reconnect);
            }
            _ => self.fail(cause),
        }
    }

    /// The driver has connected anew to the same address, as [`Event::Reconnect`] asked.
    ///
    /// Otherwise it does nothing.
    pub fn reconnected(&mut self, entropy: Entropy, now: Instant) {
        if !matches!(self.state, State::Reconnect) {
            return;
        }
        self.entropy = entropy;
        self.inbox = FrameBuffer::new(self.config.limits.frame_bytes);
        self.channel = Channel::new();
        self.held.clear();
        self.state = State::Negotiate;
        self.token_wanted = None;
        self.agreement = None;
        self.preauth = PreauthHash::new();
        self.validation = Validation::Due;
        self.tree_id = 0;
        self.pipe = None;
        self.single_steps = true;
        // `heard` stays: whoever spoke SMB2 on the first connection does not speak SMB1 only.
        self.negotiate();
        self.handle_timeout(now);
    }

    /// Says what time it is: where the deadline has passed, what is under way fails.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.poll_timeout().is_some_and(|deadline| now >= deadline) {
            self.fail(Cause::TimedOut);
        }
    }

    /// When to call [`Connection::handle_timeout`]: the deadline, while anything is under way.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Failed => None,
            State::Ready if self.held.is_empty() => None,
            _ => Some(self.deadline),
        }
    }

    /// What to send, in one write.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.channel.poll_transmit()
    }

    /// What the driver has to know or do.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.events.push_back(event);
    }

    /// Nothing of a listing is released before the negotiation has been confirmed.
    pub(super) fn emit_when_validated(&mut self, event: Event) {
        if self.validation == Validation::Asked {
            self.held.push(event);
        } else {
            self.emit(event);
        }
    }

    pub(super) fn release_held(&mut self) {
        self.events.extend(self.held.drain(..));
    }

    /// Ends the connection.
    pub(super) fn fail(&mut self, cause: Cause) {
        let step = self.step();
        self.fail_at(step, cause);
    }

    fn fail_at(&mut self, step: Step, cause: Cause) {
        if matches!(self.state, State::Failed) {
            return;
        }
        tracing::debug!(%step, ?cause, "failed");
        self.state = State::Failed;
        self.held.clear();
        self.channel.discard_unsent();
        self.emit(Event::Failed(Failure { step, cause }));
    }

    /// Whether what comes on this connection concerns nobody any more.
    fn is_deaf(&self) -> bool {
        matches!(self.state, State::Failed | State::Reconnect)
    }

    fn handle_frame(&mut self, frame: Vec<u8>) {
        let replies = match self.channel.receive(frame) {
            Ok(replies) => replies,
            Err(cause) => return self.fail(cause),
        };
        for reply in replies {
            if matches!(self.state, State::Failed) {
                return;
            }
            let step = step_of(reply.expect).unwrap_or_else(|| self.step());
            match self.handle_reply(reply) {
                Ok(()) => {}
                Err(cause) if is_answer(&cause) && matches!(self.state, State::Listing(_)) => {
                    self.state = State::Ready;
                    self.emit_when_validated(Event::Refused(Failure { step, cause }));
                }
                Err(cause) => self.fail_at(step, cause),
            }
        }
        self.fail_if_stuck();
    }

    /// A server that grants no credits would be waited for in vain.
    pub(super) fn fail_if_stuck(&mut self) {
        if self.channel.is_stuck() {
            self.fail(Cause::Misbehaved("no credits, so that nothing more can be asked"));
        }
    }

    fn handle_reply(&mut self, reply: Reply) -> Result<(), Cause> {
        match reply.expect {
            Expect::Negotiate => self.negotiated(&reply),
            Expect::SessionSetup(_) => self.session_set_up(reply),
            Expect::TreeConnect => self.tree_connected(&reply),
            Expect::Create => self.created(&reply),
            Expect::Bind => self.bind_answered(&reply),
            Expect::Validate => self.validated(&reply),
            Expect::Write => self.written(&reply),
            Expect::Transceive => self.transceived(&reply),
            Expect::Read => self.read(&reply),
            Expect::Nothing(_) => Ok(()),
        }
    }

    fn step(&self) -> Step {
        match &self.state {
            State::Negotiate => Step::Negotiate,
            State::LogOn(_) => Step::LogOn,
            State::OpenPipe(OpenPipe::Compound { tree: None, .. } | OpenPipe::Tree) => Step::TreeConnect,
            State::OpenPipe(OpenPipe::Compound { create: None, .. } | OpenPipe::Create) => Step::OpenPipe,
            State::OpenPipe(_) | State::Reconnect => Step::Bind,
            State::Ready | State::Listing(_) | State::Failed => Step::Enumerate,
        }
    }
}

/// Whether a cause is the server's answer to the question, after which another question can be asked.
fn is_answer(cause: &Cause) -> bool {
    matches!(cause, Cause::Refused(_) | Cause::LevelNotSupported { .. } | Cause::Fault(_))
}

fn step_of(expect: Expect) -> Option<Step> {
    Some(match expect {
        Expect::Negotiate => Step::Negotiate,
        Expect::SessionSetup(_) => Step::LogOn,
        Expect::TreeConnect => Step::TreeConnect,
        Expect::Create => Step::OpenPipe,
        Expect::Bind => Step::Bind,
        Expect::Validate => Step::ValidateNegotiate,
        Expect::Write | Expect::Transceive | Expect::Read => Step::Enumerate,
        Expect::Nothing(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_comes_after_a_failure_is_not_kept() {
        let now = Instant::now();
        let entropy = Entropy { client_guid: [1; 16], preauth_salt: [2; 32] };
        let mut connection = Connection::new(Config::new("fs1", now + Duration::from_secs(1)), entropy, now);
        connection.handle_input(b"HTTP/1.1 400 Bad Request", now);
        connection.inbox = FrameBuffer::new(1);
        connection.handle_input(&[0; 1000], now);
        assert!(connection.inbox.is_empty());
    }

    #[test]
    fn nothing_is_sent_after_a_failure() {
        let now = Instant::now();
        let entropy = Entropy { client_guid: [1; 16], preauth_salt: [2; 32] };
        let mut connection = Connection::new(Config::new("fs1", now + Duration::from_secs(1)), entropy, now);
        connection.handle_timeout(now + Duration::from_secs(1));
        assert_eq!(connection.poll_transmit(), None, "the NEGOTIATE that nobody has fetched");
    }
}
