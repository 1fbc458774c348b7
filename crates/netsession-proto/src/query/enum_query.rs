use super::filtering::Filtering;
use super::level_walk::Meaning;
use super::{Page, Paging, Progress, Query};
use crate::client::{Cause, Limits, Refusal, Unsupported};
use crate::erref::Win32Error;
use crate::rpce::FaultStatus;
use crate::srvs::{ConnectionEnumRequest, ConnectionInfo, ConnectionLevel};
use crate::srvs::{Entry, EnumResponse, FileEnumRequest, FileInfo, FileLevel, InfoLevel as _};
use crate::srvs::{RpcCall, ShareEnumRequest, ShareInfo, ShareLevel};

/// A call that lists entries, at one of several levels and in pages: what [`EnumQuery`] carries out.
pub trait EnumCall: Clone + RpcCall<Response = EnumResponse<<Self as EnumCall>::Entry>> {
    /// What it lists.
    type Entry: Entry;

    /// The level to ask for first: the most detailed one.
    const FIRST: <Self::Entry as Entry>::Level;
    /// The levels that follow where the server refuses that one.
    const OTHERS: &'static [<Self::Entry as Entry>::Level] = &[];
    /// Whether a less detailed level may be open to an account that was denied this one.
    const LESS_IS_OPEN_TO_MORE: bool = false;

    /// The same call, for the page that begins at `resume`.
    fn page(&self, level: <Self::Entry as Entry>::Level, resume: u32) -> Self;

    /// Whether the call carries a filter. A code that may be about the filter then ends the listing: a less detailed level
    /// may lack what the filter is about, so that its answer could not be checked.
    fn has_filter(&self) -> bool {
        false
    }

    /// The same call without its filter.
    #[must_use]
    fn without_filter(&self) -> Self {
        self.clone()
    }

    /// Whether `code` says that the filter of the call has no match, which is an empty list.
    fn is_without_match(&self, _code: Win32Error) -> bool {
        false
    }

    /// Why an answer is not true, although it is well formed.
    fn doubt(_entries: &[Self::Entry]) -> Option<Unsupported> {
        None
    }
}

/// Lists everything that a call enumerates: over its levels and pages.
///
/// ```
/// use netsession_proto::client::Limits;
/// use netsession_proto::erref::Win32Error;
/// use netsession_proto::query::{EnumQuery, Progress, Query};
/// use netsession_proto::srvs::{EnumResponse, FileEnumRequest, FileLevel};
///
/// let mut query = EnumQuery::new(FileEnumRequest::new(FileLevel::L3), Limits::default());
/// let refused = query.answered(Ok(EnumResponse::empty(FileLevel::L3, Win32Error::INVALID_LEVEL)))?;
/// assert_eq!((refused, query.next().level), (Progress::Ask(vec![]), 2));
/// # Ok::<(), netsession_proto::client::Cause>(())
/// ```
#[derive(Debug, Clone)]
pub struct EnumQuery<C: EnumCall> {
    call: C,
    level: <C::Entry as Entry>::Level,
    /// Levels that are tried where the server refuses the one before.
    others: &'static [<C::Entry as Entry>::Level],
    /// The first refusal of access, else the last one that may be about something else than the level, else the last
    /// one.
    reported: Option<Refusal>,
    paging: Paging,
    filtering: Filtering,
}

impl<C: EnumCall> EnumQuery<C> {
    /// Begins with the most detailed level of the call, and its first page.
    #[must_use]
    pub fn new(call: C, limits: Limits) -> Self {
        let (level, others, paging) = (C::FIRST, C::OTHERS, Paging::new(limits));
        Self { call, level, others, reported: None, paging, filtering: Filtering::Both }
    }

    /// The level whose fields the entries have.
    #[must_use]
    pub fn level(&self) -> <C::Entry as Entry>::Level {
        self.level
    }

    /// Who asks applies the filter to the entries, too.
    fn nothing_listed(&mut self) -> Progress<C::Entry> {
        let progress = self.filtering.nothing_listed(self.call.has_filter(), &mut self.paging);
        self.call = self.call.without_filter();
        progress
    }

