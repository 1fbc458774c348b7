//! What is known of one server.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, SystemTime};

use netsession::Level;

use super::rate::Rate;
use super::update::{Event, Failure, FileItem, SessionItem, Update};

/// How long a new row is marked.
const NEW: Duration = Duration::from_secs(8);
/// How long a row that is gone is still shown.
const GONE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Server {
    /// As it was given.
    pub(super) name: String,
    /// When it answered last; none before its first answer.
    pub(super) answered: Option<SystemTime>,
    pub(super) failure: Option<Failure>,
    pub(super) is_last: bool,
    pub(super) took: Duration,
    pub(super) level: Option<Level>,
    pub(super) sessions: Rows<SessionItem>,
    pub(super) files: Rows<FileItem>,
    /// Whether the files are known.
    pub(super) has_files: bool,
    pub(super) files_failure: Option<Failure>,
    pub(super) rate: Rate,
    /// Hashes of the different users, by their names in lower case; sorted. None at level 0, which has no users.
    pub(super) users: Option<Vec<u64>>,
    /// Open files, devices and pipes of all sessions; none at levels 0 and 10, which do not count them.
    pub(super) opens: Option<u64>,
    /// Whether some session of it was idle once.
    was_idle: bool,
}

/// The rows of a server, with those that have just come and gone.
#[derive(Debug)]
pub(super) struct Rows<T> {
    pub(super) known: Vec<T>,
    /// Until when they are shown.
    pub(super) gone: Vec<(T, SystemTime)>,
    /// Until when they are marked, by id.
    new: HashMap<u64, SystemTime>,
}

impl Server {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            answered: None,
            failure: None,
            is_last: false,
            took: Duration::ZERO,
            level: None,
            sessions: Rows::new(),
            files: Rows::new(),
            has_files: false,
            files_failure: None,
            rate: Rate::default(),
            users: None,
            opens: None,
            was_idle: false,
        }
    }

    /// Takes a refresh, and gives its events back.
    pub(super) fn apply(&mut self, update: Update) -> Vec<Event> {
        let Update { time, took, level, failure, is_last, sessions, files, files_failure, events, .. } =
            update;
        if failure.is_none() {
            self.answered = Some(time);
        }
        (self.failure, self.is_last, self.took) = (failure, is_last, took);
        self.level = level.or(self.level);
        self.files_failure = files_failure;
        let is_idle = |item: &SessionItem| item.session.idle().is_some_and(|idle| !idle.is_zero());
        self.was_idle |= sessions.iter().any(is_idle);
        self.opens = sessions.iter().map(|item| item.session.opens().map(u64::from)).sum();
        self.users = (self.level != Some(Level::L0)).then(|| users(&sessions));
        self.sessions.known = sessions;
        self.has_files = files.is_some();
        self.files.known = files.unwrap_or_default();
        for event in &events {
            match event {
                Event::Connected(session) => self.sessions.came(session.id, time),
                Event::Disconnected(session) => self.sessions.went(session.clone(), time),
                Event::Opened(file) => self.files.came(file.id, time),
                Event::Closed(file) => self.files.went(file.clone(), time),
                Event::Unreachable(_) | Event::Reachable => {}
            }
        }
        self.rate.add(events.len(), time);
        events
    }

    /// Whether the idle times are worth showing: Samba sends 0 for every session (docs/sessions.md). It has level 1 and
    /// no richer one. A server with level 1 that reports them shows it by the first session that is idle.
    pub(super) fn tells_idle(&self) -> bool {
        self.was_idle || self.level != Some(Level::L1)
    }

    /// One word for how it is.
    pub(super) fn state(&self) -> &'static str {
        match (&self.failure, self.answered) {
            (Some(failure), _) => failure.kind.as_str(),
            (None, Some(_)) if self.files_failure.is_some() => "files refused",
            (None, Some(_)) => "ok",
            (None, None) => "waiting",
        }
    }

    /// Drops marks and rows whose time is over; whether there were some.
    pub(super) fn forget(&mut self, now: SystemTime) -> bool {
        let sessions = self.sessions.forget(now);
        self.files.forget(now) || sessions
    }
}

impl<T> Rows<T> {
    fn new() -> Self {
        Self { known: Vec::new(), gone: Vec::new(), new: HashMap::new() }
    }

    pub(super) fn is_new(&self, id: u64) -> bool {
        self.new.contains_key(&id)
    }

    fn came(&mut self, id: u64, time: SystemTime) {
        if let Some(until) = time.checked_add(NEW) {
            self.new.insert(id, until);
        }
    }

    fn went(&mut self, item: T, time: SystemTime) {
        if let Some(until) = time.checked_add(GONE) {
            self.gone.push((item, until));
        }
    }

    fn forget(&mut self, now: SystemTime) -> bool {
        let before = self.new.len().saturating_add(self.gone.len());
        self.new.retain(|_, until| *until > now);
        self.gone.retain(|(_, until)| *until > now);
        self.new.len().saturating_add(self.gone.len()) != before
    }
}

/// Servers differ in how they write the same user.
fn users(sessions: &[SessionItem]) -> Vec<u64> {
    let names = sessions.iter().filter_map(|item| item.session.user()).filter(|name| !name.is_empty());
    let mut hashes: Vec<u64> = names.map(hash_ignoring_case).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn hash_ignoring_case(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.chars().flat_map(char::to_lowercase).for_each(|c| c.hash(&mut hasher));
    hasher.finish()
}
