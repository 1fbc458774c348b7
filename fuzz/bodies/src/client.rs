use std::mem;
use std::time::{Duration, Instant};

use netsession_proto::auth::{Authenticator, SessionKey, Token, TokenInput, TokenStage};
use netsession_proto::client::{
    Call, Config, Entropy, Failure, Handshake, HandshakeEvent, Machine, Negotiated, Reconnect, RpcPipe,
};
use netsession_proto::rpce::FaultStatus;
use netsession_proto::smb2::Dialect;

use crate::queries::{self, Item, Question, Task, TaskEvent};

/// The key that every log-on of the targets ends in.
pub(crate) const SESSION_KEY: [u8; 16] = *b"session-key-5e5e";

/// How long a handshake or a question may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// A driver that holds the client to its contract after every step: the handshake, and what is asked over its pipe.
pub(crate) struct Client {
    state: State,
    authenticator: Option<Box<dyn Authenticator>>,
    pub(crate) now: Instant,
    deadline: Instant,
    /// What has come while nothing read it, as in the buffer of a socket.
    unread: Vec<u8>,
    /// How the connection ended, if it did while nothing read from it.
    end: Option<End>,
    pub(crate) outcome: ConversationReport,
    pub(crate) token_wanted: Option<(TokenStage, TokenInput)>,
    /// What goes on over a new connection, until there is one.
    reconnect: Option<Reconnect>,
    /// Whether FSCTL_VALIDATE_NEGOTIATE_INFO has been answered, where it is needed: the carrier of the bytes knows.
    pub(crate) confirmed: bool,
    /// Whether a second pipe was asked for.
    pub(crate) has_tried_second: bool,
    /// Whether the server has said that this is a guest's or an anonymous session.
    pub(crate) is_guest: bool,
}

enum State {
    Handshake(Box<Handshake>),
    UnderWay(Task),
    /// Between two questions.
    Idle(Option<Box<RpcPipe>>),
}

#[derive(Clone, Copy)]
enum End {
    Closed,
    Reset,
}

/// What has come of it so far.
#[derive(Debug, Default)]
pub(crate) struct ConversationReport {
    pub(crate) failed: Option<Failure>,
    pub(crate) negotiated: Option<Negotiated>,
    pub(crate) reconnects: usize,
    /// The questions that have come to an end: the items, and the query as it then was.
    pub(crate) listings: Vec<(Vec<Item>, Result<String, Failure>)>,
    /// Items of a question that has no end.
    pub(crate) loose_items: Vec<Item>,
    /// The answers of single calls.
    pub(crate) answers: Vec<Result<Vec<u8>, FaultStatus>>,
}

/// Does the same with every state that drives something.
macro_rules! with_machine {
    ($state:expr, $machine:ident => $act:expr, $idle:expr) => {
        match $state {
            State::Handshake($machine) => $act,
            State::UnderWay($machine) => $act,
            State::Idle(_) => $idle,
        }
    };
}

impl Client {
    pub(crate) fn new(config: Config, authenticator: Option<Box<dyn Authenticator>>, now: Instant) -> Self {
        let mut client = Self {
            deadline: config.deadline,
            state: State::Handshake(Box::new(Handshake::new(config, &entropy(0), now))),
            authenticator,
            now,
            unread: Vec::new(),
            end: None,
            outcome: ConversationReport::default(),
            token_wanted: None,
            reconnect: None,
            confirmed: false,
            has_tried_second: false,
            is_guest: false,
        };
        client.settle();
        client
    }

    pub(crate) fn input(&mut self, bytes: &[u8]) {
        let now = self.now;
        with_machine!(
            &mut self.state,
            machine => machine.handle_input(bytes, now),
            self.unread.extend_from_slice(bytes)
        );
        self.settle();
    }

    pub(crate) fn close(&mut self) {
        self.end(End::Closed);
    }

    pub(crate) fn reset(&mut self) {
        self.end(End::Reset);
    }

