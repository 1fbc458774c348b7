use std::collections::BTreeSet;

/// The MessageIds that a client may use, Connection.CommandSequenceWindow (\[MS-SMB2\] 3.3.1.1, 3.3.1.2).
#[derive(Debug)]
pub(super) struct SequenceWindow {
    /// The lowest number that has not been used.
    first: u64,
    /// The first number that has not been granted.
    end: u64,
    /// Numbers from `first` on that have been used.
    used: BTreeSet<u64>,
    max: u64,
}

impl SequenceWindow {
    /// The window of a new connection: the number 0 alone.
    pub(super) fn new(max: u16) -> Self {
        Self { first: 0, end: 1, used: BTreeSet::new(), max: u64::from(max.max(1)) }
    }

    /// Uses up the numbers of a request; `false` where one of them was not granted or has been used.
    #[must_use]
    pub(super) fn take(&mut self, message_id: u64, charge: u16) -> bool {
        let Some(behind) = message_id.checked_add(u64::from(charge.max(1))) else { return false };
        let mut numbers = message_id..behind;
        if message_id < self.first || behind > self.end || numbers.any(|number| self.used.contains(&number)) {
            return false;
        }
        self.used.extend(message_id..behind);
        while self.used.remove(&self.first) {
            self.first = self.first.saturating_add(1);
        }
        true
    }

    /// How many credits a response grants of those asked for: at least one to a client that has none.
    pub(super) fn grant(&mut self, asked: u16) -> u16 {
        let span = self.end.saturating_sub(self.first);
        let held = span.saturating_sub(u64::try_from(self.used.len()).unwrap_or(u64::MAX));
        // The span is limited as well: a client that never uses its lowest number would make `used` grow
        // without end. 3.3.1.1 allows a server to stop granting then.
        let room = self.max.saturating_sub(held).min(self.max.saturating_mul(2).saturating_sub(span));
        let least = u16::from(held == 0);
        let granted = asked.max(1).min(u16::try_from(room).unwrap_or(u16::MAX)).max(least);
        self.end = self.end.saturating_add(u64::from(granted));
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_window_holds_zero_alone() {
        let mut window = SequenceWindow::new(10);
        assert!(!window.take(1, 1));
        assert!(window.take(0, 0));
        assert!(!window.take(0, 1));
    }

    #[test]
    fn numbers_may_come_out_of_order_and_only_once() {
        let mut window = SequenceWindow::new(10);
        assert!(window.take(0, 1));
        assert_eq!(window.grant(4), 4);
        assert!(window.take(3, 2));
        assert!(!window.take(2, 2), "3 has been used");
        assert!(window.take(1, 2));
        assert!(!window.take(5, 1), "5 was not granted");
        assert_eq!(window.used.len(), 0);
    }

    #[test]
    fn grants_stop_at_the_limit_but_never_at_none() {
        let mut window = SequenceWindow::new(3);
        assert_eq!((window.grant(100), window.grant(100)), (2, 0));
        for id in 0..3 {
            assert!(window.take(id, 1));
        }
        assert_eq!((window.grant(0), window.grant(9), window.grant(9)), (1, 2, 0));
        // 3 is never used.
        assert!(window.take(4, 2));
        assert_eq!((window.grant(9), window.take(6, 1), window.grant(9)), (2, true, 1));
        assert!(window.take(7, 2));
        assert_eq!(window.grant(9), 0);
        assert!(!window.take(9, 1));
        assert!(window.take(3, 1));
        assert_eq!(window.grant(9), 3);
    }

    #[test]
    fn last_number_does_not_overflow() {
        assert!(!SequenceWindow::new(3).take(u64::MAX, 1));
    }
}
