//! The row that is chosen, and the part of the rows that is seen.

use super::row::RowId;

/// Stays on its row, wherever that goes.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    /// None: the first row, whichever that is. So it is until a key moves it: while servers fill in, the view stays at
    /// the top.
    row: Option<RowId>,
    /// Where it was last.
    index: usize,
    /// The first row that is seen.
    offset: usize,
}

impl Cursor {
    pub(super) const fn index(&self) -> usize {
        self.index
    }

    pub(super) const fn offset(&self) -> usize {
        self.offset
    }

    /// Finds the row again. Where it is gone, the one in its place is chosen.
    pub(super) fn follow(&mut self, rows: &[RowId], height: usize) {
        let before = self.index;
        match &self.row {
            None => self.index = 0,
            // Most often it has not moved.
            Some(row) if rows.get(self.index) == Some(row) => {}
            Some(row) => {
                self.index = rows.iter().position(|id| id == row).unwrap_or(self.index);
                self.index = self.index.min(rows.len().saturating_sub(1));
                self.row = rows.get(self.index).cloned();
            }
        }
        // It stays in its line of the screen, too.
        self.offset = (self.offset.saturating_add(self.index)).saturating_sub(before);
        self.show(rows.len(), height);
    }

    pub(super) fn move_to(&mut self, index: usize, rows: &[RowId], height: usize) {
        self.index = index.min(rows.len().saturating_sub(1));
        self.row = if self.index == 0 { None } else { rows.get(self.index).cloned() };
        self.show(rows.len(), height);
    }

    /// Keeps its row, even at the top: a key has acted on it.
    pub(super) fn hold(&mut self, rows: &[RowId]) {
        self.row = rows.get(self.index).cloned();
    }

    fn show(&mut self, rows: usize, height: usize) {
        let height = height.max(1);
        self.offset = self.offset.min(rows.saturating_sub(height));
        self.offset = self.offset.min(self.index);
        self.offset = self.offset.max(self.index.saturating_add(1).saturating_sub(height));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: impl IntoIterator<Item = u64>) -> Vec<RowId> {
        ids.into_iter().map(RowId::Change).collect()
    }

    #[test]
    fn stays_on_its_row_and_in_its_line() {
        let mut cursor = Cursor::default();
        cursor.move_to(12, &rows(0..100), 10);
        assert_eq!((cursor.index(), cursor.offset()), (12, 3));
        // Five rows come before it.
        let more = rows((200..205).chain(0..100));
        cursor.follow(&more, 10);
        assert_eq!((cursor.index(), cursor.offset()), (17, 8));
        // Sorted the other way round.
        let reversed: Vec<_> = more.iter().rev().cloned().collect();
        cursor.follow(&reversed, 10);
        assert_eq!(reversed[cursor.index()], RowId::Change(12));
        // It is gone.
        cursor.follow(&rows([1, 2]), 10);
        assert_eq!((cursor.index(), cursor.offset()), (1, 0));
        cursor.follow(&[], 10);
        assert_eq!((cursor.index(), cursor.offset()), (0, 0));
    }

    #[test]
    fn the_top_stays_the_top_until_a_key_says_otherwise() {
        let mut cursor = Cursor::default();
        cursor.follow(&rows([5]), 10);
        cursor.follow(&rows([1, 2, 5]), 10);
        assert_eq!(cursor.index(), 0);
        cursor.hold(&rows([1, 2, 5]));
        cursor.follow(&rows([0, 1, 2, 5]), 10);
        assert_eq!(cursor.index(), 1);
        cursor.move_to(0, &rows([0, 1, 2, 5]), 10);
        cursor.follow(&rows([9, 0, 1, 2, 5]), 10);
        assert_eq!(cursor.index(), 0);
    }

    #[test]
    fn always_seen() {
        let all = rows(0..50);
        let mut cursor = Cursor::default();
        for index in [0, 49, 20, 19, 31, 1000, 0] {
            for height in [1, 7, 60, 0] {
                cursor.move_to(index, &all, height);
                let seen = cursor.offset()..cursor.offset() + height.max(1);
                assert!(seen.contains(&cursor.index()), "{index} {height} {seen:?}");
            }
        }
    }
}
