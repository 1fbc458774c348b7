use netsession_proto::query::SessionQuery;
use netsession_proto::srvs::SessionInfo;

use crate::error::Error;
use crate::question::{Ask, Circumstances, Question, Target};
use crate::server_memory::ServerMemory;
use crate::session::{Caller, Folded, SessionFold};
use crate::{Level, ServerName, Session, Sessions};

/// The query for the sessions of a server, of which none is kept. Made by [`Sessions::fold`].
#[derive(Debug, Clone)]
pub struct FoldedSessions<F> {
    sessions: Sessions,
    initial: F,
}

impl Sessions {
    /// The same query, whose answer is what `initial` makes of the sessions while they come in: a million of them then
    /// takes no more memory than that.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let scenario = netsession_testserver::scenario::shipped("windows")?;
    /// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
    /// # let credentials = netsession::Credentials::ntlm(r"LAB\admin".parse()?, netsession::Password::new("Passw0rd!"));
    /// # let client = netsession::blocking::Client::builder(address.to_string()).credentials(credentials).connect()?;
    /// use netsession::{Session, SessionFold, Sessions};
    ///
    /// #[derive(Clone, Default)]
    /// struct OpenFiles(u64);
    ///
    /// impl SessionFold for OpenFiles {
    ///     fn add(&mut self, session: &Session) {
    ///         self.0 += u64::from(session.opens().unwrap_or(0));
    ///     }
    ///
    ///     fn held_bytes(&self) -> usize {
    ///         0
    ///     }
    /// }
    ///
    /// let answer = client.ask(&Sessions::new().user("alice").fold(OpenFiles::default()))?;
    /// assert_eq!(answer.value.0, 3);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fold<F: SessionFold>(self, initial: F) -> FoldedSessions<F> {
        FoldedSessions { sessions: self, initial }
    }
}

/// What is kept while the sessions come in.
#[derive(Debug)]
pub struct Folding<F> {
    /// `None` only where nothing was begun.
    value: Option<F>,
    caller: Option<Caller>,
    own: usize,
}

impl<F> Default for Folding<F> {
    fn default() -> Self {
        Self { value: None, caller: None, own: 0 }
    }
}

impl<F: SessionFold> Question for FoldedSessions<F> {
    type Answer = Folded<F>;
}

impl<F: SessionFold> Ask for FoldedSessions<F> {
    type Query = SessionQuery;
    type Output = Folded<F>;
    type Found = Folding<F>;

    fn query(&self, target: &Target) -> Result<SessionQuery, Error> {
        self.sessions.query(target)
    }

    fn begin(&self, caller: Option<&Caller>) -> Folding<F> {
        Folding { value: Some(self.initial.clone()), caller: caller.cloned(), own: 0 }
    }

    fn collect(found: &mut Folding<F>, items: Vec<SessionInfo>) {
        let Folding { value: Some(value), caller, own } = found else { return };
        for session in items.into_iter().map(Session::from_wire) {
            if caller.as_ref().is_some_and(|caller| caller.is_mine(&session)) {
                *own = own.saturating_add(1);
            }
            value.add(&session);
        }
    }

    fn held_bytes(found: &Folding<F>) -> usize {
        found.value.as_ref().map_or(0, F::held_bytes)
    }

    fn answer(&self, query: &SessionQuery, found: Folding<F>, circumstances: Circumstances) -> Folded<F> {
        let server = circumstances.server.to_string();
        let (level, asked_level) = (Level::from_wire(query.shown()), Level::from_wire(query.asked()));
        let pages = query.pages();
        tracing::debug!(server, %level, asked = %asked_level, pages, "listed");
        let value = found.value.unwrap_or_else(|| self.initial.clone());
        Folded { server, level, asked_level, pages, own_sessions: found.own, value }
    }

    fn remember(&self, query: &SessionQuery, server: &ServerName, memory: &ServerMemory) {
        self.sessions.remember(query, server, memory);
    }

    fn refused(&self, server: &ServerName, memory: &ServerMemory) {
        self.sessions.refused(server, memory);
    }
}