    fn end(&mut self, end: End) {
        let now = self.now;
        with_machine!(
            &mut self.state,
            machine => match end {
                End::Closed => machine.handle_close(now),
                End::Reset => machine.handle_reset(now),
            },
            self.end = Some(end)
        );
        self.settle();
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
        let now = self.now;
        with_machine!(&mut self.state, machine => machine.handle_timeout(now), ());
        self.settle();
        let late = self.is_busy() && self.now >= self.deadline;
        assert!(!late, "something is under way after the deadline");
    }

    pub(crate) fn wants_reconnect(&self) -> bool {
        self.reconnect.is_some()
    }

    /// Goes on over a new connection, if that is wanted.
    pub(crate) fn reconnect(&mut self, authenticator: Option<Box<dyn Authenticator>>) {
        let Some(again) = self.reconnect.take() else { return };
        self.confirmed = false;
        self.is_guest = false;
        self.authenticator = authenticator;
        self.state = State::Handshake(Box::new(again.connected(&entropy(1), self.now)));
        self.settle();
    }

    /// Gives a token, asked for or not.
    pub(crate) fn token(&mut self, token: Token) {
        self.token_wanted = None;
        if let State::Handshake(handshake) = &mut self.state {
            handshake.provide_token(Ok(token));
        }
        self.settle();
    }

    /// Asks, if that is possible now.
    pub(crate) fn ask(&mut self, question: &Question) {
        let (now, deadline) = (self.now, self.now + TIMEOUT);
        self.start(deadline, |pipe| question.ask(pipe, deadline, now));
    }

    /// Opens a second pipe, if that is possible now.
    pub(crate) fn open_second(&mut self) {
        let (now, deadline) = (self.now, self.now + TIMEOUT);
        self.has_tried_second = true;
        self.start(deadline, |pipe| queries::open_second(pipe, deadline, now));
    }

    /// Asks two questions at the same time, or the first one alone where that is not possible.
    pub(crate) fn ask_both(&mut self, questions: &[Question]) {
        let (now, deadline) = (self.now, self.now + TIMEOUT);
        self.start(deadline, |pipe| {
            Question::ask_both(questions, pipe, deadline, now)
                .unwrap_or_else(|pipe| questions[0].ask(pipe, deadline, now))
        });
    }

    /// Makes a call, if that is possible now.
    pub(crate) fn call(&mut self, call: &Call<'_>) {
        let now = self.now;
        self.start(call.deadline, |pipe| queries::call(pipe, call, now));
    }

    fn start(&mut self, deadline: Instant, task: impl FnOnce(RpcPipe) -> Task) {
        let State::Idle(pipe) = &mut self.state else { return };
        let Some(pipe) = pipe.take() else { return };
        self.deadline = deadline;
        self.state = State::UnderWay(task(*pipe));
        self.settle();
        let unread = mem::take(&mut self.unread);
        if !unread.is_empty() {
            self.input(&unread);
        }
        if let Some(end) = self.end {
            self.end(end);
        }
    }

