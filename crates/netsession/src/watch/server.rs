use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::change::{Change, Ended, WatchEvent};
use super::matching::{Between, Seen, find_same};
use super::refresh::{Refresh, Snapshot};
use super::watched::{WatchedFile, WatchedSession};
use crate::error::Error;
use crate::{FileListing, Level, Listing, MemoryShare, OpenFile, Session};

/// What is known of one server: its refreshes, put together. No clock and no connection: the same refreshes give the
/// same changes.
///
/// The protocol has no number for a session. Two sessions of two answers are the same if client and user are, and the
/// starts are within 2 s, plus a thousandth of the time between the answers; a clock that was set, the server's or this
/// machine's, moves all starts and is seen as that. Equal ones are counted. A file is its number, path and user.
#[derive(Debug, Default)]
pub struct WatchedServer {
    idle: Option<Duration>,
    /// In the order of `Seen`.
    sessions: Vec<WatchedSession>,
    /// By number, path and user.
    files: Option<Vec<WatchedFile>>,
    files_error: Option<Error>,
    error: Option<Error>,
    level: Option<Level>,
    files_level: Option<u32>,
    answered: Option<SystemTime>,
    since: Option<SystemTime>,
    ids: u64,
    /// What sessions and files take of the budget.
    memory: (MemoryShare, MemoryShare),
}

/// The times of two answers.
#[derive(Clone, Copy)]
struct Span {
    ended: Ended,
    between: Between,
    is_first: bool,
}

impl WatchedServer {
    /// A server of which nothing is known. A session counts as idle from `idle` on; never, if `None`.
    #[must_use]
    pub fn new(idle: Option<Duration>) -> Self {
        Self { idle, ..Self::default() }
    }

    /// Takes a refresh, and reports what it changes.
    ///
    /// The first answer is where the watch begins, and no change; neither is the first one at a level that reports
    /// other things. A failure is at most [`WatchEvent::Unreachable`]: sessions and files stay as they were last known.
    pub fn apply(&mut self, refresh: Refresh) -> Vec<Change> {
        let time = refresh.time;
        let mut events = Vec::new();
        match refresh.result {
            Err(error) => {
                if self.error.is_none() {
                    self.since = Some(time);
                    events.push(WatchEvent::Unreachable(error.clone()));
                }
                self.error = Some(error);
            }
            Ok(snapshot) => {
                let span = self.span(time);
                if self.error.take().is_some() {
                    events.push(WatchEvent::Reachable);
                    self.since = Some(time);
                }
                self.since.get_or_insert(time);
                self.answered = Some(time);
                self.take(snapshot, span, &mut events);
            }
        }
        events.into_iter().map(|event| Change { time, event }).collect()
    }

    /// The sessions of the last answer, by client, user and start.
    #[must_use]
    pub fn sessions(&self) -> &[WatchedSession] {
        &self.sessions
    }

    /// The open files of the last answer that reported them, by number. `None` where none did.
    #[must_use]
    pub fn files(&self) -> Option<&[WatchedFile]> {
        self.files.as_deref()
    }

    /// Why the last answer had no files, though they were asked for.
    #[must_use]
    pub fn files_error(&self) -> Option<&Error> {
        self.files_error.as_ref()
    }

