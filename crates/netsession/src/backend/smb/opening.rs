use std::net::IpAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use netsession_proto::client::{
    self, Failure, Handshake, HandshakeEvent, Machine as _, Phase, Reconnect, RpcPipe,
};

use super::entropy::entropy;
use super::log_on::{LogOn, Move};
use super::plan::SmbPlan;
use super::talk::{Action, Talk};
use crate::deadlines::later;
use crate::error::{Cause, Error, Step};
use crate::timings::{Stopwatch, Timed};

/// Opens a connection up to the bound pipe: handshake, tokens, and log-on guard.
pub(super) struct Opening {
    plan: Arc<SmbPlan>,
    handshake: Handshake,
    log_on: LogOn,
    local: IpAddr,
    stopwatch: Stopwatch,
    reconnect: Option<Reconnect>,
    deadline: Instant,
    /// When the wait for the log-on guard has begun, where it is not the server's time.
    waiting_since: Option<Instant>,
    /// The connection is kept only to hear the answer to the log-on.
    listens: bool,
    end: Option<Result<Box<RpcPipe>, Error>>,
}

/// How long the answer to a log-on is heard after the connection was given up.
const HEARD_FOR: Duration = Duration::from_secs(60);

/// An open connection.
pub(super) struct Opened {
    pub(super) pipe: Box<RpcPipe>,
    /// This machine's address towards the server.
    pub(super) local: IpAddr,
    pub(super) stopwatch: Stopwatch,
}

impl Opening {
    /// Over a connection that has just been made from the address `local`; the `stopwatch` has timed that.
    pub(super) fn new(
        plan: &Arc<SmbPlan>,
        local: IpAddr,
        stopwatch: Stopwatch,
        now: Instant,
    ) -> Result<Self, Error> {
        Ok(Self {
            handshake: Handshake::new(plan.config(), &entropy()?, now),
            log_on: LogOn::new(Arc::clone(plan)),
            plan: Arc::clone(plan),
            local,
            stopwatch,
            reconnect: None,
            deadline: plan.deadline,
            waiting_since: None,
            listens: false,
            end: None,
        })
    }

    /// Goes on for a while to hear the answer to the log-on, when its owner has given it up. Whether there is one to
    /// hear.
    pub(super) fn listen(&mut self, now: Instant) -> bool {
        let is_awaited = !self.listens && self.log_on.is_awaited();
        if is_awaited {
            tracing::debug!(server = %self.plan.server, "given up, and the answer to the log-on is still heard");
            self.listens = true;
            self.deadline = later(now, HEARD_FOR);
            self.handshake.put_off(self.deadline);
            self.end = None;
        }
        is_awaited
    }

    /// How far the deadline was moved.
    #[cfg(feature = "tokio")]
    pub(super) fn moved_by(&self) -> Duration {
        self.deadline.saturating_duration_since(self.plan.deadline)
    }

