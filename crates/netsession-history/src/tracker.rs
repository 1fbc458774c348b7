//! What is there on one server: a pure fold of its rounds, without I/O and without a clock of its own.

use std::time::Duration;

use crate::interval::GapCause;
use crate::matching::{Listed, Open, match_up};
use crate::round::{File, Outcome, Round, Session};
use crate::seconds::from_time;

/// The wall clock and the uptime may differ by less from round to round: an NTP client slews by far less.
const MAX_SLEW: u64 = 2;
/// No session is connected for longer: what a server reports beyond it is a counter that went wrong.
const MAX_CONNECTED: u64 = 20 * 366 * 86_400;
/// After a longer gap nothing is taken for the same without a beginning that shows it: the number of a file may be
/// another one's by then, and a clock that was set forth while nothing was recorded looks like a long gap.
const MAX_GAP_WITHOUT_START: u64 = 86_400;

/// When a session or a file was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: u64,
    pub(crate) from_exact: bool,
    /// The first time without it if `until_exact`, else the last time with it.
    pub(crate) until: u64,
    pub(crate) until_exact: bool,
    /// When it was gone for certain; `until` if that is exact.
    pub(crate) gone: u64,
}

/// What a round changes in the store, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    SessionBegan(Open<Session>),
    SessionEnded {
        id: u32,
        span: Span,
        item: Session,
    },
    FileBegan(Open<File>),
    FileEnded {
        id: u32,
        span: Span,
        item: File,
    },
    Gap {
        id: u32,
        from: u64,
        until: u64,
        cause: GapCause,
    },
    /// Always the last one of a round.
    Server(ServerTimes),
}

/// What is stored of a server beside its intervals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ServerTimes {
    pub(crate) first: Option<u64>,
    pub(crate) last: Option<u64>,
    /// Of the last answer that had files.
    pub(crate) last_files: Option<u64>,
    pub(crate) failing: Option<(u64, String)>,
    /// Since when it lists sessions and no files, though it is asked for them.
    pub(crate) files_failing: Option<(u64, String)>,
}

/// Numbers of intervals and gaps, never given again.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    pub(crate) next: u32,
}

impl Ids {
    fn take(&mut self) -> u32 {
        let id = self.next;
        // 4 billion intervals are more than a file holds.
        self.next = self.next.saturating_add(1);
        id
    }
}

/// One server.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    pub(crate) times: ServerTimes,
    pub(crate) sessions: Vec<Open<Session>>,
    pub(crate) files: Vec<Open<File>>,
    /// The uptime of the last round and its time.
    clock: Option<(Duration, u64)>,
    /// Whether a round came since the recorder began.
    has_round: bool,
}

/// How two answers of a server follow each other.
enum Step {
    First,
    Next,
    After(GapCause),
    ClockSet,
}

impl Tracker {
    /// What is stored of a server: it was not asked since.
    pub(crate) fn resumed(times: ServerTimes, sessions: Vec<Open<Session>>, files: Vec<Open<File>>) -> Self {
        Self { times, sessions, files, clock: None, has_round: false }
    }

    /// Takes what the server answered, or that it did not. `late` is the time after which an answer leaves a gap.
    pub(crate) fn apply(&mut self, round: Round, late: Duration, ids: &mut Ids) -> Vec<Change> {
        let time = from_time(round.time);
        let mut changes = Vec::new();
        match round.outcome {
            Outcome::Failed(cause) => {
                if self.times.failing.is_none() {
                    self.times.failing = Some((time.max(self.times.last.unwrap_or(0)), cause));
                }
            }
            Outcome::Answered { sessions, files } => {
                let (step, time) = self.step(time, round.uptime, late);
                self.answered(&step, time, sessions, files, ids, &mut changes);
                self.clock = round.uptime.map(|uptime| (uptime, time));
                self.has_round = true;
            }
        }
        changes.push(Change::Server(self.times.clone()));
        changes
    }

    fn step(&self, time: u64, uptime: Option<Duration>, late: Duration) -> (Step, u64) {
        let Some(last) = self.times.last else { return (Step::First, time) };
        let elapsed = time.saturating_sub(last);
        // A file that lived through a clock that was wrong in the future is one of these, too.
        let was_set_back = last.saturating_sub(time) > MAX_SLEW;
        let was_set = match (self.clock, uptime) {
            (Some((before, since)), Some(now)) => {
                let by_uptime = now.saturating_sub(before).as_secs();
                since.saturating_add(by_uptime).abs_diff(time) > MAX_SLEW
            }
            _ => false,
        };
        // By a second or two it moves back without harm: time stands still then.
        let step = if was_set_back || was_set {
            return (Step::ClockSet, time);
        } else if let Some((_, cause)) = &self.times.failing {
            Step::After(GapCause::Failed(cause.clone()))
        } else if !self.has_round {
            Step::After(GapCause::NotRecorded)
        } else if elapsed > late.as_secs() {
            Step::After(GapCause::Late)
        } else {
            Step::Next
        };
        (step, time.max(last))
    }

