use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use netsession_proto::query::Query as _;
use netsession_proto::srvs::Operation;
use tokio::sync::Mutex;
use tokio::time::timeout_at;

use crate::admission::{Admission, AtOnce};
use crate::backend::{AsyncDriver, ConnectPlan};
use crate::deadlines::Deadlines;
use crate::error::{Error, Step};
use crate::logon_guard::{Guard, Peer, Secret};
use crate::question::{Ask, BothAnswers, Carrier, Question};
use crate::sessions::Sessions;
use crate::settings::{Settings, builder_setters, question_setters};
use crate::timings::Latest;
use crate::{Listing, Negotiated, ParseServerNameError, ServerName, Timings};

/// A logged-on connection to one server.
///
/// It needs a tokio runtime with I/O and time enabled. Dropping a future or the client closes the connection and frees
/// everything. The one exception is a log-on whose answer others wait for: a task hears it for up to 60 s, see the
/// [log-on guard](crate::logon_guard).
///
/// A client answers one question after the other; for several servers at the same time, use a client for each. After an
/// error that ended the connection, and after a `list` that was dropped before its end, every further question fails
/// with [`ErrorKind::Closed`](crate::ErrorKind::Closed): connect again.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Client, Credentials, Level, Password};
/// use std::time::Duration;
///
/// // `server` is a name such as "fs1.example.com".
/// let client = Client::builder(server)
///     .credentials(Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!")))
///     .timeout(Duration::from_secs(10))
///     .connect()
///     .await?;
/// let listing = client.sessions().level(Level::Auto).user("alice").list().await?;
/// for session in &listing {
///     println!("{} {:?} idle {:?}", session.client(), session.user(), session.idle());
/// }
/// assert_eq!(listing.level(), Level::L502);
/// assert_eq!(listing.sessions()[0].opens(), Some(3));
/// # Ok(())
/// # }
/// ```
pub struct Client {
    plan: ConnectPlan,
    server: String,
    negotiated: Option<Negotiated>,
    deadlines: Deadlines,
    timings: Latest,
    driver: Mutex<AsyncDriver>,
}

/// What came of a question over one connection.
pub(crate) struct Asked<A> {
    pub(crate) result: Result<A, Error>,
    /// Whether the question may be put again over another connection: false from the moment on that a request which
    /// changes something may have been sent.
    pub(crate) is_repeatable: bool,
}

impl Client {
    /// Settings for a connection to `server`: a [`ServerName`], or a text that it parses.
    ///
    /// A text that is not a server name is an error of [`connect`](ClientBuilder::connect), of the kind
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest).
    pub fn builder(server: impl TryInto<ServerName, Error: Into<ParseServerNameError>>) -> ClientBuilder {
        ClientBuilder { settings: Settings::new(server) }
    }

    /// Settings for asking this machine itself, shown as `localhost`.
    ///
    /// Only Windows can be asked so: the calls of netapi32 without a server name (\[MS-SRVS\] 2.2.1.1), which do not go over
    /// the network. With another backend [`connect`](ClientBuilder::connect) fails with
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest): name the machine there, `localhost` for example.
    pub fn this_machine() -> ClientBuilder {
        ClientBuilder { settings: Settings::this_machine() }
    }

    /// Starts a query for the sessions of the server.
    pub fn sessions(&self) -> SessionsRequest<'_> {
        SessionsRequest { client: self, question: Sessions::new() }
    }

    /// The negotiated protocol; `None` for the Windows backend, which does not report it.
    #[must_use]
    pub fn negotiated(&self) -> Option<Negotiated> {
        self.negotiated
    }

    /// The duration of each phase so far; empty for the Windows backend. The error of a failed question has them,
    /// too: [`Error::timings`].
    #[must_use]
    pub fn timings(&self) -> Timings {
        self.timings.read()
    }

    /// The server as given, without `\\` and brackets, and with the port only if it is not 445.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Sends a question to the server.
    ///
    /// # Errors
    ///
    /// The kinds of the question, and those of a lost connection. After
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied),
    /// [`LevelNotSupported`](crate::ErrorKind::LevelNotSupported) and [`Status`](crate::ErrorKind::Status) the
    /// client is usually still usable.
    pub async fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, Error> {
        let deadline = self.deadlines.next(|| self.plan.renewed(Instant::now()));
        self.ask_until(question, deadline, deadline).await.result
    }

    /// As [`ask`](Self::ask), with another deadline. What only reads is given up at `patience`, as long as the question may
    /// be put again.
    pub(crate) async fn ask_until<Q: Question>(
        &self,
        question: &Q,
        patience: Instant,
        deadline: Instant,
    ) -> Asked<Q::Answer> {
        let Ok(mut driver) = timeout_at(deadline.into(), self.driver.lock()).await else {
            let error = Error::timed_out(Step::for_call(Q::OPERATION)).with_server(&self.server);
            return Asked { result: Err(error), is_repeatable: true };
        };
        let mut carrier = Unchanged { driver: &mut driver, patience, is_repeatable: true };
        let result = question.put(&mut carrier, deadline).await;
        let is_repeatable = carrier.is_repeatable;
        self.timings.set(driver.timings());
        Asked { result, is_repeatable }
    }

    /// Connects as planned. The admission may move the deadline of the plan.
    pub(crate) async fn open(plan: &mut ConnectPlan, admission: &mut impl Admission) -> Result<Self, Error> {
        // Boxed: what a conversation needs is no part of the size of the caller's futures.
        let mut driver = Box::pin(AsyncDriver::connect(plan, admission)).await?;
        Ok(Self {
            server: plan.server(),
            negotiated: driver.negotiated(),
            deadlines: Deadlines::begun_with(plan.deadline()),
            timings: Latest::new(driver.timings()),
            driver: Mutex::new(driver),
            plan: plan.clone(),
        })
    }
}

