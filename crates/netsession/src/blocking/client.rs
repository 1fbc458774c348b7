use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::backend::{BlockingDriver, ConnectPlan};
use crate::deadlines::Deadlines;
use crate::error::Error;
use crate::question::Question;
use crate::sessions::Sessions;
use crate::settings::{Settings, builder_setters, question_setters};
use crate::timings::Latest;
use crate::{Listing, Negotiated, ParseServerNameError, ServerName, Timings};

/// A connection to one server, logged on and ready to be asked.
///
/// It needs no runtime. A name is resolved, and several addresses are tried, in threads of their own, which
/// nothing waits for; everything else happens in the caller's thread.
///
/// Questions of one client are answered one after the other; for several servers at once, use a client for
/// each. After an error that ended the connection every further question fails with [`ErrorKind::Closed`](crate::ErrorKind::Closed): connect again.
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
    /// A text that names no server is an error of [`connect`](ClientBuilder::connect), of the kind
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest). For the Windows backend an empty text is this machine.
    pub fn builder(server: impl TryInto<ServerName, Error: Into<ParseServerNameError>>) -> ClientBuilder {
        ClientBuilder { settings: Settings::new(server) }
    }

    /// A question to the server: who is connected?
    pub fn sessions(&self) -> SessionsRequest<'_> {
        SessionsRequest { client: self, question: Sessions::new() }
    }

    /// What was agreed on with the server; `None` where Windows asked, which does not tell.
    #[must_use]
    pub fn negotiated(&self) -> Option<Negotiated> {
        self.negotiated
    }

    /// How long each phase took so far; nothing where Windows asked. Of a question that failed its error
    /// [tells](Error::timings), too.
    #[must_use]
    pub fn timings(&self) -> Timings {
        self.timings.read()
    }

    /// The server as given, without `\\` and brackets, and with the port only if it is not 445.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Puts a question to the server.
    ///
    /// # Errors
    ///
    /// The kinds of the question, and those of a connection that ends. After
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied),
    /// [`LevelNotSupported`](crate::ErrorKind::LevelNotSupported) and [`Status`](crate::ErrorKind::Status) the
    /// client can usually be asked again.
    pub fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, Error> {
        let deadline = self.deadlines.next(|| self.plan.renewed(Instant::now()));
        // A question of another thread is waited for; its deadline bounds that.
        let mut driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner);
        let result = driver.ask(question, deadline);
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

/// Everything that a [`Client`] must know before it connects.
///
/// ```
/// use netsession::{Credentials, Encryption, ErrorKind, Password, blocking::Client};
/// use std::time::Duration;
///
/// let builder = Client::builder("fs1.example.com")
///     .credentials(Credentials::ntlm(r"LAB\admin".parse()?, Password::new("secret")))
///     .encryption(Encryption::Required)
///     .timeout(Duration::ZERO);
/// // What is wrong is told before anything is sent.
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
    /// Every [`ErrorKind`](crate::ErrorKind) but those of the enumeration itself.
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

/// One question to a server: who is connected?
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

    /// Asks.
    ///
    /// # Errors
    ///
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied),
    /// [`LevelNotSupported`](crate::ErrorKind::LevelNotSupported) and the other kinds of the enumeration. After
    /// these two, and [`Status`](crate::ErrorKind::Status), the client can usually be asked again.
    pub fn list(self) -> Result<Listing, Error> {
        self.client.ask(&self.question)
    }
}
