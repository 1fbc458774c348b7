use std::time::{Duration, Instant};

use netsession_proto::query::{SessionFilter, SessionQuery, WantedLevel};
use netsession_proto::srvs::{
    CodeAlone, Level, Operation, RpcCall as _, SessionDelRequest, SessionEnumRequest, SessionInfo,
};

use super::{Closable, Closed, close};
use crate::Session;
use crate::collected::{Collected, HasTexts};
use crate::error::{Error, InvalidRequest};
use crate::question::{Ask, AskOnce, Carrier, Circumstances, Put, Question, Target};
use crate::session::Caller;

/// Ends the sessions of a user from a computer, with everything that they have open: for
/// [`Client::ask`](crate::blocking::Client::ask).
///
/// It takes a session that was listed, with its client and its user: neither may be missing or empty, which would end
/// the sessions of others. The sessions are listed again right before, and the names are sent exactly as the server
/// lists them. The caller's own session is never ended, nor one that cannot be told from it: of the caller's account, from a
/// computer that the server lists by name, or from any while no listed session has this machine's address. The request is never repeated: where its answer does not come,
/// the kind is [`UnknownOutcome`](crate::ErrorKind::UnknownOutcome). Specification: \[MS-SRVS\] 3.1.4.7.
///
/// Samba ends every session of the connection that such a session is on, and lets only root and the members of Domain
/// Admins do it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let credentials = netsession::Credentials::ntlm(r"LAB\admin".parse()?, netsession::Password::new("Passw0rd!"));
/// # let client = netsession::blocking::Client::builder(address.to_string()).credentials(credentials).connect()?;
/// use netsession::{CloseSession, Closed};
///
/// let listing = client.sessions().user("bob").list()?;
/// let session = &listing.sessions()[0];
/// assert_eq!(client.ask(&CloseSession::new(session)?)?, Closed::Closed);
/// assert_eq!(client.ask(&CloseSession::new(session)?)?, Closed::AlreadyGone);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseSession {
    client: String,
    user: String,
}

impl CloseSession {
    /// The request to end this session, and every other one of the same user from the same computer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest): the session has no client or no user.
    pub fn new(session: &Session) -> Result<Self, Error> {
        let (client, user) = (session.client(), session.user().unwrap_or_default());
        if client.is_empty() || user.is_empty() {
            return Err(Error::invalid(InvalidRequest::NamelessSession));
        }
        Ok(Self { client: client.to_owned(), user: user.to_owned() })
    }

    /// The question whether such a session is listed, and may be ended: as [`CloseSession`] looks right before it ends
    /// it, and without an end. For a program that asks a person first. Its answer is a [`CheckedSession`].
    #[must_use]
    pub fn check(&self) -> CheckSession {
        CheckSession(self.clone())
    }

    /// The computer as the server wrote it, if such a session is listed.
    fn find(&self, sessions: &Listed) -> Result<Option<String>, MaybeOwn> {
        let mut found = None;
        let listed: Vec<Session> = sessions.sessions.iter().cloned().map(Session::from_wire).collect();
        for (info, session) in sessions.sessions.iter().zip(&listed) {
            if session.client() != self.client || session.user() != Some(&self.user) {
                continue;
            }
            // Without a caller no session can be told from the own one.
            if sessions.caller.as_ref().is_none_or(|caller| caller.may_be_mine(session, &listed)) {
                return Err(MaybeOwn);
            }
            found = Some(info.client.clone());
        }
        Ok(found)
    }
}

impl Question for CloseSession {
    type Answer = Closed;
}

impl Put for CloseSession {
    type Output = Closed;

    const OPERATION: Operation = SessionEnumRequest::OPERATION;

    async fn put<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<Closed, Error> {
        let listed = carrier.ask(&List, deadline).await?;
        let Some(client) = self.find(&listed).map_err(MaybeOwn::into_error)? else {
            return Ok(Closed::AlreadyGone);
        };
        let request = EndSessions { client: with_backslashes(client), user: self.user.clone() };
        close(self, request, carrier, deadline).await
    }
}

impl Closable for CloseSession {
    async fn is_listed<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<bool, Error> {
        let listed = carrier.ask(&List, deadline).await?;
        Ok(self.find(&listed).map_err(MaybeOwn::into_error)?.is_some())
    }
}

/// The session may be the caller's own.
struct MaybeOwn;

impl MaybeOwn {
    fn into_error(self) -> Error {
        Error::invalid(InvalidRequest::OwnSession)
    }
}

/// The question whether a session is listed that [`CloseSession`] would end. See [`CloseSession::check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckSession(CloseSession);

/// Whether a session would be ended: the answer of [`CloseSession::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckedSession {
    /// It is listed, and would be ended.
    Listed,
    /// It is not listed.
    NotListed,
    /// It is listed, and may be the caller's own: it would not be ended.
    MaybeOwn,
}

impl Question for CheckSession {
    type Answer = CheckedSession;
}

impl Put for CheckSession {
    type Output = CheckedSession;

    const OPERATION: Operation = SessionEnumRequest::OPERATION;

    async fn put<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<CheckedSession, Error> {
        let listed = carrier.ask(&List, deadline).await?;
        Ok(match self.0.find(&listed) {
            Ok(Some(_)) => CheckedSession::Listed,
            Ok(None) => CheckedSession::NotListed,
            Err(MaybeOwn) => CheckedSession::MaybeOwn,
        })
    }
}

/// Windows lists computers with `\\` in front, Samba without, and both take them with it alone.
fn with_backslashes(client: String) -> String {
    if client.starts_with(r"\\") { client } else { format!(r"\\{client}") }
}

/// Every session, as the server writes it.
#[derive(Debug, Clone, Copy)]
struct List;

struct Listed {
    sessions: Vec<SessionInfo>,
    caller: Option<Caller>,
}

impl Ask for List {
    type Query = SessionQuery;
    type Output = Listed;
    type Found = Collected<SessionInfo>;

    fn query(&self, target: &Target) -> Result<SessionQuery, Error> {
        // Client and user, in one round trip from every server that is known.
        let level = WantedLevel::Named(Level::L1);
        Ok(SessionQuery::new(target.unc.clone(), level, SessionFilter::default(), target.limits))
    }

    fn held_bytes(found: &Self::Found) -> usize {
        found.held_bytes()
    }

    fn collect(found: &mut Self::Found, items: Vec<SessionInfo>) {
        found.extend(items.into_iter());
    }

    fn answer(&self, _: &SessionQuery, found: Self::Found, circumstances: Circumstances) -> Listed {
        let (sessions, _) = found.into_parts();
        Listed { sessions, caller: circumstances.caller }
    }
}

impl HasTexts for SessionInfo {
    fn text_bytes(&self) -> usize {
        let texts =
            [Some(&self.client), self.user.as_ref(), self.client_type.as_ref(), self.transport.as_ref()];
        texts.into_iter().flatten().map(String::capacity).sum()
    }
}

/// The request alone.
#[derive(Debug, Clone)]
struct EndSessions {
    client: String,
    user: String,
}

impl AskOnce for EndSessions {
    type Call = SessionDelRequest;
    type Output = ();

    fn call(&self, server: Option<String>) -> SessionDelRequest {
        SessionDelRequest { server, client: self.client.clone(), user: self.user.clone() }
    }

    fn answer(&self, _: Option<CodeAlone>, _: Duration) {}
}
