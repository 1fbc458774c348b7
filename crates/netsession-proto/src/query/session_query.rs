use super::filter_mismatch::{FilterMismatch, Listed};
use super::filtering::Filtering;
use super::level_walk::{LevelWalk, Next};
use super::{Page, Paging, Progress, Query, SessionFilter, WantedLevel};
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
    listed: Listed,
    filtering: Filtering,
}

impl SessionQuery {
    /// Begins with the first level of `wanted`. `server` is sent as ServerName, such as `\\\\fs1`: servers ignore it,
    /// but Windows' own call connects to it.
    #[must_use]
    pub fn new(server: Option<String>, wanted: WantedLevel, filter: SessionFilter, limits: Limits) -> Self {
        let walk = LevelWalk::new(wanted, filter.needs_user());
        let (paging, listed, filtering) = (Paging::new(limits), Listed::default(), Filtering::Both);
        Self { server, filter, walk, paging, stream: None, read_ahead: 0, listed, filtering }
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

    /// Whether a later question may begin with the level shown. Not where the server refused a better one with a code
    /// that may have been about the filter.
    #[must_use]
    pub fn is_level_settled(&self) -> bool {
        !(self.walk.is_in_doubt() && self.filter.is_some())
    }

    /// How many pages have come.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.paging.pages()
    }

    /// After the last page: why the filter found no session, where that can be told.
    #[must_use]
    pub fn filter_mismatch(&self) -> Option<FilterMismatch> {
        self.listed.mismatch(&self.filter, self.filtering == Filtering::Here)
    }

    fn nothing_listed(&mut self) -> Progress<SessionInfo> {
        let is_sent = self.filter.sent_client().is_some() || self.filter.sent_user().is_some();
        self.filtering.nothing_listed(is_sent, &mut self.paging)
    }

    fn wanted(&mut self, sessions: Vec<SessionInfo>) -> Vec<SessionInfo> {
        let shown = self.walk.shown();
        let Self { filter, listed, .. } = self;
        let wanted = sessions.into_iter().filter(|session| {
            let matches = filter.matches(session);
            if filter.is_some() {
                listed.add(&session.client, session.user.as_deref(), filter, matches);
            }
            matches
        });
        wanted.map(|session| session.reduced_to(shown)).collect()
    }

