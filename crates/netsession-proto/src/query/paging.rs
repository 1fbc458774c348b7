use crate::client::{Cause, Limit, Limits, Misbehaviour};
use crate::erref::Win32Error;

/// Which page an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// No other one follows.
    Last,
    /// The next one is asked for.
    More,
}

impl Page {
    /// By the code of the answer; `None` if this is no page but a refusal (\[MS-SRVS\] 3.1.4.5).
    #[must_use]
    pub fn from_code(code: Win32Error) -> Option<Self> {
        match code {
            Win32Error::SUCCESS => Some(Self::Last),
            Win32Error::MORE_DATA => Some(Self::More),
            _ => None,
        }
    }
}

/// Pages of one listing: progress, limits and the resume handle, for every call that pages.
///
/// ```
/// use netsession_proto::client::Limits;
/// use netsession_proto::query::{Page, Paging};
///
/// let mut paging = Paging::new(Limits::default());
/// assert_eq!(paging.resume(), 0);
/// paging.turn(Page::More, 2, Some(2))?;
/// assert_eq!(paging.resume(), 2);
/// paging.turn(Page::Last, 1, None)?;
/// assert_eq!(paging.pages(), 2);
/// # Ok::<(), netsession_proto::client::Cause>(())
/// ```
#[derive(Debug, Clone)]
pub struct Paging {
    limits: Limits,
    resume: u32,
    pages: usize,
    /// Entries received so far, wanted or not.
    entries: usize,
}

impl Paging {
    /// At the beginning of a listing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, resume: 0, pages: 0, entries: 0 }
    }

    /// The resume handle to ask with.
    #[must_use]
    pub fn resume(&self) -> u32 {
        self.resume
    }

    /// How many pages have come.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.pages
    }

    /// Whether no entry has come.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// The beginning of another listing within the same limits.
    #[must_use]
    pub fn restarted(&self) -> Self {
        Self::new(self.limits)
    }

    /// How many more entries may come before [`Self::too_many_entries`].
    #[must_use]
    pub fn entries_left(&self) -> usize {
        self.limits.entries.saturating_sub(self.entries)
    }

    /// The error for a page with more entries than are left.
    #[must_use]
    pub fn too_many_entries(&self) -> Cause {
        Cause::Limit(Limit::Entries(self.limits.entries))
    }

    /// Counts a page and its entries, and moves on to `resume` where more follow. The resume handle of the last page is
    /// ignored: Samba sends the number of entries, and Windows was seen to send 0x12 with a success.
    ///
    /// # Errors
    /// A limit is reached, or a page that more follow does not move on: the next call would return the same page, without
    /// end.
    pub fn turn(&mut self, page: Page, entries: usize, resume: Option<u32>) -> Result<(), Cause> {
        self.pages = self.pages.saturating_add(1);
        self.entries = self.entries.saturating_add(entries);
        if self.entries > self.limits.entries {
            return Err(self.too_many_entries());
        }
        match page {
            Page::Last => Ok(()),
            Page::More => self.move_on(entries, resume),
        }
    }

    fn move_on(&mut self, entries: usize, resume: Option<u32>) -> Result<(), Cause> {
        if entries == 0 {
            return Err(Cause::Misbehaved(Misbehaviour::EmptyPage));
        }
        if self.pages >= self.limits.pages {
            return Err(Cause::Limit(Limit::Pages(self.limits.pages)));
        }
        match resume {
            Some(resume) if resume != self.resume => {
                self.resume = resume;
                Ok(())
            }
            _ => Err(Cause::Misbehaved(Misbehaviour::PageWithoutProgress)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_without_progress_is_an_error() {
        for (entries, resume, error) in [
            (0, Some(1), Misbehaviour::EmptyPage),
            (1, None, Misbehaviour::PageWithoutProgress),
            (1, Some(0), Misbehaviour::PageWithoutProgress),
        ] {
            let paged = Paging::new(Limits::default()).turn(Page::More, entries, resume);
            assert_eq!(paged, Err(Cause::Misbehaved(error)), "{entries} {resume:?}");
        }
    }

    #[test]
    fn limits_count_all_pages() {
        let limits = Limits { entries: 3, pages: 2, ..Limits::default() };
        let mut paging = Paging::new(limits);
        assert_eq!(paging.turn(Page::More, 1, Some(1)), Ok(()));
        assert_eq!(paging.entries_left(), 2);
        assert_eq!(paging.clone().turn(Page::More, 1, Some(2)), Err(Cause::Limit(Limit::Pages(2))));
        assert_eq!(
            paging.clone().turn(Page::Last, 2, None),
            Ok(()),
            "the last page may be the last that is allowed"
        );
        assert_eq!(paging.turn(Page::Last, 3, None), Err(Cause::Limit(Limit::Entries(3))));
    }
}