    fn answered(
        &mut self,
        step: &Step,
        time: u64,
        sessions: Vec<Session>,
        files: Option<Result<Vec<File>, String>>,
        ids: &mut Ids,
        changes: &mut Vec<Change>,
    ) {
        let (last, last_files) = (self.times.last, self.times.last_files);
        if let Some(last) = last {
            let cause = match step {
                Step::After(cause) => Some(cause.clone()),
                Step::ClockSet => Some(GapCause::ClockSet),
                Step::First | Step::Next => None,
            };
            changes.extend(cause.map(|cause| Change::Gap {
                id: ids.take(),
                from: last.min(time),
                until: last.max(time),
                cause,
            }));
        }
        advance(&mut self.sessions, sessions, step, last, time, ids, |change| match change {
            Moved::Began(open) => changes.push(Change::SessionBegan(open)),
            Moved::Ended { id, span, item } => changes.push(Change::SessionEnded { id, span, item }),
        });
        let was_failing = self.times.files_failing.take();
        let files_failing = match &files {
            // From the last answer with files, if that was the one before.
            Some(Err(cause)) => Some(was_failing.clone().unwrap_or_else(|| {
                (last_files.filter(|_| last_files == last).unwrap_or(time).min(time), cause.clone())
            })),
            _ => None,
        };
        if let (Some((since, cause)), None) = (was_failing, &files_failing) {
            let cause = GapCause::FilesFailed(cause);
            let (from, until) = (since.min(time), since.max(time));
            changes.push(Change::Gap { id: ids.take(), from, until, cause });
        }
        let is_refused = files_failing.is_some();
        let files = files.and_then(Result::ok);
        let has_files = files.is_some();
        // Files that are not asked for any more ended at an unknown time after the last answer that had them. Those that
        // the server does not list stay, as sessions do where it does not answer.
        if has_files || !is_refused && !self.files.is_empty() {
            let without = Step::After(GapCause::NotRecorded);
            // Without files in the last answer, it is the first one that has them.
            let file_step = match (has_files, last_files == last) {
                (true, true) => step,
                (true, false) if last_files.is_none() => &Step::First,
                _ => &without,
            };
            advance(&mut self.files, files.unwrap_or_default(), file_step, last_files, time, ids, |change| {
                match change {
                    Moved::Began(open) => changes.push(Change::FileBegan(open)),
                    Moved::Ended { id, span, item } => changes.push(Change::FileEnded { id, span, item }),
                }
            });
        }
        let first = self.times.first.map_or(time, |first| first.min(time));
        let last_files = if has_files { Some(time) } else { last_files };
        self.times =
            ServerTimes { first: Some(first), last: Some(time), last_files, failing: None, files_failing };
    }
}

enum Moved<T> {
    Began(Open<T>),
    Ended { id: u32, span: Span, item: T },
}

/// From what was there to what is there.
fn advance<T: Listed + Clone>(
    open: &mut Vec<Open<T>>,
    seen: Vec<T>,
    step: &Step,
    last: Option<u64>,
    time: u64,
    ids: &mut Ids,
    mut report: impl FnMut(Moved<T>),
) {
    let (ended, new) = if matches!(step, Step::ClockSet) {
        // The beginnings of before and of now are by different clocks: nothing can be paired.
        (std::mem::take(open), seen)
    } else {
        let is_long = last.is_some_and(|last| time.saturating_sub(last) > MAX_GAP_WITHOUT_START);
        let mut ended: Vec<_> = open.extract_if(.., |open| is_long && open.start.is_none()).collect();
        let unmatched = match_up(open, seen, last.unwrap_or(time), time);
        ended.extend(unmatched.ended);
        (ended, unmatched.new)
    };
    for old in ended {
        let last = last.unwrap_or(time);
        let (until, until_exact, gone) = match step {
            Step::Next => (time, true, time),
            Step::First | Step::After(_) => (last, false, time),
            Step::ClockSet => (last, false, last),
        };
        let until = until.max(old.from);
        let span =
            Span { from: old.from, from_exact: old.from_exact, until, until_exact, gone: gone.max(until) };
        report(Moved::Ended { id: old.id, span, item: old.item });
    }
    for mut item in new {
        let start = item.start(time).filter(|start| time.saturating_sub(*start) <= MAX_CONNECTED);
        let (from, from_exact) = match (step, start, last) {
            (Step::First, Some(start), _) => (start.min(time), true),
            // It was not in the last answer: what began before that had its clock set, or came back.
            (Step::Next | Step::After(_), Some(start), Some(last)) => {
                (start.clamp(last.min(time), time), start.saturating_add(MAX_SLEW) >= last)
            }
            (Step::Next, None, _) => (time, true),
            _ => (time, false),
        };
        let id = ids.take();
        open.push(Open { id, from, from_exact, start, item: item.clone() });
        item.forget_progress();
        report(Moved::Began(Open { id, from, from_exact, start, item }));
    }
}

#[cfg(test)]
mod tests;
