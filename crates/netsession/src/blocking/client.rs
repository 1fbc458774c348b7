use crate::question::Question;
use crate::settings::{Settings, builder_setters, question_setters};
use crate::{Error, Listing, Negotiated};

/// A connection to one server, logged on and ready to be asked.
///
/// ```no_run
/// # fn main() -> Result<(), netsession::Error> {
/// use netsession::{Credentials, Level, blocking::Client};
/// use std::time::Duration;
///
/// let client = Client::builder("fs1.example.com")
///     .credentials(Credentials::ntlm("LAB", "admin", "secret"))
///     .timeout(Duration::from_secs(10))
///     .connect()?;
/// let listing = client.sessions().level(Level::Auto).user("alice").list()?;
/// for session in &listing {
///     println!("{} {:?} idle {:?}", session.client(), session.user(), session.idle());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Client {
    server: String,
    negotiated: Negotiated,
}

impl Client {
    /// Starts with a server: a host name or an IP address as [`ServerName`](crate::ServerName) takes it.
    pub fn builder(server: impl Into<String>) -> ClientBuilder {
        ClientBuilder { settings: Settings::new(server.into()) }
    }

    /// A question to the server: who is connected?
    pub fn sessions(&self) -> SessionsRequest<'_> {
        SessionsRequest { client: self, question: Question::default() }
    }

    /// What was agreed on with the server.
    #[must_use]
    pub fn negotiated(&self) -> Negotiated {
        self.negotiated
    }

    /// The server as given, without `\\` and brackets, and with the port only if it is not 445.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }
}

/// Everything that a [`Client`] must know before it connects.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `connect`"]
pub struct ClientBuilder {
    settings: Settings,
}

impl ClientBuilder {
    builder_setters!();

    /// Connects and logs on.
    ///
    /// # Errors
    ///
    /// Every [`ErrorKind`](crate::ErrorKind) but those of the enumeration itself.
    pub fn connect(self) -> Result<Client, Error> {
        Err(Error::invalid("connect is not written yet").at(self.settings.server))
    }
}

/// One question to a server: who is connected?
#[derive(Debug)]
#[must_use = "nothing happens before `list`"]
pub struct SessionsRequest<'a> {
    client: &'a Client,
    question: Question,
}

impl SessionsRequest<'_> {
    question_setters!();

    /// Asks.
    ///
    /// # Errors
    ///
    /// [`AccessDenied`](crate::ErrorKind::AccessDenied) and the other kinds of the enumeration.
    pub fn list(self) -> Result<Listing, Error> {
        let _ = self.question.into_request();
        Err(Error::invalid("list is not written yet").at(self.client.server()))
    }
}
