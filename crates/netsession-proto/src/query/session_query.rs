use super::level_walk::{LevelWalk, Next};
use super::{Paging, Progress, Query, SessionFilter, WantedLevel};
use crate::client::{Cause, Limits, Refusal};
use crate::erref::Win32Error;
use crate::rpce::FaultStatus;
use crate::srvs::{
    Level, MAX_PREFERRED_LENGTH, ResponseError, RpcCall as _, SessionEnumRequest, SessionEnumResponse,
    SessionInfo, SessionStream,
};

/// Who is connected? NetrSessionEnum, over levels and pages.
///
/// ```
/// use netsession_proto::client::Limits;
/// use netsession_proto::erref::Win32Error;
/// use netsession_proto::query::{Progress, Query, SessionFilter, SessionQuery, WantedLevel};
/// use netsession_proto::srvs::{Level, SessionEnumResponse, SessionInfo};
///
/// let answer = |level, code, sessions| SessionEnumResponse { level, sessions, total_entries: 0, resume: None, code };
/// let mut query = SessionQuery::new(None, WantedLevel::Auto, SessionFilter::default(), Limits::default());
/// assert_eq!(query.next().level, 502);
/// let refused = query.answered(Ok(answer(Level::L502, Win32Error::INVALID_LEVEL, vec![])))?;
/// assert_eq!((refused, query.next().level), (Progress::Ask(vec![]), 1));
/// let listed = query.answered(Ok(answer(Level::L1, Win32Error::SUCCESS, vec![SessionInfo::default()])))?;
/// assert!(matches!(listed, Progress::Done(sessions) if sessions.len() == 1));
/// assert_eq!(query.shown(), Level::L1);
/// # Ok::<(), netsession_proto::client::Cause>(())
/// ```
#[derive(Debug, Clone)]
pub struct SessionQuery {
    server: Option<String>,
    filter: SessionFilter,
    walk: LevelWalk,
    paging: Paging,
    /// The answer under way, if it is a long one.
    stream: Option<SessionStream>,
    /// How many entries of it have been read ahead.
    read_ahead: usize,
}

impl SessionQuery {
    /// Begins with the first level of `wanted`. `server` is sent as ServerName, such as `\\\\fs1`: servers ignore it,
    /// but Windows' own call connects to it.
    #[must_use]
    pub fn new(server: Option<String>, wanted: WantedLevel, filter: SessionFilter, limits: Limits) -> Self {
        let walk = LevelWalk::new(wanted, filter.needs_user());
        Self { server, filter, walk, paging: Paging::new(limits), stream: None, read_ahead: 0 }
    }

    /// The level whose fields the sessions have.
    #[must_use]
    pub fn shown(&self) -> Level {
        self.walk.shown()
    }

    /// The level that the server was asked for: it differs from [`shown`](Self::shown) where a named level is
    /// answered from a richer one.
    #[must_use]
    pub fn asked(&self) -> Level {
        self.walk.asked()
    }

    /// How many pages have come.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.paging.pages()
    }

    fn wanted(&self, sessions: Vec<SessionInfo>) -> Vec<SessionInfo> {
        let shown = self.walk.shown();
        let wanted = sessions.into_iter().filter(|session| self.filter.matches(session));
        wanted.map(|session| session.reduced_to(shown)).collect()
    }

    /// Asks for another level, if there is one; not in the middle of a listing.
    fn refused(&mut self, refusal: Refusal) -> Result<Progress<SessionInfo>, Cause> {
        // Nor where entries came before the refusal: they have been given away, and no server sends both.
        if self.paging.pages() > 0 || self.read_ahead > 0 {
            return Err(Cause::Refused(refusal));
        }
        match self.walk.refused(refusal) {
            Next::Ask(level) => {
                tracing::debug!(%refusal, next = level.number(), "level refused");
                Ok(Progress::Ask(Vec::new()))
            }
            Next::Stop(cause) => Err(cause),
        }
    }
}

impl Query for SessionQuery {
    type Call = SessionEnumRequest;
    type Item = SessionInfo;

    fn next(&self) -> SessionEnumRequest {
        let (level, resume) = (self.walk.asked().number(), self.paging.resume());
        tracing::debug!(level, resume, "asking NetrSessionEnum");
        SessionEnumRequest {
            server: self.server.clone(),
            client: self.filter.sent_client().map(str::to_owned),
            user: self.filter.sent_user().map(str::to_owned),
            level,
            preferred_length: MAX_PREFERRED_LENGTH,
            resume: Some(resume),
        }
    }

    fn answered(
        &mut self,
        answer: Result<SessionEnumResponse, FaultStatus>,
    ) -> Result<Progress<SessionInfo>, Cause> {
        let SessionEnumResponse { code, sessions, resume, .. } = match answer {
            Ok(response) => response,
            Err(fault) => return self.refused(Refusal::Fault(fault)),
        };
        match code {
            Win32Error::SUCCESS | Win32Error::MORE_DATA => {
                if let Some(cause) = self.walk.probed() {
                    return Err(cause);
                }
                let entries = std::mem::take(&mut self.read_ahead).saturating_add(sessions.len());
                if code == Win32Error::SUCCESS {
                    self.paging.last(entries)?;
                    return Ok(Progress::Done(self.wanted(sessions)));
                }
                // A resume handle means something only where there is more to come.
                self.paging.more(entries, resume)?;
                Ok(Progress::Ask(self.wanted(sessions)))
            }
            // Servers answer a filter without a match with an error code; it is an empty listing.
            Win32Error::NERR_CLIENT_NAME_NOT_FOUND | Win32Error::NERR_USER_NOT_FOUND
                if self.filter.is_some() =>
            {
                self.walk.probed().map_or_else(|| Ok(Progress::Done(Vec::new())), Err)
            }
            code => self.refused(Refusal::Code(code)),
        }
    }

