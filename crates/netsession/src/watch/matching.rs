//! Which session of an answer is which of the answer before: the protocol has no number for a session.
//!
//! A session is its client, its user and its start, which is the time of the answer less the time that it has been
//! connected. Equal ones are counted.

use std::cmp::Ordering;
use std::ops::Range;

/// Times are reported in whole seconds, and an answer takes its time.
const JITTER: i64 = 2_000;
/// Milliseconds of an interval by which the clock of a server drifts by one.
const DRIFT: i64 = 1_000;

/// A session as far as its identity goes. Times are milliseconds since 1970, by this machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen<'a> {
    pub(super) client: &'a str,
    pub(super) user: Option<&'a str>,
    /// `None` where the level does not report it.
    pub(super) start: Option<i64>,
}

impl Seen<'_> {
    /// The order that [`find_same`] wants.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key()).then_with(|| self.start.cmp(&other.start))
    }

    fn key(&self) -> (&str, Option<&str>) {
        (self.client, self.user)
    }
}

/// The time between two answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Between {
    /// The time of the second answer.
    pub(super) at: i64,
    /// Milliseconds from the first answer to the second.
    pub(super) elapsed: i64,
}

impl Between {
    fn tolerance(self) -> i64 {
        JITTER.saturating_add(self.elapsed.max(0) / DRIFT)
    }
}

/// What was found: for each new session the index of the old one that it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Same {
    pub(super) old_of_new: Vec<Option<usize>>,
    /// How far the clock of the server, or of this machine, was set: starts are this much later than before.
    pub(super) shift: i64,
}

/// Finds the sessions that are in both answers. Both slices are in the [order](Seen::order) of `Seen`.
///
/// As many as can be the same are: a session that ended and one like it that began between two answers are two only if
/// their starts say.
pub(super) fn find_same(old: &[Seen<'_>], new: &[Seen<'_>], between: Between) -> Same {
    let groups = groups(old, new);
    let shift = shift(old, new, &groups, between);
    let tolerance = between.tolerance();
    let mut old_of_new = vec![None; new.len()];
    for (olds, news) in groups {
        let (mut i, mut j) = (olds.start, news.start);
        while i < olds.end && j < news.end {
            let (Some(before), Some(after)) = (old.get(i), new.get(j)) else { break };
            let gap = match (before.start, after.start) {
                // A server lists a session whose start is in the future with zero seconds.
                (Some(before), Some(after)) => {
                    after.saturating_sub(before.saturating_add(shift).min(between.at))
                }
                _ => 0,
            };
            if gap > tolerance {
                i = i.saturating_add(1);
            } else if gap < tolerance.saturating_neg() {
                j = j.saturating_add(1);
            } else {
                if let Some(found) = old_of_new.get_mut(j) {
                    *found = Some(i);
                }
                i = i.saturating_add(1);
                j = j.saturating_add(1);
            }
        }
    }
    Same { old_of_new, shift }
}

/// How far a clock was set between two answers.
///
/// Read from the clients and users with exactly one session in both answers. A session that may have begun in between
/// says nothing: somebody who connects again looks like a clock that was set back.
fn shift(
    old: &[Seen<'_>],
    new: &[Seen<'_>],
    groups: &[(Range<usize>, Range<usize>)],
    between: Between,
) -> i64 {
    let tolerance = between.tolerance();
    let begun_since = between.at.saturating_sub(between.elapsed.max(0)).saturating_sub(tolerance);
    let single = |range: &Range<usize>| if range.len() == 1 { Some(range.start) } else { None };
    let mut gaps: Vec<i64> = groups
        .iter()
        .filter_map(|(olds, news)| {
            let before = old.get(single(olds)?)?.start?;
            let after = new.get(single(news)?)?.start?;
            (after < begun_since).then(|| after.saturating_sub(before))
        })
        .collect();
    gaps.sort_unstable();
    let Some(&median) = gaps.get(gaps.len() / 2) else { return 0 };
    let agree = gaps.iter().filter(|gap| gap.saturating_sub(median).saturating_abs() <= tolerance).count();
    let is_set = median.saturating_abs() > tolerance && agree.saturating_mul(2) > gaps.len();
    if is_set { median } else { 0 }
}

/// The ranges of each client and user that is in both.
fn groups(old: &[Seen<'_>], new: &[Seen<'_>]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut groups = Vec::new();
    let (mut i, mut j) = (0, 0);
    while let (Some(before), Some(after)) = (old.get(i), new.get(j)) {
        match before.key().cmp(&after.key()) {
            Ordering::Less => i = end_of_group(old, i),
            Ordering::Greater => j = end_of_group(new, j),
            Ordering::Equal => {
                let ends = (end_of_group(old, i), end_of_group(new, j));
                groups.push((i..ends.0, j..ends.1));
                (i, j) = ends;
            }
        }
    }
    groups
}

fn end_of_group(seen: &[Seen<'_>], start: usize) -> usize {
    let Some((first, rest)) = seen.get(start..).and_then(<[_]>::split_first) else { return seen.len() };
    let more = rest.iter().take_while(|other| other.key() == first.key()).count();
    start.saturating_add(1).saturating_add(more)
}
