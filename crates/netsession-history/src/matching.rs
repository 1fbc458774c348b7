//! Which of the things that were there are still listed: a pure function of two lists.

use std::cmp::Ordering;

use crate::round::{File, Session};

/// Jitter of the beginning that a server tells: whole seconds on either side, and the time of the answer.
const JITTER: u64 = 2;
/// The clocks of the server and of this machine drift apart by less than one second in this number of seconds.
const DRIFT: u64 = 2000;

/// What a server lists. It has no number that lasts: what is equal is told apart by its beginning, if at all.
pub(crate) trait Listed {
    /// Orders what cannot be the same thing.
    fn identity(&self, other: &Self) -> Ordering;
    /// When it began, if the server tells, given when it was listed.
    fn start(&self, time: u64) -> Option<u64>;
    /// Forgets what may have changed after it was stored.
    fn forget_progress(&mut self);
}

impl Listed for Session {
    fn identity(&self, other: &Self) -> Ordering {
        self.client.cmp(&other.client).then_with(|| self.user.cmp(&other.user))
    }

    fn start(&self, time: u64) -> Option<u64> {
        // Longer than the time since 1970 is no time of a session, but a clock of the server that was set.
        self.connected.and_then(|connected| time.checked_sub(connected.as_secs())).filter(|start| *start > 0)
    }

    fn forget_progress(&mut self) {
        (self.opens, self.idle) = (None, None);
    }
}

impl Listed for File {
    fn identity(&self, other: &Self) -> Ordering {
        self.id
            .cmp(&other.id)
            .then_with(|| self.path.cmp(&other.path))
            .then_with(|| self.user.cmp(&other.user))
    }

    fn start(&self, _time: u64) -> Option<u64> {
        None
    }

    fn forget_progress(&mut self) {
        self.locks = None;
    }
}

/// Something that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open<T> {
    /// Its number in the store.
    pub(crate) id: u32,
    pub(crate) from: u64,
    pub(crate) from_exact: bool,
    /// Its beginning by the last listing. It moves with the drift of the server's clock, `from` does not.
    pub(crate) start: Option<u64>,
    pub(crate) item: T,
}

/// What two listings have in common, and what only one of them has.
#[derive(Debug)]
pub(crate) struct Matched<T> {
    pub(crate) kept: Vec<Open<T>>,
    pub(crate) ended: Vec<Open<T>>,
    /// With its beginning, where the server tells.
    pub(crate) new: Vec<(Option<u64>, T)>,
}

/// Finds what is still there. Equal ones are paired in the order of their beginnings, which pairs as many as possible:
/// the tolerance is the same for all of one age.
pub(crate) fn match_up<T: Listed>(mut open: Vec<Open<T>>, seen: Vec<T>, time: u64) -> Matched<T> {
    let mut seen: Vec<_> = seen.into_iter().map(|item| (item.start(time), item)).collect();
    // Both are mostly sorted already: the kept ones are in the order of the last time, and servers keep theirs.
    open.sort_by(|a, b| a.item.identity(&b.item).then(a.start.cmp(&b.start)));
    seen.sort_by(|a, b| a.1.identity(&b.1).then(a.0.cmp(&b.0)));
    let mut matched = Matched { kept: Vec::with_capacity(seen.len()), ended: Vec::new(), new: Vec::new() };
    let (mut open, mut seen) = (open.into_iter().peekable(), seen.into_iter().peekable());
    loop {
        let order = match (open.peek(), seen.peek()) {
            (Some(old), Some((start, item))) => {
                old.item.identity(item).then_with(|| compare_starts(old.start, *start, time))
            }
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return matched,
        };
        match order {
            Ordering::Less => matched.ended.extend(open.next()),
            Ordering::Greater => matched.new.extend(seen.next()),
            Ordering::Equal => {
                if let (Some(old), Some((start, item))) = (open.next(), seen.next()) {
                    matched.kept.push(Open { start: start.or(old.start), item, ..old });
                }
            }
        }
    }
}

/// Whether two beginnings can be the same one, and which is the earlier one otherwise.
fn compare_starts(old: Option<u64>, new: Option<u64>, time: u64) -> Ordering {
    let (Some(old), Some(new)) = (old, new) else { return Ordering::Equal };
    let age = time.saturating_sub(old.min(new));
    let tolerance = JITTER.saturating_add(age / DRIFT);
    if old.abs_diff(new) <= tolerance { Ordering::Equal } else { old.cmp(&new) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: u64 = 1_000_000;

    fn session(user: &str, connected: u64) -> Session {
        Session {
            client: "10.0.0.5".into(),
            user: Some(user.into()),
            connected: Some(Duration::from_secs(connected)),
            ..Session::default()
        }
    }

    fn open(id: u32, user: &str, start: u64) -> Open<Session> {
        Open { id, from: start, from_exact: true, start: Some(start), item: session(user, NOW - start) }
    }

    fn ids(open: &[Open<Session>]) -> Vec<u32> {
        open.iter().map(|open| open.id).collect()
    }

    #[test]
    fn equal_sessions_are_told_apart_by_their_beginning() {
        let before = vec![open(1, "a", NOW - 500), open(2, "a", NOW - 100), open(3, "b", NOW - 100)];
        let matched = match_up(before, vec![session("a", 101), session("a", 5)], NOW);
        assert_eq!(ids(&matched.kept), [2]);
        assert_eq!(ids(&matched.ended), [1, 3]);
        assert_eq!(matched.new, [(Some(NOW - 5), session("a", 5))]);
    }

    #[test]
    fn equal_sessions_of_one_second_are_counted() {
        let before = vec![open(1, "a", NOW - 9), open(2, "a", NOW - 9), open(3, "a", NOW - 9)];
        let matched = match_up(before, vec![session("a", 9), session("a", 9)], NOW);
        assert_eq!((ids(&matched.kept), ids(&matched.ended)), (vec![1, 2], vec![3]));
        assert!(matched.new.is_empty());
    }

    #[test]
    fn drift_of_a_long_session_is_no_new_one() {
        // A month at 400 millionths.
        let month = 30 * 86_400;
        let old = Open { start: Some(1), ..open(1, "a", NOW - 5) };
        let matched = match_up(vec![old], vec![session("a", month - 1 - 1036)], month);
        assert_eq!(ids(&matched.kept), [1]);
    }

    #[test]
    fn levels_without_a_beginning_pair_by_name() {
        let nameless = Session { client: "10.0.0.5".into(), ..Session::default() };
        let old = Open { id: 7, from: 5, from_exact: false, start: None, item: nameless.clone() };
        let matched = match_up(vec![old], vec![nameless.clone(), nameless], NOW);
        assert_eq!((matched.kept.len(), matched.new.len()), (1, 1));
    }
}
