use crate::store::StoredBytes;

/// Part of the maximum that is left when the oldest went, in thousandths: rewriting is worth it then.
const REFILL: u64 = 800;
/// The file may be larger than the maximum by this factor: the database grows it in large steps.
const SLACK: u64 = 2;
/// The size is looked at again after the maximum shifted by this many changes: each takes tens of bytes, so that the size
/// grew by about a hundredth.
const LOOK_AGAIN: u32 = 14;

/// Decides when the store is too large, and what of it stays. It knows what was found when the size was looked at last:
/// looking reads every page.
#[derive(Debug, Default)]
pub(crate) struct SizeLimit {
    /// The length of the file.
    length: u64,
    /// Changes that were written since.
    changes: u64,
    /// Bytes in use after the last rewrite that erased the oldest.
    left: u64,
    is_full: bool,
}

/// How the file becomes smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The file is written again without its free pages.
    Rewrite,
    /// The newest of what ended stays: this part of it, in thousandths.
    Newest(u64),
}

impl SizeLimit {
    /// Counts changes that were written.
    pub(crate) fn written(&mut self, changes: usize) {
        self.changes = self.changes.saturating_add(u64::try_from(changes).unwrap_or(u64::MAX));
    }

    /// Whether what lasts leaves no room for what ended.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    /// The maximum, if a file of this length is over it, and what is stored is to be looked at.
    pub(crate) fn exceeded(&mut self, max_size: Option<u64>, length: u64) -> Option<u64> {
        let max_size = max_size?;
        if length <= max_size {
            *self = Self::default();
            return None;
        }
        let is_known = length == self.length && self.changes <= max_size >> LOOK_AGAIN;
        (!is_known).then_some(max_size)
    }

    /// What is done about a file of this length.
    pub(crate) fn remedy(&mut self, max_size: u64, length: u64, stored: StoredBytes) -> Option<Remedy> {
        let StoredBytes { pages, lasting, .. } = stored;
        (self.length, self.changes) = (length, 0);
        let refilled = u64::try_from(u128::from(max_size) * u128::from(REFILL) / 1000).unwrap_or(max_size);
        self.is_full = lasting >= refilled && pages > max_size;
        if pages <= max_size {
            let is_loose = length > max_size.saturating_mul(SLACK);
            return is_loose.then_some(Remedy::Rewrite);
        }
        // A rewrite that frees nothing is not tried again before much has changed.
        if self.is_full && pages <= self.left.saturating_add(self.left / 4) {
            return None;
        }
        let (free, ended) = (refilled.saturating_sub(lasting), pages.saturating_sub(lasting));
        let part = u64::try_from(u128::from(free) * 1000 / u128::from(ended.max(1))).unwrap_or(0);
        Some(Remedy::Newest(part))
    }

    /// Takes the bytes in use and the length of the file after a rewrite.
    pub(crate) fn rewritten(&mut self, pages: u64, length: u64) {
        (self.left, self.length) = (pages, length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: u64 = 1 << 20;

    fn stored(pages: u64, lasting: u64) -> StoredBytes {
        StoredBytes { pages, lasting, content: 0 }
    }

    #[test]
    fn file_within_its_bound_is_not_looked_at() {
        let mut limit = SizeLimit::default();
        assert_eq!(limit.exceeded(None, u64::MAX), None);
        assert_eq!(limit.exceeded(Some(MAX), MAX), None);
        assert_eq!(limit.exceeded(Some(MAX), MAX + 1), Some(MAX));
    }

    #[test]
    fn size_is_looked_at_again_when_much_was_written() {
        let mut limit = SizeLimit::default();
        assert_eq!(limit.remedy(MAX, MAX + 1, stored(MAX, 0)), None);
        limit.written(64);
        assert_eq!(limit.exceeded(Some(MAX), MAX + 1), None);
        assert_eq!(limit.exceeded(Some(MAX), MAX + 2), Some(MAX), "another length");
        limit.written(1);
        assert_eq!(limit.exceeded(Some(MAX), MAX + 1), Some(MAX));
    }

    #[test]
    fn as_much_stays_as_refills_the_file_to_its_part() {
        let mut limit = SizeLimit::default();
        // 800 thousandths of the maximum, less the half that lasts, of 1.5 times the maximum that ended.
        assert_eq!(limit.remedy(1000, 3000, stored(2000, 500)), Some(Remedy::Newest(200)));
        assert_eq!(limit.remedy(1000, 2001, stored(1000, 500)), Some(Remedy::Rewrite));
        assert_eq!(limit.remedy(1000, 2000, stored(1000, 500)), None);
    }

    #[test]
    fn full_store_is_rewritten_once_until_much_has_changed() {
        let mut limit = SizeLimit::default();
        assert_eq!(limit.remedy(1000, 1200, stored(1100, 800)), Some(Remedy::Newest(0)));
        assert!(limit.is_full());
        limit.rewritten(1040, 1200);
        assert_eq!(limit.remedy(1000, 1300, stored(1300, 900)), None);
        assert_eq!(limit.remedy(1000, 1400, stored(1301, 900)), Some(Remedy::Newest(0)));
        assert_eq!(limit.remedy(1000, 1400, stored(1301, 700)), Some(Remedy::Newest(166)));
        assert!(!limit.is_full());
    }
}