    /// Asks for another level, if there is one; not in the middle of a listing.
    fn refused(&mut self, refusal: Refusal) -> Result<Progress<SessionInfo>, Cause> {
        // Nor where entries came before the refusal: they have been given away, and no server sends both.
        if self.paging.pages() > 0 || self.read_ahead > 0 {
            return Err(Cause::Refused(refusal));
        }
        if let Some(end) = self.filtering.refused(refusal) {
            return Ok(end);
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
        let sent = Some(&self.filter).filter(|_| self.filtering == Filtering::Both);
        SessionEnumRequest {
            server: self.server.clone(),
            client: sent.and_then(SessionFilter::sent_client).map(str::to_owned),
            user: sent.and_then(SessionFilter::sent_user).map(str::to_owned),
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
        match Page::from_code(code) {
            Some(page) => {
                if let Some(cause) = self.walk.probed() {
                    return Err(cause);
                }
                let entries = std::mem::take(&mut self.read_ahead).saturating_add(sessions.len());
                self.paging.turn(page, entries, resume)?;
                Ok(match page {
                    Page::Last if self.paging.is_empty() => self.nothing_listed(),
                    Page::Last => Progress::Done(self.wanted(sessions)),
                    Page::More => Progress::Ask(self.wanted(sessions)),
                })
            }
            // With entries before it, it is no such answer: no server sends both.
            None if self.filter.is_some() && is_without_match(code) && self.read_ahead == 0 => {
                self.walk.probed().map_or_else(|| Ok(self.nothing_listed()), Err)
            }
            None => self.refused(Refusal::Code(code)),
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
            Some(stream) => stream.finish(stub),
            None => call.decode_response(stub, max_entries),
        }
    }

    fn held_bytes(&self) -> usize {
        self.stream.as_ref().map_or(0, SessionStream::held_bytes)
    }

    fn paging(&self) -> Option<&Paging> {
        Some(&self.paging)
    }
}

/// Whether servers answer a filter that matches nothing with this error code: it is an empty listing.
fn is_without_match(code: Win32Error) -> bool {
    matches!(code, Win32Error::NERR_CLIENT_NAME_NOT_FOUND | Win32Error::NERR_USER_NOT_FOUND)
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

    /// Its sessions have ended between two pages. Asked once more, the server would list those of the first page again.
    #[test]
    fn user_who_leaves_between_two_pages_is_the_end_of_the_list() {
        for code in [Win32Error::NERR_USER_NOT_FOUND, Win32Error::NERR_CLIENT_NAME_NOT_FOUND] {
            let mut query = query(WantedLevel::Auto, "bob");
            let first = answered(&mut query, Win32Error::MORE_DATA, vec![session("bob")], Some(1));
            assert_eq!(first, Ok(Progress::Ask(vec![session("bob")])));
            assert_eq!(answered(&mut query, code, vec![], None), Ok(Progress::Done(vec![])), "{code}");
        }
    }

    /// No server sends entries and a refusal in one answer. They have been given away by then.
    #[test]
    fn refusal_behind_entries_that_were_read_ahead_is_the_end() {
        let answer = |code, sessions: Vec<SessionInfo>| SessionEnumResponse {
            level: Level::L1,
            total_entries: 1,
            sessions,
            resume: None,
            code,
        };
        let ask = |code| {
            let mut query = query(WantedLevel::Auto, "alice");
            while query.asked() != Level::L1 {
                assert!(answered(&mut query, Win32Error::INVALID_LEVEL, vec![], None).is_ok());
            }
            let mut stub = answer(code, vec![session("alice")]).encode();
            assert_eq!(query.read_ahead(&mut stub).unwrap().len(), 1);
            let response = query.read_response(&query.next(), &stub, 1).unwrap();
            query.answered(Ok(response))
        };
        assert_eq!(ask(Win32Error::SUCCESS), Ok(Progress::Done(vec![])));
        for code in [Win32Error::ACCESS_DENIED, Win32Error::NERR_USER_NOT_FOUND] {
            assert_eq!(ask(code), Err(Cause::Refused(Refusal::Code(code))));
        }
    }

    /// Of an answer that comes in pieces so small that nothing can be read of the first one.
    #[test]
    fn answer_of_which_nothing_was_read_ahead_is_read_whole() {
        let mut query = query(WantedLevel::Named(Level::L1), "");
        assert_eq!(query.read_ahead(&mut vec![1, 0]), Ok(vec![]));
        assert_eq!(query.held_bytes(), 0);
        let (level, code, sessions) = (Level::L1, Win32Error::INVALID_LEVEL, vec![]);
        let refused = SessionEnumResponse { level, sessions, total_entries: 0, resume: None, code };
        let read = query.clone().read_response(&query.next(), &refused.encode(), 9);
        assert_eq!(read, Ok(refused));
        // Some servers leave everything out but the code.
        let zeroed = SessionEnumResponse::encode_zeroed(code);
        assert_eq!(query.read_response(&query.next(), &zeroed, 9).unwrap().code, code);
    }

    #[test]
    fn empty_answer_is_explained_where_the_server_writes_clients_or_users_in_another_way() {
        let mismatch = |client: &str, user: &str, code, listed: &[(&str, &str)]| {
            let filter = SessionFilter::new(Some(client), Some(user)).unwrap();
            let mut query = SessionQuery::new(None, WantedLevel::Named(Level::L1), filter, Limits::default());
            let session =
                |(client, user): &(&str, &str)| SessionInfo { client: (*client).into(), ..session(user) };
            let sessions = listed.iter().map(session).collect();
            let mut answer = answered(&mut query, code, sessions, None).unwrap();
            if answer == Progress::Ask(vec![]) {
                answer = answered(&mut query, Win32Error::ACCESS_DENIED, vec![], None).unwrap();
            }
            (matches!(answer, Progress::Done(found) if found.is_empty()), query.filter_mismatch())
        };
        let (ok, not_found) = (Win32Error::SUCCESS, Win32Error::NERR_CLIENT_NAME_NOT_FOUND);
        let addresses = [("10.0.0.5", "a"), (r"\[fe80::1]", "HGLAB_bob")];
        let names = [("ws1", "a"), ("localhost", "b")];
        for (client, user, code, listed, expected) in [
            ("ws7", "", ok, &addresses[..], Some(FilterMismatch::ServerListsAddresses)),
            ("ws7", "bob", ok, &addresses, Some(FilterMismatch::ServerListsAddresses)),
            ("10.0.0.6", "", ok, &names, Some(FilterMismatch::ServerListsNames)),
            ("ws7", "", not_found, &[], Some(FilterMismatch::NameNotFound)),
            ("ws7", "", ok, &[], Some(FilterMismatch::NameNotFound)),
            ("", "bob", ok, &addresses, Some(FilterMismatch::OtherSeparator("HGLAB_bob".into()))),
            // There is no such session, and the filter is written as the server writes.
            ("10.0.0.6", "", ok, &addresses, None),
            ("10.0.0.6", "", not_found, &[], None),
            ("ws7", "", ok, &names, None),
            ("ws7", "", ok, &[("ws1", "a"), ("10.0.0.5", "b")], None),
            ("localhost", "", ok, &addresses, None),
            ("10.0.0.5", "bob", ok, &addresses, None),
            ("", "carol", ok, &addresses, None),
        ] {
            assert_eq!(mismatch(client, user, code, listed), (true, expected), "{client} {user}");
        }
        assert_eq!(mismatch("10.0.0.5", "", ok, &addresses), (false, None));
        assert_eq!(mismatch("", "", ok, &[]), (true, None));
    }

    /// As Windows with a user that it lists as `HGLAB+bob`.
    #[test]
    fn server_that_found_nothing_is_asked_once_more_without_the_filter() {
        for code in [Win32Error::NERR_USER_NOT_FOUND, Win32Error::SUCCESS] {
            let mut query = query(WantedLevel::Auto, "bob");
            let refused = answered(&mut query, Win32Error::INVALID_LEVEL, vec![], None);
            assert_eq!((refused, query.next().level), (Ok(Progress::Ask(vec![])), 1));
            assert_eq!(query.next().user.as_deref(), Some("bob"));
            assert_eq!(answered(&mut query, code, vec![], Some(7)), Ok(Progress::Ask(vec![])));
            let all = query.next();
            assert_eq!((all.level, all.user, all.client, all.resume), (1, None, None, Some(0)));
            let mut other = query.clone();
            let page = vec![session("carol"), session("HGLAB+bob")];
            let more = answered(&mut query, Win32Error::MORE_DATA, page, Some(2));
            assert_eq!(more, Ok(Progress::Ask(vec![session("HGLAB+bob")])));
            assert_eq!(query.next().resume, Some(2));
            let last = answered(&mut query, Win32Error::SUCCESS, vec![session("dave")], None);
            assert_eq!((last, query.filter_mismatch()), (Ok(Progress::Done(vec![])), None));
            // Every session is known, and none is hidden by the way in which it is written.
            let last = answered(&mut other, Win32Error::SUCCESS, vec![session("carol")], None);
            assert_eq!((last, other.filter_mismatch()), (Ok(Progress::Done(vec![])), None));
        }
    }

    #[test]
    fn server_is_not_asked_again_where_that_tells_nothing_more() {
        // One that ignores filters, and a filter that was not sent.
        let mut ignoring = query(WantedLevel::Auto, "alice");
        let all = answered(&mut ignoring, Win32Error::SUCCESS, vec![session("bob")], None);
        assert_eq!(all, Ok(Progress::Done(vec![])));
        let local = SessionFilter::new(Some("localhost"), None).unwrap();
        let mut local = SessionQuery::new(None, WantedLevel::Auto, local, Limits::default());
        assert_eq!(answered(&mut local, Win32Error::SUCCESS, vec![], None), Ok(Progress::Done(vec![])));
        // Nor a third time.
        for code in [Win32Error::SUCCESS, Win32Error::NERR_USER_NOT_FOUND, Win32Error::ACCESS_DENIED] {
            let mut query = query(WantedLevel::Auto, "alice");
            assert!(answered(&mut query, Win32Error::SUCCESS, vec![], None).is_ok());
            assert_eq!(answered(&mut query, code, vec![], None), Ok(Progress::Done(vec![])), "{code}");
            assert_eq!(query.shown(), Level::L502);
        }
    }

    #[test]
    fn level_is_not_settled_where_the_filter_may_have_been_refused() {
        for (user, code, settled) in
            [("alice", 87, false), ("", 87, true), ("alice", 124, true), ("", 124, true)]
        {
            let mut query = query(WantedLevel::Auto, user);
            assert!(answered(&mut query, Win32Error(code), vec![], None).is_ok());
            assert!(answered(&mut query, Win32Error::SUCCESS, vec![session("alice")], None).is_ok());
            assert_eq!((query.shown(), query.is_level_settled()), (Level::L1, settled), "{user} {code}");
        }
    }

    #[test]
    fn filter_without_a_match_is_no_error() {
        let not_found =
            |mut query: SessionQuery| answered(&mut query, Win32Error::NERR_USER_NOT_FOUND, vec![], None);
        assert_eq!(not_found(query(WantedLevel::Auto, "alice")), Ok(Progress::Ask(vec![])));
        assert!(not_found(query(WantedLevel::Auto, "")).is_err());
        // A filter without a match does not show that level 502 is supported.
        let mut probing = query(WantedLevel::Named(Level::L502), "alice");
        assert!(answered(&mut probing, Win32Error::INVALID_LEVEL, vec![], None).is_ok());
        assert!(matches!(not_found(probing), Err(Cause::LevelNotSupported { .. })));
    }
}
