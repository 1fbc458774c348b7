use crate::client::{Cause, Limit, Limits, Misbehaviour};

/// Pages of one listing: progress, limits and the resume handle, for every call that pages.
///
/// ```
/// use netsession_proto::client::Limits;
/// use netsession_proto::query::Paging;
///
/// let mut paging = Paging::new(Limits::default());
/// assert_eq!(paging.resume(), 0);
/// paging.more(2, Some(2))?;
/// assert_eq!(paging.resume(), 2);
/// paging.last(1)?;
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

    /// Counts the last page and its entries. Its resume handle is ignored: Samba sends the number of
    /// entries, and Windows was seen to send 0x12 with a success.
    ///
    /// # Errors
    /// There are more entries than the limit.
    pub fn last(&mut self, entries: usize) -> Result<(), Cause> {
        self.pages = self.pages.saturating_add(1);
        self.entries = self.entries.saturating_add(entries);
        if self.entries > self.limits.entries { Err(self.too_many_entries()) } else { Ok(()) }
    }

    /// Counts a page that more follow (ERROR_MORE_DATA) and its entries, and moves on to `resume`.
    ///
    /// # Errors
    /// A limit is reached, or the page does not move on: the next call would return the same page, without end.
    pub fn more(&mut self, entries: usize, resume: Option<u32>) -> Result<(), Cause> {
        self.last(entries)?;
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
            let paged = Paging::new(Limits::default()).more(entries, resume);
            assert_eq!(paged, Err(Cause::Misbehaved(error)), "{entries} {resume:?}");
        }
    }

    #[test]
    fn limits_count_all_pages() {
        let limits = Limits { entries: 3, pages: 2, ..Limits::default() };
        let mut paging = Paging::new(limits);
        assert_eq!(paging.more(1, Some(1)), Ok(()));
        assert_eq!(paging.entries_left(), 2);
        assert_eq!(paging.clone().more(1, Some(2)), Err(Cause::Limit(Limit::Pages(2))));
        assert_eq!(paging.clone().last(2), Ok(()), "the last page may be the last that is allowed");
        assert_eq!(paging.last(3), Err(Cause::Limit(Limit::Entries(3))));
    }
}
