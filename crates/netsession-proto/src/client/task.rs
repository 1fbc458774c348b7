use std::collections::VecDeque;
use std::time::Instant;

use super::channel::Reply;
use super::connection::Connection;
use super::{Cause, Failure, Misbehaviour, Step};

/// What is under way on a logged-on connection: one call, calls on two pipes, the opening of a pipe.
pub(super) trait Task: Sized {
    /// What its driver is told. A failure of the connection is the last event.
    type Event: From<Failure>;

    /// What failures of the connection are labelled with.
    fn step(&self) -> Step;

    /// Takes a reply. What it does not wait for is the answer to something that was given up: the rest of a refused
    /// compound, a CLOSE.
    fn take(&mut self, reply: &Reply, connection: &mut Connection) -> Result<(), Failure>;

    /// Goes on as far as it can without another reply. `None` at its end, which is the last of the events.
    fn go_on(
        self,
        connection: Box<Connection>,
        events: &mut VecDeque<Self::Event>,
    ) -> Option<(Box<Connection>, Self)>;
}

/// Carries replies to a [`Task`], until its end or the deadline.
#[derive(Debug)]
pub(super) struct Running<T: Task> {
    deadline: Instant,
    /// `None` once it is over.
    state: Option<(Box<Connection>, T)>,
    events: VecDeque<T::Event>,
}

impl<T: Task> Running<T> {
    /// Begins what `begun` is, or fails at once.
    pub(super) fn start(
        connection: Box<Connection>,
        begun: Result<T, Failure>,
        deadline: Instant,
        now: Instant,
    ) -> Self {
        let mut running = Self { deadline, state: None, events: VecDeque::new() };
        match begun {
            Ok(task) => running.state = Some((connection, task)),
            Err(failure) => running.fail_with(failure),
        }
        // What came in after the last answer is taken now, and a deadline in the past fails at once.
        running.handle_input(&[], now);
        running
    }

    /// The task, until it is over.
    pub(super) fn peek(&self) -> Option<&T> {
        self.state.as_ref().map(|(_, task)| task)
    }

    fn fail(&mut self, cause: Cause) {
        if let Some((_, task)) = &self.state {
            let step = task.step();
            self.fail_with(Failure { step, cause });
        }
    }

    fn fail_with(&mut self, failure: Failure) {
        self.state = None;
        self.events.push_back(failure.logged().into());
    }

    /// Takes the replies that have come, as far as that goes.
    fn advance(&mut self) {
        loop {
            let Some((connection, task)) = &mut self.state else { return };
            let has_come = match connection.next_reply(task.step()) {
                Ok(None) => Ok(false),
                Ok(Some(reply)) => task.take(&reply, connection).map(|()| true),
                Err(failure) => Err(failure),
            };
            let has_come = match has_come {
                Ok(has_come) => has_come,
                Err(failure) => return self.fail_with(failure),
            };
            // After the last reply as well: it may have been the confirmation of the negotiation.
            self.go_on();
            if !has_come {
                break;
            }
        }
        if self.state.as_ref().is_some_and(|(connection, _)| connection.is_stuck()) {
            // A server that grants no credits would be waited for in vain.
            self.fail(Cause::Misbehaved(Misbehaviour::NoCredits));
        }
    }

    fn go_on(&mut self) {
        if let Some((connection, task)) = self.state.take() {
            self.state = task.go_on(connection, &mut self.events);
        }
    }

    pub(super) fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        // What comes after the deadline is too late, even if it was on its way before.
        self.handle_timeout(now);
        if let Some((connection, _)) = &mut self.state {
            connection.push(bytes);
            self.advance();
        }
    }

    pub(super) fn handle_close(&mut self, now: Instant) {
        self.handle_timeout(now);
        self.fail(Cause::Closed);
    }

    pub(super) fn handle_reset(&mut self, now: Instant) {
        self.handle_timeout(now);
        self.fail(Cause::Reset);
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if now >= self.deadline {
            self.fail(Cause::TimedOut);
        }
    }

    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.state.as_mut()?.0.poll_transmit()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.state.is_some().then_some(self.deadline)
    }

    pub(super) fn poll_event(&mut self) -> Option<T::Event> {
        self.events.pop_front()
    }
}

/// The methods of a [`Machine`](super::Machine) that is a [`Running`] task in its field `running`.
macro_rules! machine_of_running {
    () => {
        fn handle_input(&mut self, bytes: &[u8], now: Instant) {
            self.running.handle_input(bytes, now);
        }

        fn handle_close(&mut self, now: Instant) {
            self.running.handle_close(now);
        }

        fn handle_reset(&mut self, now: Instant) {
            self.running.handle_reset(now);
        }

        fn handle_timeout(&mut self, now: Instant) {
            self.running.handle_timeout(now);
        }

        fn poll_transmit(&mut self) -> Option<Vec<u8>> {
            self.running.poll_transmit()
        }

        fn poll_timeout(&self) -> Option<Instant> {
            self.running.poll_timeout()
        }

        fn poll_event(&mut self) -> Option<Self::Event> {
            self.running.poll_event()
        }
    };
}

pub(super) use machine_of_running;
