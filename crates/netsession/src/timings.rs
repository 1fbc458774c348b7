use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use netsession_proto::client::Phase;

/// The duration of each phase of one connection, up to its end or its failure.
///
/// A phase is `None` if it was not reached, and always with the Windows backend. After a reconnect a phase is the sum
/// of both attempts. [`Client::timings`](crate::blocking::Client::timings) and
/// [`Error::timings`](crate::Error::timings) have them.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// use netsession::{Credentials, Password, blocking::Client};
///
/// let who = Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!"));
/// let client = Client::builder(address.to_string()).credentials(who).connect()?;
/// assert!(client.timings().bind.is_some() && client.timings().question.is_none());
/// client.sessions().list()?;
/// assert!(client.timings().question.is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timings {
    /// From the name of the server to its addresses.
    pub resolve: Option<Duration>,
    /// The TCP connect.
    pub connect: Option<Duration>,
    /// NEGOTIATE.
    pub negotiate: Option<Duration>,
    /// The log-on: SESSION_SETUP, a ticket where one is asked for, and the wait for the
    /// [log-on guard](crate::logon_guard).
    pub authenticate: Option<Duration>,
    /// TREE_CONNECT, CREATE and the RPC bind.
    pub bind: Option<Duration>,
    /// The last question, with all its levels and pages.
    pub question: Option<Duration>,
}

impl Timings {
    /// What was timed since `before`: the last question, and the phases of a connection that was made for it.
    #[cfg(feature = "tokio")]
    pub(crate) fn without_phases_of(mut self, before: &Self) -> Self {
        let same = |now: &mut Option<Duration>, before: Option<Duration>| {
            if *now == before {
                *now = None;
            }
        };
        let Self { resolve, connect, negotiate, authenticate, bind, question: _ } = &mut self;
        same(resolve, before.resolve);
        same(connect, before.connect);
        same(negotiate, before.negotiate);
        same(authenticate, before.authenticate);
        same(bind, before.bind);
        self
    }

    /// Each phase with its name in metrics, in the order of the connection. There the question is `enumerate`, which it
    /// was when there was no other one.
    pub fn phases(&self) -> impl Iterator<Item = (&'static str, Option<Duration>)> + use<> {
        let Self { resolve, connect, negotiate, authenticate, bind, question } = *self;
        [
            ("resolve", resolve),
            ("connect", connect),
            ("negotiate", negotiate),
            ("authenticate", authenticate),
            ("bind", bind),
            ("enumerate", question),
        ]
        .into_iter()
    }
}

/// What is being timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timed {
    Resolve,
    Connect,
    Handshake(Phase),
    Question,
}

/// Times one phase after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch {
    timings: Timings,
    running: Option<(Timed, Instant)>,
}

impl Stopwatch {
    /// Resolving begins now.
    pub(crate) fn start(now: Instant) -> Self {
        Self { timings: Timings::default(), running: Some((Timed::Resolve, now)) }
    }

    /// Whatever was timed has ended, and this begins.
    pub(crate) fn enter(&mut self, timed: Timed, now: Instant) {
        if timed == Timed::Question {
            self.timings.question = None;
        }
        self.stop(now);
        self.running = Some((timed, now));
    }

    /// Whatever was timed has ended.
    pub(crate) fn stop(&mut self, now: Instant) -> Timings {
        if let Some((timed, begun)) = self.running.take() {
            let place = match timed {
                Timed::Resolve => &mut self.timings.resolve,
                Timed::Connect => &mut self.timings.connect,
                Timed::Handshake(Phase::Negotiate) => &mut self.timings.negotiate,
                Timed::Handshake(Phase::Authenticate) => &mut self.timings.authenticate,
                Timed::Handshake(Phase::Bind) => &mut self.timings.bind,
                Timed::Question => &mut self.timings.question,
            };
            let took = now.saturating_duration_since(begun);
            *place = Some(place.unwrap_or_default().saturating_add(took));
        }
        self.timings
    }
}

/// What a client knows of its connection's timings.
#[derive(Debug)]
pub(crate) struct Latest(Mutex<Timings>);

impl Latest {
    pub(crate) fn new(timings: Timings) -> Self {
        Self(Mutex::new(timings))
    }

    pub(crate) fn set(&self, timings: Timings) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = timings;
    }

    pub(crate) fn read(&self) -> Timings {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_add_up_and_questions_do_not() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let mut watch = Stopwatch::start(start);
        watch.enter(Timed::Connect, at(1));
        watch.enter(Timed::Handshake(Phase::Negotiate), at(3));
        // The connection was cut, and made again.
        watch.enter(Timed::Connect, at(4));
        watch.enter(Timed::Handshake(Phase::Negotiate), at(5));
        let failed = watch.stop(at(9));
        assert_eq!((failed.resolve, failed.connect, failed.negotiate), (seconds(1), seconds(3), seconds(5)));
        assert_eq!((failed.authenticate, failed.bind, failed.question), (None, None, None));
        watch.enter(Timed::Question, at(20));
        assert_eq!(watch.stop(at(21)).question, seconds(1));
        assert_eq!(watch.stop(at(30)).question, seconds(1), "nothing is timed between questions");
        watch.enter(Timed::Question, at(40));
        assert_eq!(watch.stop(at(42)).question, seconds(2), "the last question alone");
    }
}
