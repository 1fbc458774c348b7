use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::error::Error;
use crate::interval::GapCause;
use crate::round::Round;
use crate::seconds::from_time;
use crate::settings::Settings;
use crate::size_limit::{Remedy, SizeLimit};
use crate::store::{
    Dropped, Fault, FileId, Keep, Lock, Row, Store, ask, find_requests, remove_answers, remove_leftover,
    rewrite,
};
use crate::tracker::{Change, Ids, Tracker};

const DAY: Duration = Duration::from_secs(86_400);
/// A file below this is left as it is.
const WORTH_COMPACTING: u64 = 8 << 20;

/// What was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Erased {
    /// Intervals of sessions.
    pub sessions: u64,
    /// Intervals of files.
    pub files: u64,
}

impl From<Dropped> for Erased {
    fn from(dropped: Dropped) -> Self {
        Self { sessions: dropped.sessions, files: dropped.files }
    }
}

/// Records into a store: the only process that does.
///
/// [`Recorder::add`] takes what servers answered, and [`Recorder::commit`] writes it, all or nothing. If that fails it is
/// kept for the next commit.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use netsession_history::{History, Outcome, Query, Recorder, Round, Session, Settings};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let store = folder.path().join("history");
/// let mut alice = Session::new("10.0.0.5");
/// alice.user = Some("alice".into());
/// alice.connected = Some(Duration::from_secs(3600));
/// let now = SystemTime::now();
/// let mut recorder = Recorder::open(&store, Settings::default())?;
/// recorder.add(Round::new("fs1", now, Outcome::answered(vec![alice], None)));
/// recorder.commit()?;
///
/// // Another process may ask meanwhile.
/// let mut history = History::open(&store)?;
/// let half_an_hour_ago = now - Duration::from_secs(1800);
/// let sessions = history.sessions(&Query::at(half_an_hour_ago))?;
/// assert_eq!(sessions[0].item.user.as_deref(), Some("alice"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    settings: Settings,
    /// `None` after a write failed: the database accepts nothing until it is opened again.
    store: Option<Store>,
    /// The file that was opened.
    file: FileId,
    _lock: Lock,
    servers: HashMap<String, (u32, Tracker)>,
    ids: Ids,
    /// What is not written yet: servers by name, everything else in order, by the number of its server.
    changes: Vec<(u32, Vec<Change>)>,
    changed_servers: BTreeSet<String>,
    next_daily: Instant,
    size_limit: SizeLimit,
}

