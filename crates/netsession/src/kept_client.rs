use std::fmt;
use std::time::{Duration, Instant};

use crate::admission::AtOnce;
use crate::client::{Asked, Client, ClientBuilder};
use crate::deadlines::later;
use crate::error::{Error, ErrorKind};
use crate::question::Question;
use crate::timings::Timings;

/// A client that keeps its connection between questions, for a program that asks the same server again and again.
///
/// The first question connects and logs on. Later ones take a round trip and no log-on, for as long as the connection
/// lasts; where it is gone, the question is put over a new one within the same deadline, once. A question that changes
/// something is not, as soon as its request may have been sent. The settings of the builder hold for each connection. Give
/// it a [log-on guard](crate::logon_guard) for a process that stays
/// ([`LogonGuard::long_running`](crate::logon_guard::LogonGuard::long_running)).
///
/// While the guard holds back a server that left a log-on unanswered, the next question to another server logs on again, over
/// a new connection: its success shows that the password is still right.
///
/// The server counts the connection as a session of its own, until [`close`](Self::close) or the drop.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Client, Credentials, KeptClient, Password, Sessions};
/// use std::time::Duration;
///
/// let who = Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!"));
/// let mut client = KeptClient::new(Client::builder(server).credentials(who));
/// for _ in 0..3 {
///     let listing = client.ask(&Sessions::new(), Duration::from_secs(10)).await?;
///     println!("{} sessions", listing.len());
/// }
/// assert!(client.is_connected());
/// # Ok(())
/// # }
/// ```
pub struct KeptClient {
    builder: ClientBuilder,
    client: Option<Client>,
    /// How long the last question over the kept connection took.
    took: Duration,
    timings: Timings,
}

impl KeptClient {
    /// A client with these settings. Nothing is sent before the first question. The timeout of the builder does not
    /// count: each question has its own.
    #[must_use]
    pub fn new(builder: ClientBuilder) -> Self {
        Self { builder, client: None, took: Duration::ZERO, timings: Timings::default() }
    }

    /// Puts a question, which must be answered within `timeout`, a new connection included.
    ///
    /// Dropping the future closes the connection; the next question makes a new one.
    ///
    /// # Errors
    ///
    /// Those of [`ClientBuilder::connect`] and [`Client::ask`].
    pub async fn ask<Q: Question>(&mut self, question: &Q, timeout: Duration) -> Result<Q::Answer, Error> {
        let deadline = later(Instant::now(), timeout);
        self.timings = Timings::default();
        self.prove(deadline).await;
        let result = match self.ask_kept(question, deadline).await {
            Some(result) => result,
            None => match self.connect(deadline, false).await {
                Ok(_) => self.ask_connected(question, deadline).await,
                Err(error) => Err(error),
            },
        };
        if let Err(error) = &result {
            self.timings = error.timings();
        }
        result
    }

    /// The duration of each phase of the last question: over a connection that was there, of the question alone.
    #[must_use]
    pub fn timings(&self) -> Timings {
        self.timings
    }

    /// Whether there is a connection. It may have been ended by the server since the last question.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.is_some()
    }

    /// Closes the connection. The next question makes a new one.
    pub fn close(&mut self) {
        self.client = None;
    }

    /// Puts a question over the kept connection. `None` if there is none, or it is of no use any more: no request that
    /// changes something was sent then.
    pub(crate) async fn ask_kept<Q: Question>(
        &mut self,
        question: &Q,
        deadline: Instant,
    ) -> Option<Result<Q::Answer, Error>> {
        let before = self.client.as_ref()?.timings();
        let patience = self.patience(Instant::now(), deadline);
        let Asked { result, is_repeatable } = self.ask_patiently(question, patience, deadline).await;
        // An expired session is made again within the client: then its phases are those of this question as well.
        self.timings = self.timings.without_phases_of(&before);
        match &result {
            Err(error) if is_repeatable && is_of_the_connection(error) && Instant::now() < deadline => {
                tracing::debug!(%error, "the kept connection has ended: connecting again");
                None
            }
            _ => Some(result),
        }
    }

    /// When to give up a kept connection that is silent, unless a request was sent that cannot be repeated: a firewall on
    /// the way may have forgotten it. There must be time for a new one then, and a server that is always slow must not lose
    /// its connection each time.
    fn patience(&self, now: Instant, deadline: Instant) -> Instant {
        let left = deadline.saturating_duration_since(now);
        later(now, (left / 2).max(self.took.saturating_mul(2)).min(left))
    }

    /// Logs on once more where the guard wants to know whether the secret is still right: without it, a server that left one
    /// log-on unanswered would not be asked for 35 minutes while all others keep their connections. The kept connection
    /// stays where that fails, and has half of the time.
    pub(crate) async fn prove(&mut self, deadline: Instant) {
        if !self.is_connected() || !self.builder.take_wish_for_proof() {
            return;
        }
        let now = Instant::now();
        let until = later(now, deadline.saturating_duration_since(now) / 2);
        match self.connect(until, false).await {
            Ok(_) => tracing::debug!("logged on once more: another server left a log-on unanswered"),
            Err(error) => tracing::debug!(%error, "not logged on once more"),
        }
    }

    /// Makes a new connection. With `waits_for_guard` the wait for the log-on guard moves the deadline, which is returned.
    pub(crate) async fn connect(
        &mut self,
        deadline: Instant,
        waits_for_guard: bool,
    ) -> Result<Instant, Error> {
        let now = Instant::now();
        let timeout = deadline.saturating_duration_since(now).max(Duration::from_millis(1));
        let mut plan = self.builder.clone().timeout(timeout).plan(now)?;
        if waits_for_guard {
            plan.without_the_wait_for_the_guard();
        }
        self.client = Some(Client::open(&mut plan, &mut AtOnce).await?);
        Ok(plan.deadline())
    }

    /// Puts a question over the connection, which is closed where it is of no use any more.
    pub(crate) async fn ask_connected<Q: Question>(
        &mut self,
        question: &Q,
        deadline: Instant,
    ) -> Result<Q::Answer, Error> {
        self.ask_patiently(question, deadline, deadline).await.result
    }

    /// As [`Client::ask_until`].
    async fn ask_patiently<Q: Question>(
        &mut self,
        question: &Q,
        patience: Instant,
        deadline: Instant,
    ) -> Asked<Q::Answer> {
        let Some(client) = &self.client else {
            let error = Error::client_closed(crate::Step::for_call(Q::OPERATION));
            return Asked { result: Err(error), is_repeatable: true };
        };
        let begun = Instant::now();
        let Asked { result, is_repeatable } = client.ask_until(question, patience, deadline).await;
        self.timings = client.timings();
        match &result {
            Ok(_) => self.took = begun.elapsed(),
            // A status may be one of the pipe or the session, which does not go away.
            Err(error) if error.is_answer() && error.kind() != ErrorKind::Status => {}
            Err(_) => self.close(),
        }
        Asked { result, is_repeatable }
    }
}

/// Whether another connection can help: this one was closed, is silent, or its session or pipe has ended. Samba ends the
/// program behind a pipe, Windows and administrators end sessions.
fn is_of_the_connection(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Closed | ErrorKind::TimedOut | ErrorKind::Status)
}

impl fmt::Debug for KeptClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptClient").field("client", &self.client).finish_non_exhaustive()
    }
}