    /// Asks for the next level where that may help; not in the middle of a listing.
    fn refused(&mut self, refusal: Refusal) -> Result<Progress<C::Entry>, Cause> {
        if self.paging.pages() == 0
            && let Some(end) = self.filtering.refused(refusal)
        {
            return Ok(end);
        }
        let meaning = Meaning::new(refusal);
        let may_help = match meaning {
            Some(Meaning::NoLevel) => true,
            Some(Meaning::Doubtful) => !self.call.has_filter(),
            Some(Meaning::Denied) => C::LESS_IS_OPEN_TO_MORE,
            None => false,
        };
        let reported = self.reported.and_then(Meaning::new);
        // A refusal that is not about levels ends the listing, but the first refusal of access stays the cause.
        let tells_more = meaning.is_none() || reported <= meaning;
        if reported != Some(Meaning::Denied) && tells_more {
            self.reported = Some(refusal);
        }
        match self.others.split_first() {
            Some((next, others)) if may_help && self.paging.pages() == 0 => {
                tracing::debug!(%refusal, next = next.number(), "level refused");
                (self.level, self.others) = (*next, others);
                Ok(Progress::Ask(Vec::new()))
            }
            _ => Err(Cause::Refused(self.reported.unwrap_or(refusal))),
        }
    }
}

impl<C: EnumCall> Query for EnumQuery<C> {
    type Call = C;
    type Item = C::Entry;

    fn next(&self) -> C {
        let (call, level, resume) = (C::OPERATION.call, self.level.number(), self.paging.resume());
        tracing::debug!(call, level, resume, "asking");
        self.call.page(self.level, resume)
    }

    fn answered(
        &mut self,
        answer: Result<EnumResponse<C::Entry>, FaultStatus>,
    ) -> Result<Progress<C::Entry>, Cause> {
        let EnumResponse { code, entries, resume, .. } = match answer {
            Ok(response) => response,
            Err(fault) => return self.refused(Refusal::Fault(fault)),
        };
        if let Some(doubt) = C::doubt(&entries) {
            return Err(Cause::Unsupported(doubt));
        }
        match Page::from_code(code) {
            Some(page) => {
                self.paging.turn(page, entries.len(), resume)?;
                Ok(match page {
                    Page::Last if self.paging.is_empty() => self.nothing_listed(),
                    Page::Last => Progress::Done(entries),
                    Page::More => Progress::Ask(entries),
                })
            }
            None if self.call.is_without_match(code) => Ok(self.nothing_listed()),
            None => self.refused(Refusal::Code(code)),
        }
    }

    fn paging(&self) -> Option<&Paging> {
        Some(&self.paging)
    }
}

impl EnumCall for FileEnumRequest {
    type Entry = FileInfo;

    const FIRST: FileLevel = FileLevel::L3;
    const OTHERS: &'static [FileLevel] = &[FileLevel::L2];

    fn page(&self, level: FileLevel, resume: u32) -> Self {
        Self { level: level.number(), resume: Some(resume), ..self.clone() }
    }

    fn has_filter(&self) -> bool {
        self.base_path.is_some() || self.user.is_some()
    }

    fn without_filter(&self) -> Self {
        Self { base_path: None, user: None, ..self.clone() }
    }

    fn is_without_match(&self, code: Win32Error) -> bool {
        self.user.is_some() && code == Win32Error::NERR_USER_NOT_FOUND
    }
}

impl EnumCall for ShareEnumRequest {
    type Entry = ShareInfo;

    const FIRST: ShareLevel = ShareLevel::L2;
    const OTHERS: &'static [ShareLevel] = &[ShareLevel::L1];
    const LESS_IS_OPEN_TO_MORE: bool = true;

    fn page(&self, level: ShareLevel, resume: u32) -> Self {
        Self { level: level.number(), resume: Some(resume), ..self.clone() }
    }
}

impl EnumCall for ConnectionEnumRequest {
    type Entry = ConnectionInfo;

    const FIRST: ConnectionLevel = ConnectionLevel::L1;

    fn page(&self, level: ConnectionLevel, resume: u32) -> Self {
        Self { level: level.number(), resume: Some(resume), ..self.clone() }
    }

