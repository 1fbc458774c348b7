use std::net::IpAddr;
use std::ops::ControlFlow;
use std::task::Waker;
use std::time::Instant;

use netsession_proto::auth::AuthError;
use netsession_proto::client::{self, Connection, Event, Failure, ListRequest, Negotiated, Phase, Token};

use super::entropy::entropy;
use super::log_on::LogOn;
use super::plan::Plan;
use crate::error::{Cause, Error, Step};
use crate::session::Caller;
use crate::timings::{Stopwatch, Timed};
use crate::{Listing, Session, Timings};

/// What the drivers share: the state machine, the tokens that it asks for, the log-on guard, and what it
/// has answered so far. Does no I/O: it says what is to be done next.
pub(super) struct Conversation {
    plan: Plan,
    deadline: Instant,
    connection: Connection,
    pub(super) log_on: LogOn,
    caller: Caller,
    sessions: Vec<Session>,
    outcome: Option<Outcome>,
    reconnect: bool,
    stopwatch: Stopwatch,
}

/// What a driver is to do next.
pub(super) enum Action {
    /// Write these bytes, in one write.
    Send(Vec<u8>),
    /// Read, and hand over what comes; call again at this moment at the latest.
    Receive(Instant),
    /// Wait until woken, and call again at this moment at the latest. There is nothing to read.
    Wait(Instant),
    /// Connect anew to the same address, until this moment at the latest.
    Reconnect(Instant),
    /// This is the end of what was asked for.
    Finish(Outcome),
}

/// How it ended.
pub(super) enum Outcome {
    /// Logged on, and questions can be asked.
    Ready(Negotiated),
    Listed(Listing),
    /// The question failed, and another one can be asked.
    Refused(Error),
    /// The connection is of no more use.
    Failed(Error),
}

impl Conversation {
    /// A conversation over a connection that has just been made from the address `local`; the `stopwatch` has
    /// timed that.
    pub(super) fn new(plan: &Plan, local: IpAddr, stopwatch: Stopwatch, now: Instant) -> Result<Self, Error> {
        Ok(Self {
            deadline: plan.deadline,
            connection: Connection::new(plan.config(), entropy()?, now),
            log_on: LogOn::default(),
            caller: Caller { account: plan.credentials.account(), address: local },
            sessions: Vec::new(),
            outcome: None,
            reconnect: false,
            stopwatch,
            plan: plan.clone(),
        })
    }

    /// Asks, after [`Outcome::Ready`], [`Outcome::Listed`] or [`Outcome::Refused`].
    pub(super) fn ask(&mut self, request: ListRequest, deadline: Instant) {
        self.deadline = deadline;
        self.sessions = Vec::new();
        self.outcome = None;
        self.stopwatch.enter(Timed::Conversation(Phase::Enumerate), Instant::now());
        self.connection.list(&request, deadline);
    }

    /// Bytes from the server, in any portion.
    pub(super) fn received(&mut self, bytes: &[u8]) {
        self.connection.handle_input(bytes, Instant::now());
    }

    /// The server closed the connection.
    pub(super) fn closed(&mut self) {
        self.connection.handle_close(Instant::now());
    }

    /// The connection was reset, or the network is gone.
    pub(super) fn broke(&mut self) {
        self.connection.handle_reset(Instant::now());
    }

    /// There is a new connection, from the address `local`.
    pub(super) fn reconnected(&mut self, local: IpAddr) -> Result<(), Error> {
        self.caller.address = local;
        self.connection.reconnected(entropy()?, Instant::now());
        Ok(())
    }

