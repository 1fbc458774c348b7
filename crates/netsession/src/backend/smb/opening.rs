use std::net::IpAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::Waker;
use std::time::Instant;

use netsession_proto::client::{self, Failure, Handshake, HandshakeEvent, Machine as _, Phase, RpcPipe};

use super::entropy::entropy;
use super::log_on::{LogOn, Move};
use super::plan::SmbPlan;
use super::talk::{Action, Talk};
use crate::error::{Error, Step};
use crate::timings::{Stopwatch, Timed};

/// Opens a connection up to the bound pipe: handshake, tokens, and log-on guard.
pub(super) struct Opening {
    plan: Arc<SmbPlan>,
    handshake: Handshake,
    log_on: LogOn,
    local: IpAddr,
    stopwatch: Stopwatch,
    reconnect: bool,
    end: Option<Result<Box<RpcPipe>, Error>>,
}

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
            reconnect: false,
            end: None,
        })
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
            HandshakeEvent::Reconnect => {
                tracing::debug!(server = %self.plan.server, "cut off: connecting again, in single steps");
                self.log_on = LogOn::new(Arc::clone(&self.plan));
                self.stopwatch.enter(Timed::Connect, Instant::now());
                self.reconnect = true;
            }
            HandshakeEvent::Ready(pipe) => {
                let client::Negotiated { dialect, encrypted, single_steps } = pipe.negotiated();
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
    fn due(&mut self) -> Option<Action<Result<Opened, Error>>> {
        let failed = matches!(self.end, Some(Err(_)));
        if std::mem::take(&mut self.reconnect) && !failed {
            return Some(Action::Reconnect(self.plan.connect_deadline(Instant::now())));
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

    fn next(&mut self, waker: &Waker) -> Action<Self::End> {
        loop {
            while let Some(event) = self.handshake.poll_event() {
                self.handle(event);
            }
            if let Some(action) = self.due() {
                return action;
            }
            let now = Instant::now();
            let until = self.until();
            if now >= until {
                self.handshake.handle_timeout(now);
                continue;
            }
            match self.log_on.go_on(waker, now, until) {
                ControlFlow::Break(wait) => return Action::Wait(until.min(wait)),
                ControlFlow::Continue(Some(next)) => self.make(next),
                ControlFlow::Continue(None) => return Action::Receive(until),
            }
        }
    }

    fn received(&mut self, bytes: &[u8]) {
        self.handshake.handle_input(bytes, Instant::now());
    }

    fn closed(&mut self) {
        self.handshake.handle_close(Instant::now());
    }

    fn broke(&mut self) {
        self.handshake.handle_reset(Instant::now());
    }

    fn reconnected(&mut self, local: IpAddr) -> Result<(), Error> {
        self.local = local;
        self.handshake.reconnected(&entropy()?, Instant::now());
        Ok(())
    }

    fn failed(&mut self, error: Error) -> Self::End {
        Err(self.plan.named(error).after(self.stopwatch.stop(Instant::now())))
    }

    fn until(&self) -> Instant {
        self.plan.deadline
    }
}
