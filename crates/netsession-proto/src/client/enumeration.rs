use super::filter::Filter;
use super::level_walk::{LevelWalk, Next, Refusal};
use super::{Answer, Cause, Limits, ListRequest};
use crate::erref::Win32Error;
use crate::rpce::FaultStatus;
use crate::srvs::{Level, SessionInfo};

/// One question on its way through levels and pages, whoever carries the single calls.
///
/// What a server says to NetrSessionEnum means the same over the wire and from `netapi32`: which level to
/// ask for next, what a filter leaves, when a page does not move on. [`Connection`](super::Connection) asks
/// through this, and so does a backend that lets the system make the calls.
///
/// ```
/// use netsession_proto::client::{Course, Enumeration, Limits, ListRequest};
/// use netsession_proto::{erref::Win32Error, srvs::{Level, SessionInfo}};
///
/// let mut question = Enumeration::new(&ListRequest::default(), Limits::default()).unwrap();
/// assert_eq!((question.level(), question.resume()), (Level::L502, 0));
/// let refused = question.answered(Win32Error::INVALID_LEVEL, vec![], None).unwrap();
/// assert_eq!((refused.course, question.level()), (Course::Ask, Level::L1));
/// let page = question.answered(Win32Error::SUCCESS, vec![SessionInfo::default()], None).unwrap();
/// assert_eq!(page.sessions.len(), 1);
/// assert!(matches!(page.course, Course::Done(answer) if answer.level == Level::L1));
/// ```
#[derive(Debug)]
pub struct Enumeration {
    filter: Filter,
    walk: LevelWalk,
    limits: Limits,
    resume: u32,
    pages: usize,
    /// Entries received so far, wanted or not.
    entries: usize,
}

/// What an answer gave, and what is next.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it says whether to ask again"]
pub struct Progress {
    /// The sessions that are wanted, with the fields of the level that is shown.
    pub sessions: Vec<SessionInfo>,
    /// What is next.
    pub course: Course,
}

/// What is next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// Ask again, for [`Enumeration::level`] from [`Enumeration::resume`] on.
    Ask,
    /// The listing is complete.
    Done(Answer),
}

impl Enumeration {
    /// Begins with the first level that the request makes.
    ///
    /// # Errors
    ///
    /// [`Cause::InvalidRequest`] for a name that no server takes.
    pub fn new(request: &ListRequest, limits: Limits) -> Result<Self, Cause> {
        let filter = Filter::new(request)?;
        let walk = LevelWalk::new(request.level, filter.needs_user());
        Ok(Self { filter, walk, limits, resume: 0, pages: 0, entries: 0 })
    }

    /// The level to ask for.
    #[must_use]
    pub fn level(&self) -> Level {
        self.walk.asked()
    }

    /// The resume handle to ask with.
    #[must_use]
    pub fn resume(&self) -> u32 {
        self.resume
    }