    /// What it sends.
    pub(crate) fn transmits(&mut self) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| self.poll_transmit()).collect()
    }

    fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        with_machine!(&mut self.state, machine => machine.poll_transmit(), None)
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.outcome.negotiated.is_some() && self.outcome.failed.is_none()
    }

    /// Whether it must be doing something.
    pub(crate) fn is_busy(&self) -> bool {
        let has_ended = self.outcome.failed.is_some() || self.wants_reconnect();
        !has_ended && !matches!(self.state, State::Idle(_))
    }

    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        with_machine!(&self.state, machine => machine.poll_timeout(), None)
    }

    /// Lets all time pass that it may take. What has not come to an end then never does.
    pub(crate) fn finish(mut self) -> ConversationReport {
        let left = self.deadline.saturating_duration_since(self.now);
        self.wait(left);
        assert_eq!(self.next_timeout(), None, "a clock runs on");
        self.outcome
    }

    /// Takes all events, and looks whether the state is one that may be.
    fn settle(&mut self) {
        loop {
            match &mut self.state {
                State::Handshake(handshake) => {
                    let Some(event) = handshake.poll_event() else { break };
                    assert_eq!(self.outcome.failed, None, "after a failure: {event:?}");
                    self.take_of_handshake(event);
                }
                State::UnderWay(task) => {
                    let Some(event) = task.poll_event() else { break };
                    assert_eq!(self.outcome.failed, None, "after a failure: {event:?}");
                    self.take(event);
                }
                State::Idle(_) => break,
            }
        }
        if self.outcome.failed.is_some() || self.wants_reconnect() {
            assert_eq!(self.poll_transmit(), None, "sends on after a failure");
            assert_eq!(self.next_timeout(), None, "waits on after a failure");
        } else if self.is_busy() {
            assert_eq!(self.next_timeout(), Some(self.deadline), "no clock runs");
        }
    }

    fn take_of_handshake(&mut self, event: HandshakeEvent) {
        match event {
            HandshakeEvent::NeedToken { input, stage } => match (&mut self.authenticator, &mut self.state) {
                (Some(authenticator), State::Handshake(handshake)) => {
                    handshake.provide_token(authenticator.step(stage, &input.0));
                }
                _ => self.token_wanted = Some((stage, input)),
            },
            HandshakeEvent::Reconnect(again) => {
                self.outcome.reconnects += 1;
                assert!(self.outcome.reconnects <= 1, "connects without end");
                assert!(self.outcome.negotiated.is_none(), "connects again in the middle of something");
                self.reconnect = Some(again);
            }
            HandshakeEvent::Ready(pipe) => {
                assert!(self.outcome.negotiated.is_none(), "ready twice");
                assert!(!self.is_guest, "goes on as a guest");
                self.outcome.negotiated = Some(pipe.negotiated());
                self.rest(pipe);
            }
            HandshakeEvent::Failed(failure) => self.outcome.failed = Some(failure),
            HandshakeEvent::Phase(_) => {}
        }
    }

    fn take(&mut self, event: TaskEvent) {
        match event {
            TaskEvent::Items(items) => {
                assert!(!items.is_empty(), "a page of nothing");
                self.assert_confirmed();
                self.outcome.loose_items.extend(items);
            }
            TaskEvent::Done(pipe, query) => self.listed(pipe, Ok(query)),
            TaskEvent::Refused(pipe, failure) => self.listed(pipe, Err(failure)),
            TaskEvent::Progress => self.assert_confirmed(),
            TaskEvent::BothDone(pipe, ends) => {
                self.assert_confirmed();
                self.outcome.listings.extend(ends);
                self.rest(pipe);
            }
            TaskEvent::Second(pipe) => self.rest(pipe),
            TaskEvent::Answered(pipe, answer) => {
                self.assert_confirmed();
                self.outcome.answers.push(answer);
                self.rest(pipe);
            }
            TaskEvent::Failed(failure) => self.outcome.failed = Some(failure),
        }
    }

    fn listed(&mut self, pipe: Box<RpcPipe>, end: Result<String, Failure>) {
        self.assert_confirmed();
        let items = mem::take(&mut self.outcome.loose_items);
        self.outcome.listings.push((items, end));
        self.rest(pipe);
    }

    /// Keeps the pipe for the next question. What has given it back is over.
    fn rest(&mut self, pipe: Box<RpcPipe>) {
        let mut over = mem::replace(&mut self.state, State::Idle(Some(pipe)));
        with_machine!(
            &mut over,
            machine => {
                assert!(machine.poll_event().is_none(), "an event after the last one");
                assert_eq!(machine.poll_transmit(), None, "sends without its pipe");
                assert_eq!(machine.poll_timeout(), None, "waits without its pipe");
            },
            ()
        );
    }

    fn assert_confirmed(&self) {
        let dialect = self.outcome.negotiated.map(|negotiated| negotiated.dialect);
        assert!(
            dialect == Some(Dialect::Smb311) || self.confirmed,
            "released before the negotiation is confirmed"
        );
    }
}

/// What the log-on ends in, where no mechanism is at work.
pub(crate) fn fixed_token() -> Token {
    Token { bytes: b"token".to_vec(), session_key: Some(SessionKey::new(SESSION_KEY.to_vec())) }
}

fn entropy(number: u8) -> Entropy {
    Entropy { client_guid: [number; 16], preauth_salt: [number ^ 0xa5; 32] }
}