    /// Moves the deadline by the wait for the log-on guard, where that is not the server's time.
    fn put_off(&mut self, now: Instant) {
        let waits = self.plan.moves_deadline && self.log_on.waited_for().is_some();
        match (waits, self.waiting_since) {
            (true, None) => self.waiting_since = Some(now),
            (false, Some(since)) => {
                self.waiting_since = None;
                self.deadline = later(self.deadline, now.saturating_duration_since(since));
                self.handshake.put_off(self.deadline);
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// The deadline has passed.
    fn time_out(&mut self, now: Instant) {
        if let Some(waited_for) = self.log_on.waited_for() {
            let error = Error::new(Step::LogOn, Cause::Unanswered(waited_for.clone()));
            self.end = Some(Err(self.plan.named(error)));
        } else if self.log_on.is_sent() && !self.listens {
            // Not as a failure of the handshake: it may go on to hear the answer.
            let failure = Failure { step: client::Step::LogOn, cause: client::Cause::TimedOut };
            self.end = Some(Err(self.error(failure)));
        } else {
            self.handshake.handle_timeout(now);
        }
    }

    fn handle(&mut self, event: HandshakeEvent) {
        match event {
            HandshakeEvent::NeedToken { input, stage } => {
                let next = self.log_on.token_wanted(stage, input);
                self.make(next);
            }
            HandshakeEvent::Phase(phase) => {
                tracing::debug!(server = %self.plan.server, ?phase, "phase");
                self.stopwatch.enter(Timed::Handshake(phase), Instant::now());
                if phase == Phase::Bind {
                    self.log_on.accepted();
                }
            }
            HandshakeEvent::Reconnect(again) => {
                let Failure { step, cause } = again.failure();
                let server = &self.plan.server;
                if matches!(cause, client::Cause::Integrity(_)) {
                    // Most likely a server that signs wrongly within a compound (ksmbd of Linux 7.2), but it could be
                    // an attack as well.
                    tracing::warn!(%server, %step, %cause, "connecting again, in single steps");
                } else {
                    tracing::debug!(%server, %step, %cause, "connecting again, in single steps");
                }
                // The log-on of the first connection was verified, and the guard knows it.
                self.log_on = LogOn::new(Arc::clone(&self.plan));
                self.stopwatch.enter(Timed::Connect, Instant::now());
                self.reconnect = Some(again);
            }
            HandshakeEvent::Ready(pipe) => {
                let client::Negotiated { dialect, encrypted, single_steps, .. } = pipe.negotiated();
                tracing::debug!(server = %self.plan.server, %dialect, encrypted, single_steps, "ready");
                self.plan.memory.remember_opening(&self.plan.server, single_steps);
                self.end = Some(Ok(pipe));
            }
            HandshakeEvent::Failed(failure) => {
                let error = if self.log_on.is_asking() && failure.cause == client::Cause::TimedOut {
                    self.plan.named(Error::timed_out(Step::Ticket))
                } else {
                    self.error(failure)
                };
                self.log_on.settle(&error);
                self.end = Some(Err(error));
            }
        }
    }

    fn make(&mut self, next: Move) {
        match next {
            Move::Nothing => {}
            Move::Token(token) => self.handshake.provide_token(token),
            Move::Fail(error) => self.end = Some(Err(self.plan.named(error))),
        }
    }

    /// What can be done without waiting for anything.
    fn due(&mut self) -> Option<Action<Self>> {
        let failed = matches!(self.end, Some(Err(_)));
        if let Some(again) = self.reconnect.take()
            && !failed
        {
            return Some(Action::Reconnect(again, self.plan.connect_deadline(Instant::now())));
        }
        // After a failure there is no server to send the rest to.
        let transmit = if failed { None } else { self.handshake.poll_transmit() };
        if let Some(bytes) = transmit {
            return Some(Action::Send(bytes));
        }
        let end = self.end.take()?;
        let (local, timings) = (self.local, self.stopwatch.stop(Instant::now()));
        let stopwatch = self.stopwatch;
        Some(Action::Finish(
            end.map(|pipe| Opened { pipe, local, stopwatch }).map_err(|error| error.after(timings)),
        ))
    }

    fn error(&self, failure: Failure) -> Error {
        self.plan.named(Error::from_failure(failure)).by_ticket(self.log_on.is_by_ticket())
    }
}

impl Talk for Opening {
    type End = Result<Opened, Error>;
    type Reconnect = Reconnect;

    fn next(&mut self, waker: &Waker) -> Action<Self> {
        loop {
            while let Some(event) = self.handshake.poll_event() {
                self.handle(event);
            }
            if self.listens && !self.log_on.is_sent() {
                return Action::Finish(self.failed(Error::client_closed(Step::LogOn)));
            }
            if let Some(action) = self.due() {
                return action;
            }
            let now = Instant::now();
            self.put_off(now);
            let until = self.until();
            if now >= until && self.waiting_since.is_none() {
                self.time_out(now);
                continue;
            }
            match self.log_on.go_on(waker, now, until) {
                ControlFlow::Break(wait) => {
                    // From the first poll on that does not grant the permit.
                    self.put_off(now);
                    let is_apart = self.waiting_since.is_some();
                    return Action::Wait(if is_apart { wait } else { until.min(wait) });
                }
                ControlFlow::Continue(Some(next)) => self.make(next),
                ControlFlow::Continue(None) => return Action::Receive(until),
            }
        }
    }

    fn received(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        // RACE: on a busy machine an answer is often read a moment after the deadline. It is too late for the owner, but the
        // guard has to hear it: the handshake would drop it, and the log-on count as unanswered.
        if now >= self.deadline && self.log_on.is_sent() && !self.listens {
            self.time_out(now);
            self.handshake.put_off(later(now, HEARD_FOR));
        }
        self.handshake.handle_input(bytes, now);
    }

    fn closed(&mut self) {
        self.handshake.handle_close(Instant::now());
    }

    fn broke(&mut self) {
        self.handshake.handle_reset(Instant::now());
    }

    fn reconnected(&mut self, again: Reconnect, local: IpAddr) -> Result<(), Error> {
        self.local = local;
        self.handshake = again.connected(&entropy()?, Instant::now());
        Ok(())
    }

    fn failed(&mut self, error: Error) -> Self::End {
        Err(self.plan.named(error).after(self.stopwatch.stop(Instant::now())))
    }

    fn until(&self) -> Instant {
        self.deadline
    }
}