    /// The client as the server is told: `\\10.0.0.5`, `\\[fe80::1]`, `\\NAME`.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.filter.sent_client()
    }

    /// The user as the server is told: without the domain, which servers do not expect here.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.filter.sent_user()
    }

    /// How many more entries may come before [`Self::too_many_entries`].
    #[must_use]
    pub fn entries_left(&self) -> usize {
        self.limits.entries.saturating_sub(self.entries)
    }

    /// The error for a page with more entries than are left.
    #[must_use]
    pub fn too_many_entries(&self) -> Cause {
        Cause::Limit("sessions", self.limits.entries)
    }

    /// Takes the answer to one call: its return code, the entries and the resume handle.
    ///
    /// # Errors
    ///
    /// The end of the listing: a code that no other level helps with, a page that does not move on, a limit.
    pub fn answered(
        &mut self,
        code: Win32Error,
        sessions: Vec<SessionInfo>,
        resume: Option<u32>,
    ) -> Result<Progress, Cause> {
        match code {
            Win32Error::SUCCESS => self.page(sessions, None),
            // A resume handle means something only where there is more to come.
            Win32Error::MORE_DATA => self.page(sessions, Some(resume)),
            // What a filter that nothing matches is answered with is no error.
            Win32Error::NERR_CLIENT_NAME_NOT_FOUND | Win32Error::NERR_USER_NOT_FOUND
                if self.filter.is_some() =>
            {
                self.walk.probed().map_or_else(|| Ok(self.done(Vec::new())), Err)
            }
            code => self.refused(Refusal::Code(code)),
        }
    }

    /// Takes an RPC fault as the answer to one call.
    ///
    /// # Errors
    ///
    /// As for [`Self::answered`].
    pub fn faulted(&mut self, status: FaultStatus) -> Result<Progress, Cause> {
        self.refused(Refusal::Fault(status))
    }

    /// Takes the entries of a page; `more` is the resume handle, if there is more to come.
    fn page(&mut self, sessions: Vec<SessionInfo>, more: Option<Option<u32>>) -> Result<Progress, Cause> {
        if let Some(cause) = self.walk.probed() {
            return Err(cause);
        }
        self.pages = self.pages.saturating_add(1);
        self.entries = self.entries.saturating_add(sessions.len());
        if self.entries > self.limits.entries {
            return Err(self.too_many_entries());
        }
        let Some(resume) = more else {
            let wanted = self.wanted(sessions);
            return Ok(self.done(wanted));
        };
        if sessions.is_empty() {
            return Err(Cause::Misbehaved("a page without a session, and more to come"));
        }
        if self.pages >= self.limits.pages {
            return Err(Cause::Limit("pages", self.limits.pages));
        }
        match resume {
            Some(resume) if resume != self.resume => self.resume = resume,
            _ => return Err(Cause::Misbehaved("a page that does not move on")),
        }
        Ok(Progress { sessions: self.wanted(sessions), course: Course::Ask })
    }

    fn wanted(&self, sessions: Vec<SessionInfo>) -> Vec<SessionInfo> {
        let shown = self.walk.shown();
        let wanted = sessions.into_iter().filter(|session| self.filter.matches(session));
        wanted.map(|session| session.reduced_to(shown)).collect()
    }

    fn done(&self, sessions: Vec<SessionInfo>) -> Progress {
        let answer = Answer { level: self.walk.shown(), asked: self.walk.asked(), pages: self.pages };
        Progress { sessions, course: Course::Done(answer) }
    }

    /// Comes down to another level where that may help; not in the middle of a listing.
    fn refused(&mut self, refusal: Refusal) -> Result<Progress, Cause> {
        if self.pages > 0 {
            return Err(refusal.into_cause());
        }
        match self.walk.refused(refusal) {
            Next::Ask(level) => {
                tracing::debug!(?refusal, next = level.number(), "level refused");
                Ok(Progress { sessions: Vec::new(), course: Course::Ask })
            }
            Next::Stop(cause) => Err(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::WantedLevel;

    fn question(level: WantedLevel, user: &str) -> Enumeration {
        let user = (!user.is_empty()).then(|| user.to_owned());
        Enumeration::new(&ListRequest { level, user, client: None }, Limits::default()).unwrap()
    }

    fn of(user: &str) -> SessionInfo {
        SessionInfo { user: Some(user.into()), ..SessionInfo::default() }
    }

    #[test]
    fn pages_move_on_by_the_resume_handle() {
        let mut question = question(WantedLevel::Auto, "alice");
        let first = question.answered(Win32Error::MORE_DATA, vec![of("alice"), of("bob")], Some(2)).unwrap();
        assert_eq!((first.sessions.len(), first.course, question.resume()), (1, Course::Ask, 2));
        let last = question.answered(Win32Error::SUCCESS, vec![of("ALICE")], Some(18)).unwrap();
        let answer = Answer { level: Level::L502, asked: Level::L502, pages: 2 };
        assert_eq!((last.sessions.len(), last.course), (1, Course::Done(answer)));
    }

    #[test]
    fn a_page_that_does_not_move_on_is_an_error() {
        for (sessions, resume) in [(vec![], Some(1)), (vec![of("x")], None), (vec![of("x")], Some(0))] {
            let error = question(WantedLevel::Auto, "").answered(Win32Error::MORE_DATA, sessions, resume);
            assert!(matches!(error, Err(Cause::Misbehaved(_))), "{error:?}");
        }
    }

    #[test]
    fn limits_end_it() {
        let limits = Limits { entries: 3, pages: 2, ..Limits::default() };
        let mut question = Enumeration::new(&ListRequest::default(), limits).unwrap();
        let page = |n| vec![SessionInfo::default(); n];
        assert!(question.answered(Win32Error::MORE_DATA, page(1), Some(1)).is_ok());
        assert_eq!(question.entries_left(), 2);
        let pages = question.answered(Win32Error::MORE_DATA, page(1), Some(2));
        assert_eq!(pages, Err(Cause::Limit("pages", 2)));
        let entries = question.answered(Win32Error::SUCCESS, page(2), None);
        assert_eq!(entries, Err(Cause::Limit("sessions", 3)));
    }

    #[test]
    fn a_refusal_in_the_middle_is_the_end() {
        let mut question = question(WantedLevel::Auto, "");
        assert!(question.answered(Win32Error::MORE_DATA, vec![of("x")], Some(1)).is_ok());
        let error = question.answered(Win32Error::INVALID_LEVEL, vec![], None);
        assert_eq!(error, Err(Cause::Refused(Win32Error::INVALID_LEVEL)));
    }

    #[test]
    fn nobody_matches_a_filter_is_no_error() {
        let not_found =
            |mut question: Enumeration| question.answered(Win32Error::NERR_USER_NOT_FOUND, vec![], None);
        assert!(not_found(question(WantedLevel::Auto, "alice")).unwrap().sessions.is_empty());
        assert!(not_found(question(WantedLevel::Auto, "")).is_err());
        // Level 502 is not there, and it is not made to seem so by a filter without a match.
        let mut probing = question(WantedLevel::Named(Level::L502), "alice");
        assert!(probing.answered(Win32Error::INVALID_LEVEL, vec![], None).is_ok());
        assert!(matches!(not_found(probing), Err(Cause::LevelNotSupported { .. })));
    }
}