impl Recorder {
    /// Opens a store, or makes one: mode 0600. A file that was not closed is repaired, and every page is checked.
    ///
    /// # Errors
    /// Another process records; the path is no file, or no store, or one of a newer version; the file is damaged; the
    /// system refuses.
    pub fn open(path: impl Into<PathBuf>, settings: Settings) -> Result<Self, Error> {
        let path = path.into();
        // Before a lock file is made beside what is no store.
        crate::store::check(&path)?;
        let lock = Lock::take(&path)?;
        remove_leftover(&path);
        remove_answers(&path);
        let store = Store::open(&path, true)?;
        let file = FileId::read(&path)?;
        let (next, stored) = store.load().map_err(|fault| fault.in_file(&path, "read"))?;
        let newest = stored.iter().filter_map(|server| server.times.last).max();
        let servers = stored.into_iter().map(|server| {
            let tracker = Tracker::resumed(server.times, server.sessions, server.files);
            (server.name, (server.number, tracker))
        });
        let servers = servers.collect();
        // If everything looks too old, the clock may be wrong: nothing is erased on its first word.
        let now = from_time(SystemTime::now());
        let is_odd = settings
            .retain
            .is_some_and(|retain| newest.is_some_and(|newest| now.saturating_sub(newest) > retain.as_secs()));
        let next_daily = if is_odd { later(Instant::now()) } else { Instant::now() };
        Ok(Self {
            path,
            settings,
            store: Some(store),
            file,
            _lock: lock,
            servers,
            ids: Ids { next },
            changes: Vec::new(),
            changed_servers: BTreeSet::new(),
            next_daily,
            size_limit: SizeLimit::default(),
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the store by other settings from now on. What is older than a shorter `retain` is erased within a day.
    pub fn set_settings(&mut self, settings: Settings) {
        self.settings = settings;
        self.size_limit = SizeLimit::default();
    }

    /// Takes what a server answered, or that it did not. It is written by [`Recorder::commit`].
    pub fn add(&mut self, round: Round) {
        // Servers are never removed, so that their numbers are those before their count.
        let number = u32::try_from(self.servers.len()).unwrap_or(u32::MAX);
        let name = round.server.clone();
        let (number, tracker) =
            self.servers.entry(name.clone()).or_insert_with(|| (number, Tracker::default()));
        // As they are: of a first round there is a change for each session.
        let mut changes = tracker.apply(round, self.settings.late(), &mut self.ids);
        let is_set = |change: &Change| matches!(change, Change::Gap { cause: GapCause::ClockSet, .. });
        if changes.iter().any(is_set) {
            self.next_daily = later(Instant::now());
        }
        changes.retain(|change| !matches!(change, Change::Server(_)));
        if !changes.is_empty() {
            // While the disk is full there is one of these for each round.
            changes.shrink_to_fit();
            self.changes.push((*number, changes));
        }
        self.changed_servers.insert(name);
    }

    /// Writes what was added, in one transaction.
    ///
    /// # Errors
    /// The system refuses: [`Error::is_disk_full`] reports whether space is missing. Nothing is lost: the next commit
    /// writes it. [`Error::Replaced`] stays: the file is not the one any more that was opened.
    pub fn commit(&mut self) -> Result<(), Error> {
        // Also before a rewrite, which would take the place of the other file.
        if FileId::read(&self.path)? != self.file {
            return Err(Error::Replaced(self.path.clone()));
        }
        if self.changed_servers.is_empty() && self.changes.is_empty() {
            return Ok(());
        }
        let store = match self.store.take() {
            Some(store) => store,
            None => Store::open(&self.path, false)?,
        };
        let servers = self.changed_servers.iter().filter_map(|name| {
            self.servers.get(name).map(|(number, tracker)| (*number, name.as_str(), &tracker.times))
        });
        let changes =
            self.changes.iter().flat_map(|(server, changes)| changes.iter().map(|change| (*server, change)));
        match store.write(changes, servers, self.ids.next) {
            Ok(()) => {
                let written: usize = self.changes.iter().map(|(_, changes)| changes.len()).sum();
                self.size_limit.written(written);
                // Not cleared: nothing keeps the room of a large round.
                self.changes = Vec::new();
                self.changed_servers.clear();
                self.store = Some(store);
                Ok(())
            }
            // The store is dropped: after a failed write it refuses everything.
            Err(fault) => Err(fault.in_file(&self.path, "write")),
        }
    }

    /// Erases what is too old or too much, and what other processes ask to erase. Call it after each commit: most times
    /// it has nothing to do. `matches` reports whether a stored user is the one that a request names.
    ///
    /// # Errors
    /// As [`Recorder::commit`]. The store stays as it was.
    pub fn maintain(&mut self, matches: impl Fn(&str, &str) -> bool) -> Result<Erased, Error> {
        let mut erased = Erased::default();
        for request in find_requests(&self.path) {
            let found = self.forget(|user| matches(&request.user, user))?;
            request.answer(found.sessions.saturating_add(found.files));
            erased.sessions = erased.sessions.saturating_add(found.sessions);
            erased.files = erased.files.saturating_add(found.files);
        }
        if self.next_daily <= Instant::now() {
            self.retain()?;
            self.compact()?;
            self.next_daily = later(Instant::now());
        }
        self.limit_size()?;
        Ok(erased)
    }

    /// Erases every interval of the users that match. The file has no byte of their names any more. A user who is
    /// connected is recorded again from the next answer on.
    ///
    /// # Errors
    /// As [`Recorder::commit`].
    pub fn forget(&mut self, matches: impl Fn(&str) -> bool) -> Result<Erased, Error> {
        self.commit()?;
        let dropped = self.rewrite(Keep { since: 0, forget: Some(&matches) })?;
        let is_kept = |user: Option<&str>| !user.is_some_and(&matches);
        for (_, tracker) in self.servers.values_mut() {
            tracker.sessions.retain(|open| is_kept(open.item.user()));
            tracker.files.retain(|open| is_kept(open.item.user()));
        }
        Ok(dropped.into())
    }

    fn retain(&mut self) -> Result<(), Error> {
        let Some(retain) = self.settings.retain else { return Ok(()) };
        let since = from_time(SystemTime::now()).saturating_sub(retain.as_secs());
        if self.read(|store| store.has_ended_before(since))? {
            self.commit()?;
            self.rewrite(Keep { since, forget: None })?;
        }
        Ok(())
    }

    /// The pages of a file that is written in many small rounds are half empty, and a part of them is free.
    fn compact(&mut self) -> Result<(), Error> {
        let length = self.file_length();
        if length < WORTH_COMPACTING || length / 2 < self.read(Store::stored_bytes)?.content {
            return Ok(());
        }
        self.commit()?;
        self.rewrite(Keep { since: 0, forget: None }).map(drop)
    }

    fn file_length(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    /// Whether what is connected and open now takes nearly all of [`Settings::max_size`], or more: it is kept, so that the
    /// file is larger than its bound, and nothing of what ended is.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.size_limit.is_full()
    }

    fn limit_size(&mut self) -> Result<(), Error> {
        let length = self.file_length();
        let Some(max_size) = self.size_limit.exceeded(self.settings.max_size, length) else { return Ok(()) };
        let stored = self.read(Store::stored_bytes)?;
        let since = match self.size_limit.remedy(max_size, length, stored) {
            None => return Ok(()),
            Some(Remedy::Rewrite) => 0,
            Some(Remedy::Newest(part)) => {
                let since = self.read(|store| store.newest_part(part))?;
                // An hour that has not ended is later than every answer: all servers would look silent.
                since.min(self.newest_answer())
            }
        };
        self.commit()?;
        self.rewrite(Keep { since, forget: None })?;
        let pages = self.read(Store::stored_bytes)?.pages;
        self.size_limit.rewritten(pages, self.file_length());
        Ok(())
    }

    fn newest_answer(&self) -> u64 {
        self.servers.values().filter_map(|(_, tracker)| tracker.times.last).max().unwrap_or(0)
    }

    fn read<T>(&mut self, read: impl FnOnce(&Store) -> Result<T, Fault>) -> Result<T, Error> {
        let store = match self.store.take() {
            Some(store) => store,
            None => Store::open(&self.path, false)?,
        };
        let value = read(&store).map_err(|fault| fault.in_file(&self.path, "read"));
        self.store = Some(store);
        value
    }

    fn rewrite(&mut self, keep: Keep<'_>) -> Result<Dropped, Error> {
        let store = match self.store.take() {
            Some(store) => store,
            None => Store::open(&self.path, false)?,
        };
        let (store, dropped) = rewrite(&self.path, store, keep);
        self.store = store;
        if dropped.is_ok() {
            // As the rewrite does: what was there when a server answered last went with that answer.
            let is_silent = |tracker: &Tracker| tracker.times.last.is_some_and(|last| last < keep.since);
            for (_, tracker) in self.servers.values_mut().filter(|(_, tracker)| is_silent(tracker)) {
                tracker.sessions.clear();
                tracker.files.clear();
            }
        }
        // Also after an error: the new file may have its name and not be open.
        self.file = FileId::read(&self.path)?;
        dropped
    }
}

fn later(now: Instant) -> Instant {
    now.checked_add(DAY).unwrap_or(now)
}

/// Erases a user: asks the process that records, or does it where none does. `matches` reports whether a stored user is
/// the one that `user` names; the process that records has its own.
///
/// # Errors
/// As [`Recorder::open`]; [`Error::Unanswered`] if the process that records does not get to it within `patience`.
pub fn forget(
    path: &Path,
    user: &str,
    matches: impl Fn(&str) -> bool,
    patience: Duration,
) -> Result<u64, Error> {
    if !crate::store::check(path)? {
        return Err(Error::Missing(path.into()));
    }
    // The recorder would make a store of it.
    if crate::store::is_empty(path)? {
        return Err(Error::NotAStore(path.into()));
    }
    loop {
        match Recorder::open(path, Settings::default()) {
            Ok(mut recorder) => {
                let erased = recorder.forget(&matches)?;
                // Of somebody who asked a process that records, and gave up.
                for request in find_requests(path).into_iter().filter(|request| request.user == user) {
                    request.take_back();
                }
                return Ok(erased.sessions.saturating_add(erased.files));
            }
            Err(Error::InUse { .. }) => {}
            Err(error) => return Err(error),
        }
        // It may have ended meanwhile.
        if let Some(erased) = ask(path, user, patience)? {
            return Ok(erased);
        }
    }
}