    fn doubt(entries: &[ConnectionInfo]) -> Option<Unsupported> {
        entries.iter().any(ConnectionInfo::is_made_up).then_some(Unsupported::MadeUpConnections)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Misbehaviour;

    const DENIED: Win32Error = Win32Error::ACCESS_DENIED;
    const NO_LEVEL: Win32Error = Win32Error::INVALID_LEVEL;

    fn files() -> EnumQuery<FileEnumRequest> {
        EnumQuery::new(FileEnumRequest::new(FileLevel::L3), Limits::default())
    }

    fn shares() -> EnumQuery<ShareEnumRequest> {
        EnumQuery::new(ShareEnumRequest::new(ShareLevel::L2), Limits::default())
    }

    fn answer<E: Entry>(
        level: E::Level,
        code: Win32Error,
        entries: Vec<E>,
        resume: u32,
    ) -> Result<EnumResponse<E>, FaultStatus> {
        Ok(EnumResponse { entries, resume: Some(resume), ..EnumResponse::empty(level, code) })
    }

    #[test]
    fn without_a_filter_there_is_none_to_blame() {
        assert!(!ShareEnumRequest::new(ShareLevel::L2).has_filter());
        assert!(!FileEnumRequest::new(FileLevel::L3).has_filter());
    }

    #[test]
    fn what_is_asked_again_without_the_filter_has_none() {
        let all = FileEnumRequest::new(FileLevel::L3);
        let some =
            FileEnumRequest { base_path: Some(r"D:\x".into()), user: Some("bob".into()), ..all.clone() };
        assert!(some.has_filter());
        assert_eq!(some.without_filter(), all);
        // Each page is one of the same call.
        let page = some.page(FileLevel::L2, 7);
        assert_eq!((page.level, page.resume), (2, Some(7)));
        assert_eq!((page.base_path, page.user), (some.base_path, some.user));
        let page = ShareEnumRequest::new(ShareLevel::L2).page(ShareLevel::L1, 8);
        assert_eq!((page.level, page.resume), (1, Some(8)));
        let first = ConnectionEnumRequest { level: 0, ..ConnectionEnumRequest::new("share") };
        let page = first.page(ConnectionLevel::L1, 9);
        assert_eq!((page.level, page.resume, page.qualifier.as_deref()), (1, Some(9), Some("share")));
    }

    #[test]
    fn entries_that_are_left_are_told() {
        let limits = Limits { entries: 3, ..Limits::default() };
        let mut query = EnumQuery::new(FileEnumRequest::new(FileLevel::L3), limits);
        let page = answer(FileLevel::L3, Win32Error::MORE_DATA, vec![FileInfo::default()], 1);
        assert!(query.answered(page).is_ok());
        assert_eq!((query.paging().map(Paging::entries_left), query.held_bytes()), (Some(2), 0));
    }

    #[test]
    fn pages_go_on_from_an_opaque_handle() {
        let file = |id| FileInfo { id, ..FileInfo::default() };
        let mut query = files();
        let more = query.answered(answer(FileLevel::L3, Win32Error::MORE_DATA, vec![file(9)], 0xffff_0001));
        assert_eq!(more, Ok(Progress::Ask(vec![file(9)])));
        assert_eq!(query.next().resume, Some(0xffff_0001));
        let same =
            query.clone().answered(answer(FileLevel::L3, Win32Error::MORE_DATA, vec![file(9)], 0xffff_0001));
        assert_eq!(same, Err(Cause::Misbehaved(Misbehaviour::PageWithoutProgress)));
        // A handle that goes back is none of an index, and may be.
        let back = query.answered(answer(FileLevel::L3, Win32Error::MORE_DATA, vec![file(8)], 3));
        assert_eq!(back, Ok(Progress::Ask(vec![file(8)])));
        let last = query.answered(answer(FileLevel::L3, Win32Error::SUCCESS, vec![], 18));
        assert_eq!(last, Ok(Progress::Done(vec![])));
    }

    #[test]
    fn files_come_down_where_the_level_is_missing_only() {
        let mut query = files();
        let next = query.answered(answer(FileLevel::L3, NO_LEVEL, vec![], 0));
        assert_eq!((next, query.level()), (Ok(Progress::Ask(vec![])), FileLevel::L2));
        let end = query.answered(answer(FileLevel::L2, NO_LEVEL, vec![], 0));
        assert_eq!(end, Err(Cause::Refused(Refusal::Code(NO_LEVEL))));
        let denied = files().answered(answer(FileLevel::L3, DENIED, vec![], 0));
        assert_eq!(denied, Err(Cause::Refused(Refusal::Code(DENIED))));
        let unknown = files().answered(Err(FaultStatus::OP_RNG_ERROR));
        assert_eq!(unknown, Err(Cause::Refused(Refusal::Fault(FaultStatus::OP_RNG_ERROR))));
    }

    #[test]
    fn code_that_may_be_about_the_filter_comes_down_only_without_one() {
        let doubtful = Win32Error::INVALID_PARAMETER;
        let refused = Err(Cause::Refused(Refusal::Code(doubtful)));
        let mut query = files();
        let next = query.answered(answer(FileLevel::L3, doubtful, vec![], 0));
        assert_eq!((next, query.level()), (Ok(Progress::Ask(vec![])), FileLevel::L2));
        // It is reported if the next level does not work either.
        assert_eq!(query.answered(answer(FileLevel::L2, NO_LEVEL, vec![], 0)), refused);
        let by_user = FileEnumRequest { user: Some("bob".into()), ..FileEnumRequest::new(FileLevel::L3) };
        let mut query = EnumQuery::new(by_user, Limits::default());
        assert_eq!(query.answered(answer(FileLevel::L3, doubtful, vec![], 0)), refused);
    }

    #[test]
    fn shares_come_down_to_what_is_open_to_every_user() {
        let mut query = shares();
        let next = query.answered(answer(ShareLevel::L2, DENIED, vec![], 0));
        assert_eq!((next, query.next().level), (Ok(Progress::Ask(vec![])), 1));
        // What is reported is why the first level was refused.
        let end = query.answered(answer(ShareLevel::L1, NO_LEVEL, vec![], 0));
        assert_eq!(end, Err(Cause::Refused(Refusal::Code(DENIED))));
    }

    #[test]
    fn level_does_not_change_within_a_listing() {
        let mut query = shares();
        let more =
            query.answered(answer(ShareLevel::L2, Win32Error::MORE_DATA, vec![ShareInfo::default()], 1));
        assert!(more.is_ok());
        assert!(query.answered(answer(ShareLevel::L2, DENIED, vec![], 0)).is_err());
    }

    #[test]
    fn made_up_connections_are_no_answer() {
        let connection = |user: &str, name: &str| ConnectionInfo {
            user: user.into(),
            name: name.into(),
            ..ConnectionInfo::default()
        };
        let ask = |entries| {
            let mut query = EnumQuery::new(ConnectionEnumRequest::new("projects"), Limits::default());
            query.answered(answer(ConnectionLevel::L1, Win32Error::SUCCESS, entries, 0))
        };
        let made_up = Err(Cause::Unsupported(Unsupported::MadeUpConnections));
        assert_eq!(ask(vec![connection("dummy_user", "IPC$")]), made_up);
        // A person may have that name.
        let person = vec![connection("dummy_user", "10.0.0.5")];
        assert_eq!(ask(person.clone()), Ok(Progress::Done(person)));
    }

    #[test]
    fn user_without_files_is_no_error_where_one_was_asked_for() {
        let user = Win32Error::NERR_USER_NOT_FOUND;
        assert!(files().answered(answer(FileLevel::L3, user, vec![], 0)).is_err());
        let call = FileEnumRequest { user: Some("alice".into()), ..FileEnumRequest::new(FileLevel::L3) };
        let mut query = EnumQuery::new(call, Limits::default());
        assert_eq!(query.answered(answer(FileLevel::L3, user, vec![], 0)), Ok(Progress::Ask(vec![])));
        // Of some servers nothing at all is the same answer.
        let call = FileEnumRequest { user: Some("alice".into()), ..FileEnumRequest::new(FileLevel::L3) };
        let mut silent = EnumQuery::new(call, Limits::default());
        let nothing = silent.answered(answer(FileLevel::L3, Win32Error::SUCCESS, vec![], 0));
        assert_eq!((nothing, silent.next().user), (Ok(Progress::Ask(vec![])), None));
        // It may be that the server writes the user in another way.
        assert_eq!((query.next().user, query.next().resume, query.next().level), (None, Some(0), 3));
        let file = FileInfo { user: Some("HGLAB+alice".into()), ..FileInfo::default() };
        let other = query.clone();
        let all = query.answered(answer(FileLevel::L3, Win32Error::SUCCESS, vec![file.clone()], 0));
        assert_eq!(all, Ok(Progress::Done(vec![file.clone()])));
        // Files that were closed between two pages: the first one is not listed again.
        let call = FileEnumRequest { user: Some("alice".into()), ..FileEnumRequest::new(FileLevel::L3) };
        let mut paged = EnumQuery::new(call, Limits::default());
        assert!(paged.answered(answer(FileLevel::L3, Win32Error::MORE_DATA, vec![file], 1)).is_ok());
        assert_eq!(paged.answered(answer(FileLevel::L3, user, vec![], 0)), Ok(Progress::Done(vec![])));
        for code in [Win32Error::SUCCESS, user, DENIED] {
            let all = other.clone().answered(answer(FileLevel::L3, code, vec![], 0));
            assert_eq!(all, Ok(Progress::Done(vec![])), "{code}");
        }
    }
}