    /// How long each phase took, the last one up to now where it has not ended.
    pub(super) fn timings(&mut self) -> Timings {
        self.stopwatch.stop(Instant::now())
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The moment at which whatever is being done has failed.
    pub(super) fn until(&self) -> Instant {
        self.connection.poll_timeout().unwrap_or(self.deadline)
    }

    /// What is to be done next. `waker` is woken when an [`Action::Wait`] has come to its end.
    pub(super) fn next(&mut self, waker: &Waker) -> Action {
        loop {
            while let Some(event) = self.connection.poll_event() {
                self.handle(event);
            }
            if let Some(action) = self.due() {
                return action;
            }
            let now = Instant::now();
            let Some(until) = self.connection.poll_timeout() else {
                // Nothing is under way: whatever was waited for would never come.
                let step = Step::Conversation(client::Step::Enumerate);
                self.outcome = Some(Outcome::Failed(self.plan.named(Error::new(step, Cause::ClientClosed))));
                continue;
            };
            if now >= until {
                self.connection.handle_timeout(now);
                continue;
            }
            match self.go_on(waker, now) {
                ControlFlow::Break(wait) => return Action::Wait(until.min(wait)),
                ControlFlow::Continue(true) => {}
                ControlFlow::Continue(false) => return Action::Receive(until),
            }
        }
    }

    /// What can be done without waiting for anything.
    fn due(&mut self) -> Option<Action> {
        let failed = matches!(self.outcome, Some(Outcome::Failed(_)));
        if std::mem::take(&mut self.reconnect) && !failed {
            return Some(Action::Reconnect(self.plan.connect_deadline(Instant::now())));
        }
        // After a failure nobody is there any more to send the rest to.
        let transmit = if failed { None } else { self.connection.poll_transmit() };
        transmit.map(Action::Send).or_else(|| self.outcome.take().map(Action::Finish))
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::NeedToken { input, stage } => self.token_wanted(stage, input),
            Event::Phase(phase) => {
                tracing::debug!(server = %self.plan.server, ?phase, "phase");
                // Of a question the time runs since it was put.
                if phase != Phase::Enumerate {
                    self.stopwatch.enter(Timed::Conversation(phase), Instant::now());
                }
                if phase == Phase::Bind {
                    self.accepted();
                }
            }
            Event::Reconnect => {
                tracing::debug!(server = %self.plan.server, "cut off: connecting anew, in single steps");
                self.log_on_anew();
                self.stopwatch.enter(Timed::Connect, Instant::now());
                self.reconnect = true;
            }
            Event::Ready(negotiated) => {
                let Negotiated { dialect, encrypted } = negotiated;
                tracing::debug!(server = %self.plan.server, %dialect, encrypted, "ready");
                self.accepted();
                self.outcome = Some(Outcome::Ready(negotiated));
            }
            Event::Page(page) => self.sessions.extend(page.into_iter().map(Session::from_wire)),
            Event::Done(answer) => {
                let client::Answer { level, asked, pages } = answer;
                let sessions = std::mem::take(&mut self.sessions);
                tracing::debug!(
                    server = %self.plan.server, %level, %asked, pages, sessions = sessions.len(), "listed"
                );
                let listing = Listing::new(&self.plan.server.to_string(), &answer, sessions, &self.caller);
                self.outcome = Some(Outcome::Listed(listing));
            }
            Event::Failed(failure) => {
                let error = if self.log_on.is_asking() && failure.cause == client::Cause::TimedOut {
                    self.plan.named(Error::new(Step::Ticket, Cause::TimedOut(Vec::new())))
                } else {
                    self.error(failure.clone())
                };
                self.settle(&failure);
                self.outcome = Some(Outcome::Failed(error));
            }
            Event::Refused(failure) => self.outcome = Some(Outcome::Refused(self.error(failure))),
            // `Event` can grow, by what is not needed for going on.
            _ => {}
        }
    }

    /// Hands a token to the state machine.
    pub(super) fn provide(&mut self, token: Result<Token, AuthError>) {
        self.connection.provide_token(token);
    }

    /// Ends what was asked for.
    pub(super) fn finish(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }

    fn error(&self, failure: Failure) -> Error {
        let account = Some(self.plan.credentials.account());
        Error::from_failure(self.plan.server.to_string(), account, failure)
            .by_ticket(self.log_on.is_by_ticket())
    }
}
