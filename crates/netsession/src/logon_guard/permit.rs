use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

use super::guard::Guard;
use super::machine::{Request, Standing};
use super::reason::{LogOnRefusal, LogOnResult, Peer, Reason};
use super::secret::Secret;
use crate::Account;

/// One request to log on as an account, then its permission.
///
/// Dropped after it was granted and without a result, it is a log-on without an answer: it may have been counted as a
/// wrong one.
#[derive(Debug)]
pub(crate) struct LogOnPermit {
    guard: Arc<Guard>,
    request: Request,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Not granted so far; on account of this log-on.
    Waiting(Option<LogOnRefusal>),
    Granted,
    Ended,
}

impl Guard {
    /// A request to log on as `account` at `peer`. No token may be sent before [`LogOnPermit::poll`] grants it.
    pub(crate) fn queue(
        self: &Arc<Self>,
        account: Account,
        secret: &Secret,
        peer: Peer,
        patience: Duration,
    ) -> Result<LogOnPermit, getrandom::Error> {
        let secret = self.fingerprint(secret)?;
        let request = Request { id: self.next_id(), account, secret, peer, patience };
        Ok(LogOnPermit { guard: Arc::clone(self), request, state: State::Waiting(None) })
    }
}

impl LogOnPermit {
    /// Asks the guard. Once it is granted it stays so, and counts as sent.
    pub(crate) fn poll(&mut self, waker: &Waker, now: Instant) -> Standing {
        if matches!(self.state, State::Granted) {
            return Standing::Go;
        }
        let standing = self.guard.ask(&self.request, waker, now);
        match &standing {
            Standing::Go => self.state = State::Granted,
            Standing::Wait(_, waited_for) => self.state = State::Waiting(Some(waited_for.clone())),
            Standing::Denied(_) => {}
        }
        standing
    }

    /// The unanswered log-on that this one waits for.
    pub(crate) fn waited_for(&self) -> Option<&LogOnRefusal> {
        match &self.state {
            State::Waiting(waited_for) => waited_for.as_ref(),
            State::Granted | State::Ended => None,
        }
    }

    /// Whether the log-on was sent, has no answer, and its answer may change what others may send.
    pub(crate) fn is_awaited(&self) -> bool {
        matches!(self.state, State::Granted) && self.guard.is_awaited(&self.request)
    }

    /// Tells the guard the answer.
    pub(crate) fn end(mut self, result: LogOnResult) {
        if matches!(self.state, State::Granted) {
            self.state = State::Ended;
            self.guard.end(&self.request, result, Instant::now());
        }
    }
}

impl Drop for LogOnPermit {
    fn drop(&mut self) {
        match self.state {
            State::Waiting(_) => self.guard.leave(&self.request),
            State::Granted => {
                let result = LogOnResult::Unknown(Reason::NoAnswer);
                self.guard.end(&self.request, result, Instant::now());
            }
            State::Ended => {}
        }
    }
}
