use std::net::IpAddr;
use std::ops::ControlFlow;
use std::task::Waker;
use std::time::Instant;

use netsession_proto::auth::Authenticator;
use netsession_proto::client::{
    self, Connection, Event, Failure, ListRequest, Negotiated, Phase, TokenInput, TokenStage,
};

use super::authenticator::authenticator;
use super::entropy::{entropy, no_randomness};
use super::plan::Plan;
use crate::error::{Cause, Error, Step, says_nothing_about_the_account};
use crate::logon_guard::{Reason, Refusal, Standing, Turn};
use crate::session::Caller;
use crate::{Listing, Session};

/// What the drivers share: the state machine, the tokens that it asks for, the log-on guard, and what it
/// has answered so far. Does no I/O: it says what is to be done next.
pub(super) struct Conversation {
    plan: Plan,
    deadline: Instant,
    connection: Connection,
    authenticator: Option<Box<dyn Authenticator>>,
    log_on: LogOn,
    caller: Caller,
    sessions: Vec<Session>,
    outcome: Option<Outcome>,
    reconnect: bool,
}

/// Where the log-on stands as the guard sees it.
enum LogOn {
    /// Nothing that can be refused is under way.
    Quiet,
    /// The server's challenge lies here until it is this connection's turn.
    Waiting { turn: Turn, challenge: TokenInput },
    /// Sent, and not yet answered.
    Sent(Turn),
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
pub(crate) enum Outcome {
    /// Logged on, and questions can be asked.
    Ready(Negotiated),
    Listed(Listing),
    /// The question failed, and another one can be asked.
    Refused(Error),
    /// The connection is of no more use.
    Failed(Error),
}

impl Conversation {
    /// A conversation over a connection that has just been made from the address `local`.
    pub(super) fn new(plan: &Plan, local: IpAddr, now: Instant) -> Result<Self, Error> {
        Ok(Self {
            deadline: plan.deadline,
            connection: Connection::new(plan.config(), entropy()?, now),
            authenticator: None,
            log_on: LogOn::Quiet,
            caller: Caller { account: plan.credentials.account(), address: local },
            sessions: Vec::new(),
            outcome: None,
            reconnect: false,
            plan: plan.clone(),
        })
    }

    /// Asks, after [`Outcome::Ready`], [`Outcome::Listed`] or [`Outcome::Refused`].
    pub(super) fn ask(&mut self, request: ListRequest, deadline: Instant) {
        self.deadline = deadline;
        self.sessions = Vec::new();
        self.outcome = None;
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
            match self.take_turn(waker, now) {
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
            Event::NeedToken { input, stage: TokenStage::Continue } if self.must_queue() => self.queue(input),
            Event::NeedToken { input, stage } => self.provide_token(stage, &input),
            Event::Phase(phase) => {
                tracing::debug!(server = %self.plan.server, ?phase, "phase");
                if phase == Phase::Bind {
                    self.accepted();
                }
            }
            Event::Reconnect => {
                tracing::debug!(server = %self.plan.server, "cut off: connecting anew, in single steps");
                self.log_on = LogOn::Quiet;
                self.reconnect = true;
            }
            Event::Ready(negotiated) => {
                let Negotiated { dialect, encrypted } = negotiated;
                tracing::debug!(server = %self.plan.server, %dialect, encrypted, "ready");
                self.accepted();
                self.outcome = Some(Outcome::Ready(negotiated));
            }
            Event::Page(page) => self.sessions.extend(page.into_iter().map(Session::from)),
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
                self.settle(&failure);
                self.outcome = Some(Outcome::Failed(self.error(failure)));
            }
            Event::Refused(failure) => self.outcome = Some(Outcome::Refused(self.error(failure))),
            // `Event` can grow, by what is not needed for going on.
            _ => {}
        }
    }

    /// Only the first token that can be refused waits for its turn: an exchange of more legs goes on.
    fn must_queue(&self) -> bool {
        matches!(self.log_on, LogOn::Quiet)
    }

    fn queue(&mut self, challenge: TokenInput) {
        let Plan { guard, credentials, .. } = &self.plan;
        match guard.queue(credentials.account(), credentials.password(), self.plan.patience()) {
            Ok(turn) => self.log_on = LogOn::Waiting { turn, challenge },
            Err(error) => self.outcome = Some(Outcome::Failed(self.plan.named(no_randomness(error)))),
        }
    }

    /// Logs on if that was waiting for its turn and may go now. Breaks with the moment to look again;
    /// continues with whether there is something new.
    fn take_turn(&mut self, waker: &Waker, now: Instant) -> ControlFlow<Instant, bool> {
        let (mut turn, challenge) = match std::mem::replace(&mut self.log_on, LogOn::Quiet) {
            LogOn::Waiting { turn, challenge } => (turn, challenge),
            other => {
                self.log_on = other;
                return ControlFlow::Continue(false);
            }
        };
        match turn.poll(waker, now) {
            Standing::Wait(until) => {
                tracing::debug!(server = %self.plan.server, "waiting for another log-on of this account");
                self.log_on = LogOn::Waiting { turn, challenge };
                return ControlFlow::Break(until);
            }
            Standing::Go => {
                self.log_on = LogOn::Sent(turn);
                self.provide_token(TokenStage::Continue, &challenge);
            }
            Standing::Blocked(refusal) => {
                let error = Error::new(Step::Conversation(client::Step::LogOn), Cause::Blocked(refusal));
                self.outcome = Some(Outcome::Failed(self.plan.named(error)));
            }
        }
        ControlFlow::Continue(true)
    }

    fn provide_token(&mut self, stage: TokenStage, input: &TokenInput) {
        if stage == TokenStage::Initial {
            match authenticator(&self.plan.credentials, &self.plan.server) {
                Ok(authenticator) => self.authenticator = Some(authenticator),
                Err(error) => {
                    self.outcome = Some(Outcome::Failed(self.plan.named(error)));
                    return;
                }
            }
        }
        // The state machine begins every exchange with `Initial`.
        if let Some(authenticator) = &mut self.authenticator {
            self.connection.provide_token(authenticator.step(stage, &input.0));
        }
    }

    fn accepted(&mut self) {
        self.authenticator = None;
        if let LogOn::Sent(turn) = std::mem::replace(&mut self.log_on, LogOn::Quiet) {
            turn.accepted();
        }
    }

    /// Tells the guard what a failure says about the account. Dropped untold, a turn says nothing.
    fn settle(&mut self, failure: &Failure) {
        let LogOn::Sent(turn) = std::mem::replace(&mut self.log_on, LogOn::Quiet) else { return };
        let reason = match &failure.cause {
            client::Cause::Guest => Reason::Guest,
            client::Cause::LogOnRefused(status) if !says_nothing_about_the_account(*status) => {
                Reason::Status(*status)
            }
            client::Cause::Status(status)
                if failure.step == client::Step::LogOn && !says_nothing_about_the_account(*status) =>
            {
                Reason::Status(*status)
            }
            _ => return,
        };
        turn.refused(Refusal { server: self.plan.server.to_string(), reason });
    }

    fn error(&self, failure: Failure) -> Error {
        let account = Some(self.plan.credentials.account());
        Error::from_failure(self.plan.server.to_string(), account, failure)
    }
}