    fn read_ahead(&mut self, stub: &mut Vec<u8>) -> Result<Vec<SessionInfo>, Cause> {
        let (level, max_entries) = (self.walk.asked(), self.paging.entries_left());
        let stream = self.stream.get_or_insert_with(|| SessionStream::new(level, max_entries));
        let sessions = stream.read(stub).map_err(|error| match error {
            ResponseError::Malformed(error) => Cause::Malformed(error),
            ResponseError::TooManyEntries { .. } => self.paging.too_many_entries(),
        })?;
        self.read_ahead = self.read_ahead.saturating_add(sessions.len());
        Ok(self.wanted(sessions))
    }

    fn read_response(
        &mut self,
        call: &SessionEnumRequest,
        stub: &[u8],
        max_entries: usize,
    ) -> Result<SessionEnumResponse, ResponseError> {
        match self.stream.take() {
            Some(stream) if stream.has_begun() => stream.finish(stub),
            _ => call.decode_response(stub, max_entries),
        }
    }

    fn held_bytes(&self) -> usize {
        self.stream.as_ref().map_or(0, SessionStream::held_bytes)
    }

    fn paging(&self) -> Option<&Paging> {
        Some(&self.paging)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Limit;

    fn query(level: WantedLevel, user: &str) -> SessionQuery {
        let filter = SessionFilter::new(None, Some(user)).unwrap();
        SessionQuery::new(None, level, filter, Limits::default())
    }

    fn session(user: &str) -> SessionInfo {
        SessionInfo { user: Some(user.into()), ..SessionInfo::default() }
    }

    /// The result of this answer to the next call.
    fn answered(
        query: &mut SessionQuery,
        code: Win32Error,
        sessions: Vec<SessionInfo>,
        resume: Option<u32>,
    ) -> Result<Progress<SessionInfo>, Cause> {
        let level = query.asked();
        query.answered(Ok(SessionEnumResponse { level, sessions, total_entries: 0, resume, code }))
    }

    #[test]
    fn pages_move_on_by_the_resume_handle() {
        let mut query = query(WantedLevel::Auto, "alice");
        let sessions = vec![session("alice"), session("bob")];
        let first = answered(&mut query, Win32Error::MORE_DATA, sessions, Some(2));
        assert_eq!(first, Ok(Progress::Ask(vec![session("alice")])));
        assert_eq!(query.next().resume, Some(2));
        let last = answered(&mut query, Win32Error::SUCCESS, vec![session("ALICE")], Some(18));
        assert_eq!(last, Ok(Progress::Done(vec![session("ALICE")])));
        assert_eq!((query.shown(), query.asked(), query.pages()), (Level::L502, Level::L502, 2));
    }

    #[test]
    fn limits_end_it() {
        let limits = Limits { entries: 3, pages: 2, ..Limits::default() };
        let mut query = SessionQuery::new(None, WantedLevel::Auto, SessionFilter::default(), limits);
        let page = |n| vec![SessionInfo::default(); n];
        assert!(answered(&mut query, Win32Error::MORE_DATA, page(1), Some(1)).is_ok());
        // No more than these are decoded of the next page.
        assert_eq!(query.paging().map(Paging::entries_left), Some(2));
        let pages = answered(&mut query.clone(), Win32Error::MORE_DATA, page(1), Some(2));
        assert_eq!(pages, Err(Cause::Limit(Limit::Pages(2))));
        let entries = answered(&mut query, Win32Error::SUCCESS, page(3), None);
        assert_eq!(entries, Err(Cause::Limit(Limit::Entries(3))));
    }

    #[test]
    fn refusal_in_the_middle_is_the_end() {
        let mut query = query(WantedLevel::Auto, "");
        assert!(answered(&mut query, Win32Error::MORE_DATA, vec![session("x")], Some(1)).is_ok());
        let error = answered(&mut query, Win32Error::INVALID_LEVEL, vec![], None);
        assert_eq!(error, Err(Cause::Refused(Refusal::Code(Win32Error::INVALID_LEVEL))));
    }

    #[test]
    fn filter_without_a_match_is_no_error() {
        let not_found =
            |mut query: SessionQuery| answered(&mut query, Win32Error::NERR_USER_NOT_FOUND, vec![], None);
        assert_eq!(not_found(query(WantedLevel::Auto, "alice")), Ok(Progress::Done(vec![])));
        assert!(not_found(query(WantedLevel::Auto, "")).is_err());
        // A filter without a match does not show that level 502 is supported.
        let mut probing = query(WantedLevel::Named(Level::L502), "alice");
        assert!(answered(&mut probing, Win32Error::INVALID_LEVEL, vec![], None).is_ok());
        assert!(matches!(not_found(probing), Err(Cause::LevelNotSupported { .. })));
    }
}