/// Carries queries, and notes whether all of them only read.
struct Unchanged<'a> {
    driver: &'a mut AsyncDriver,
    patience: Instant,
    is_repeatable: bool,
}

impl Unchanged<'_> {
    /// A call is about to be made. Its deadline.
    fn begin(&mut self, operation: Operation, deadline: Instant) -> Instant {
        // Before the request: its failure may leave open whether it was sent. It has all the time that is left, since
        // no other connection will be tried.
        self.is_repeatable &= operation.is_repeatable;
        if self.is_repeatable { deadline.min(self.patience) } else { deadline }
    }
}

impl Carrier for Unchanged<'_> {
    async fn ask<Q: Ask + Clone + Send + Sync + 'static>(
        &mut self,
        question: &Q,
        deadline: Instant,
    ) -> Result<Q::Output, Error> {
        let deadline = self.begin(Q::Query::OPERATION, deadline);
        self.driver.ask(question, deadline).await
    }

    async fn ask_both<A, B>(&mut self, first: &A, second: &B, deadline: Instant) -> BothAnswers<A, B>
    where
        A: Ask + Clone + Send + Sync + 'static,
        B: Ask + Clone + Send + Sync + 'static,
    {
        let first_until = self.begin(A::Query::OPERATION, deadline);
        let deadline = self.begin(B::Query::OPERATION, deadline).max(first_until);
        self.driver.ask_both(first, second, deadline).await
    }

    async fn pause(&mut self, time: Duration) {
        self.driver.pause(time).await;
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("server", &self.server)
            .field("negotiated", &self.negotiated)
            .finish_non_exhaustive()
    }
}

/// The settings of a [`Client`], before it connects.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), netsession::ParseAccountError> {
/// use netsession::{Client, Credentials, Encryption, ErrorKind, Password};
/// use std::time::Duration;
///
/// let builder = Client::builder("fs1.example.com")
///     .credentials(Credentials::ntlm(r"LAB\admin".parse()?, Password::new("secret")))
///     .encryption(Encryption::Required)
///     .timeout(Duration::ZERO);
/// // What is wrong is reported before anything is sent.
/// assert_eq!(builder.connect().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `connect`"]
pub struct ClientBuilder {
    settings: Settings,
}

impl ClientBuilder {
    builder_setters!();

    /// Resolves the name, connects and logs on.
    ///
    /// # Errors
    ///
    /// Every [`ErrorKind`](crate::ErrorKind) except those of a question itself.
    pub async fn connect(self) -> Result<Client, Error> {
        let mut plan = self.plan(Instant::now())?;
        Client::open(&mut plan, &mut AtOnce).await
    }

    /// The server as it is shown; as given, where it cannot be parsed.
    pub(crate) fn shown_server(&self) -> String {
        self.settings.shown_server()
    }

    pub(crate) fn timeout_set(&self) -> Duration {
        self.settings.timeout
    }

    /// Whether its log-ons pass this guard.
    pub(crate) fn has_guard(&self, guard: &Arc<Guard>) -> bool {
        Arc::ptr_eq(&self.settings.guard, guard)
    }

    /// Whether the guard wants this server to show that the secret is still right, see [`Guard::take_wish_for_proof`].
    pub(crate) fn take_wish_for_proof(&self) -> bool {
        let (Ok(server), Some(credentials)) = (self.settings.server_name(), &self.settings.credentials)
        else {
            return false;
        };
        let (account, peer) = (credentials.account(), Peer::Server(server.clone()));
        // Kerberos shows a ticket to servers, and NTLM what it was given.
        [credentials.secret(), Secret::Ticket]
            .iter()
            .any(|secret| self.settings.guard.take_wish_for_proof(&account, secret, peer.clone()))
    }

    /// What has been set, found to be sound. The deadline begins at `now`.
    pub(crate) fn plan(self, now: Instant) -> Result<ConnectPlan, Error> {
        ConnectPlan::new(self.settings, now)
    }
}

/// A query for the sessions of a server.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let credentials = netsession::Credentials::ntlm(r"LAB\admin".parse()?, netsession::Password::new("Passw0rd!"));
/// # let client = netsession::Client::builder(address.to_string()).credentials(credentials).connect().await?;
/// use netsession::Level;
///
/// // Filters that nothing matches are an empty listing, and no error.
/// let listing = client.sessions().level(Level::L10).client(r"\\10.0.0.5").user("bob").list().await?;
/// assert!(listing.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing happens before `list`"]
pub struct SessionsRequest<'a> {
    client: &'a Client,
    question: Sessions,
}

impl SessionsRequest<'_> {
    question_setters!();

    /// Sends the query, and returns the sessions.
    ///
    /// # Errors
    ///
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied),
    /// [`LevelNotSupported`](crate::ErrorKind::LevelNotSupported) and the other kinds of the question. After
    /// these two, and [`Status`](crate::ErrorKind::Status), the client is usually still usable.
    pub async fn list(self) -> Result<Listing, Error> {
        self.client.ask(&self.question).await
    }
}
