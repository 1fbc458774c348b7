use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::backend::{BlockingDriver, ConnectPlan};
use crate::deadlines::Deadlines;
use crate::error::{Error, Step};
use crate::question::{self, Question};
use crate::sessions::Sessions;
use crate::settings::{Settings, builder_setters, question_setters};
use crate::timings::Latest;
use crate::{Listing, Negotiated, ParseServerNameError, ServerName, Timings};

/// A logged-on connection to one server.
///
/// It needs no runtime. Name resolution, and connects to several addresses, run in detached threads; everything else
/// runs in the caller's thread.
///
/// A client answers one question after the other; for several servers at the same time, use a client for each. After an
/// error that ended the connection every further question fails with [`ErrorKind::Closed`](crate::ErrorKind::Closed):
/// connect again.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Credentials, Level, Password, blocking::Client};
/// use std::time::Duration;
///
/// // `server` is a name such as "fs1.example.com".
/// let client = Client::builder(server)
///     .credentials(Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!")))
///     .timeout(Duration::from_secs(10))
///     .connect()?;
/// let listing = client.sessions().level(Level::Auto).user("alice").list()?;
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
    driver: Mutex<BlockingDriver>,
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
    pub fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, Error> {
        let deadline = self.deadlines.next(|| self.plan.renewed(Instant::now()));
        // A question of another thread is waited for; its deadline bounds that.
        let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        let result = question::now(question.put(&mut *driver, deadline))
            .unwrap_or_else(|| Err(Error::client_closed(Step::for_call(Q::OPERATION))));
        self.timings.set(driver.timings());
        result
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
/// use netsession::{Credentials, Encryption, ErrorKind, Password, blocking::Client};
/// use std::time::Duration;
///
/// let builder = Client::builder("fs1.example.com")
///     .credentials(Credentials::ntlm(r"LAB\admin".parse()?, Password::new("secret")))
///     .encryption(Encryption::Required)
///     .timeout(Duration::ZERO);
/// // What is wrong is reported before anything is sent.
/// assert_eq!(builder.connect().unwrap_err().kind(), ErrorKind::InvalidRequest);
/// # Ok::<(), netsession::ParseAccountError>(())
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
    pub fn connect(self) -> Result<Client, Error> {
        let plan = ConnectPlan::new(self.settings, Instant::now())?;
        let mut driver = BlockingDriver::connect(&plan)?;
        Ok(Client {
            server: plan.server(),
            negotiated: driver.negotiated(),
            deadlines: Deadlines::begun_with(plan.deadline()),
            timings: Latest::new(driver.timings()),
            driver: Mutex::new(driver),
            plan,
        })
    }
}

/// A query for the sessions of a server.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let credentials = netsession::Credentials::ntlm(r"LAB\admin".parse()?, netsession::Password::new("Passw0rd!"));
/// # let client = netsession::blocking::Client::builder(address.to_string()).credentials(credentials).connect()?;
/// use netsession::Level;
///
/// // Filters that nothing matches are an empty listing, and no error.
/// let listing = client.sessions().level(Level::L10).client(r"\\10.0.0.5").user("bob").list()?;
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
    pub fn list(self) -> Result<Listing, Error> {
        self.client.ask(&self.question)
    }
}