    /// Why the server does not answer. `None` if it does, or was not asked yet.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// The level of the last answer.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.level
    }

    /// The level of the last answer with files: 3, or 2 (ids alone).
    #[must_use]
    pub fn files_level(&self) -> Option<u32> {
        self.files_level
    }

    /// When the last answer was complete.
    #[must_use]
    pub fn answered(&self) -> Option<SystemTime> {
        self.answered
    }

    /// Since when it answers, or does not.
    #[must_use]
    pub fn since(&self) -> Option<SystemTime> {
        self.since
    }

    fn span(&self, time: SystemTime) -> Span {
        let after = self.answered.unwrap_or(time);
        let at = millis(time);
        Span {
            ended: Ended { after: after.min(time), before: time, is_exact: self.error.is_none() },
            between: Between { at, elapsed: at.saturating_sub(millis(after)) },
            is_first: self.answered.is_none(),
        }
    }

    fn take(&mut self, snapshot: Snapshot, span: Span, events: &mut Vec<WatchEvent>) {
        self.take_sessions(snapshot.sessions, span, events);
        match snapshot.files {
            None => (self.files, self.files_error) = (None, None),
            Some(Ok(files)) => {
                self.files_error = None;
                self.take_files(files, span, events);
            }
            Some(Err(error)) => self.files_error = Some(error),
        }
    }

    fn take_sessions(&mut self, listing: Listing, span: Span, events: &mut Vec<WatchEvent>) {
        let Span { between, ended, is_first } = span;
        let level = listing.level();
        // Level 0 has no users and no times: nothing of it can be compared with another level.
        let is_first = is_first || self.level.is_some_and(|old| (old == Level::L0) != (level == Level::L0));
        self.level = Some(level);
        let memory = listing.memory();
        let own = listing.own();
        let mut new: Vec<(Session, bool)> =
            listing.into_iter().enumerate().map(|(index, session)| (session, Some(index) == own)).collect();
        new.sort_by(|(a, _), (b, _)| seen(a, between.at).order(&seen(b, between.at)));
        let old = std::mem::take(&mut self.sessions);
        let seen_old: Vec<_> = old.iter().map(WatchedSession::seen).collect();
        let seen_new: Vec<_> = new.iter().map(|(session, _)| seen(session, between.at)).collect();
        let same = find_same(&seen_old, &seen_new, between);
        let starts: Vec<_> = seen_new.iter().map(|seen| seen.start).collect();
        drop(seen_old);
        drop(seen_new);
        let mut old: Vec<Option<WatchedSession>> = old.into_iter().map(Some).collect();
        let mut begun = Vec::new();
        for (((session, is_own), start), index) in new.into_iter().zip(starts).zip(same.old_of_new) {
            let before = index.and_then(|index| old.get_mut(index)).and_then(Option::take);
            let is_idle = self.is_idle(&session);
            let session = match before {
                Some(before) => {
                    let clamped = start.filter(|_| session.connected() == Some(Duration::ZERO));
                    let watched = WatchedSession {
                        // One that a clock set back has made one of the future stays that, until its time comes.
                        server_start: match clamped {
                            Some(now) => {
                                before.server_start.map(|old| old.saturating_add(same.shift).max(now))
                            }
                            None => start,
                        },
                        session: unchanged_or_new(before.session, session),
                        is_own,
                        is_idle,
                        ..before
                    };
                    if is_idle != before.is_idle {
                        let event = if is_idle { WatchEvent::Idle } else { WatchEvent::Active };
                        events.push(event(watched.clone()));
                    }
                    watched
                }
                None => {
                    self.ids = self.ids.wrapping_add(1);
                    let watched = WatchedSession {
                        id: self.ids,
                        start: session.connected().and_then(|age| ended.before.checked_sub(age)),
                        session: Arc::new(session),
                        seen_since: ended.before,
                        is_own,
                        is_idle,
                        server_start: start,
                    };
                    begun.push(WatchEvent::Connected(watched.clone()));
                    watched
                }
            };
            self.sessions.push(session);
        }
        if !is_first {
            let gone = old.into_iter().flatten();
            events.extend(gone.map(|session| WatchEvent::Disconnected { session, ended }));
            events.extend(begun);
        }
        self.memory.0 = memory;
    }

    fn take_files(&mut self, listing: FileListing, span: Span, events: &mut Vec<WatchEvent>) {
        let ended = span.ended;
        self.memory.1 = listing.memory();
        self.files_level = Some(listing.level());
        let mut new: Vec<OpenFile> = listing.into_iter().collect();
        new.sort_by(|a, b| identity(a).cmp(&identity(b)));
        let is_first = self.files.is_none();
        let mut old = self.files.take().unwrap_or_default().into_iter().peekable();
        let mut files = Vec::with_capacity(new.len());
        let mut opened = Vec::new();
        for file in new {
            while let Some(gone) = old.next_if(|old| identity(&old.file) < identity(&file)) {
                events.push(WatchEvent::Closed { file: gone, ended });
            }
            match old.next_if(|old| identity(&old.file) == identity(&file)) {
                Some(before) => {
                    let file = unchanged_or_new(before.file, file);
                    files.push(WatchedFile { file, ..before });
                }
                None => {
                    self.ids = self.ids.wrapping_add(1);
                    let file = WatchedFile { id: self.ids, file: Arc::new(file), seen_since: ended.before };
                    opened.push(WatchEvent::Opened(file.clone()));
                    files.push(file);
                }
            }
        }
        events.extend(old.map(|file| WatchEvent::Closed { file, ended }));
        if !is_first {
            events.extend(opened);
        }
        self.files = Some(files);
    }

    fn is_idle(&self, session: &Session) -> bool {
        session.idle().zip(self.idle).is_some_and(|(idle, limit)| idle >= limit)
    }
}

impl WatchedSession {
    fn seen(&self) -> Seen<'_> {
        Seen { client: self.session.client(), user: self.session.user(), start: self.server_start }
    }
}

fn seen(session: &Session, at: i64) -> Seen<'_> {
    let age = |age: Duration| i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    let start = session.connected().map(|connected| at.saturating_sub(age(connected)));
    Seen { client: session.client(), user: session.user(), start }
}

/// A file is the same if these are.
fn identity(file: &OpenFile) -> (u32, Option<&str>, Option<&str>) {
    (file.id(), file.path(), file.user())
}

/// The old allocation where nothing has changed.
fn unchanged_or_new<T: PartialEq>(old: Arc<T>, new: T) -> Arc<T> {
    if *old == new { old } else { Arc::new(new) }
}

/// Since 1970.
fn millis(time: SystemTime) -> i64 {
    let signed = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => signed(after),
        Err(before) => signed(before.duration()).saturating_neg(),
    }
}
