use std::collections::HashSet;

use netsession::OpenFile;

use crate::output::PartialSums;
use crate::text::count;

/// How many files, users and locks there are.
#[derive(Debug, Default)]
pub(crate) struct FileTotals {
    files: usize,
    /// In lower case: servers differ in how they write the same user.
    users: HashSet<String>,
    locks: u64,
    /// How many files have only an id, because their level carries no more.
    ids: usize,
}

impl FileTotals {
    pub(super) fn add(&mut self, file: &OpenFile) {
        self.files = self.files.saturating_add(1);
        match (file.user(), file.locks()) {
            (Some(user), Some(locks)) => {
                if !user.is_empty() {
                    self.users.insert(user.to_lowercase());
                }
                self.locks = self.locks.saturating_add(locks.into());
            }
            _ => self.ids = self.ids.saturating_add(1),
        }
    }

    /// `3 open files, 2 users, 1 lock`
    pub(super) fn text(&self, partial: PartialSums) -> String {
        if self.files == 0 {
            return "no open files".into();
        }
        let sum = |text: String| match (self.ids, partial) {
            (0, _) => Some(text),
            (_, PartialSums::AtLeast) => Some(format!("at least {text}")),
            (_, PartialSums::Omit) => None,
        };
        let files = Some(count(self.files, "open file"));
        let sums = [files, sum(count(self.users.len(), "user")), sum(count(self.locks, "lock"))];
        sums.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
