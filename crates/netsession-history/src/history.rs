use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::SystemTime;

use crate::error::{Error, Holder};
use crate::interval::{Gap, GapCause, Interval, Server};
use crate::matching::Open;
use crate::round::{File, Session};
use crate::seconds::{MAX_SECONDS, from_time, to_time};
use crate::store::{Fault, Filter, Row, View, Wanted, Window};
use crate::tracker::{ServerTimes, Span};

/// Seconds: a server whose last answer is older than the newest answer of all by more than this is not recorded any more.
const RECENT: u64 = 600;

/// Tells whether a stored name is wanted.
type Matcher<'f> = Box<dyn Fn(&str) -> bool + 'f>;

/// What is asked of a store.
pub struct Query<'f> {
    /// Only what was there at this time or after it.
    since: SystemTime,
    /// Only what was there at this time or before it.
    until: SystemTime,
    server: Option<Matcher<'f>>,
    user: Option<Matcher<'f>>,
    client: Option<Matcher<'f>>,
}

impl Default for Query<'_> {
    fn default() -> Self {
        Self::between(to_time(0), to_time(MAX_SECONDS))
    }
}

impl std::fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Query")
            .field("since", &self.since)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

impl<'f> Query<'f> {
    /// What was there at a moment.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        Self::between(time, time)
    }

    /// What was there at any time between two.
    #[must_use]
    pub fn between(since: SystemTime, until: SystemTime) -> Self {
        Self { since, until, server: None, user: None, client: None }
    }

    /// Only servers whose name matches.
    #[must_use]
    pub fn server(self, matches: impl Fn(&str) -> bool + 'f) -> Self {
        Self { server: Some(Box::new(matches)), ..self }
    }

    /// Only users whose name matches; found by an index.
    #[must_use]
    pub fn user(self, matches: impl Fn(&str) -> bool + 'f) -> Self {
        Self { user: Some(Box::new(matches)), ..self }
    }

    /// Only clients whose name matches; found by an index.
    #[must_use]
    pub fn client(self, matches: impl Fn(&str) -> bool + 'f) -> Self {
        Self { client: Some(Box::new(matches)), ..self }
    }

    fn filter(&self) -> Filter<'_> {
        fn wanted<'w>(matches: Option<&'w Matcher<'_>>) -> Option<Wanted<'w>> {
            let matches: Wanted<'w> = &**matches?;
            Some(matches)
        }
        Filter {
            window: Window { from: from_time(self.since), until: from_time(self.until) },
            server: wanted(self.server.as_ref()),
            user: wanted(self.user.as_ref()),
            client: wanted(self.client.as_ref()),
        }
    }
}

/// A store that is read: as its last commit left it when it was opened, while another process records.
#[derive(Debug)]
pub struct History {
    path: std::path::PathBuf,
    view: View,
    /// The newest answer or failure of all servers.
    newest: u64,
}

impl History {
    /// Opens a store. Nothing is written, not even where a process was killed while it recorded: the repair is in memory.
    ///
    /// # Errors
    /// There is no such file, or it is no store, or one of a newer version, or it is damaged.
    ///
    /// # Panics
    /// The database trusts a file that was closed, and may panic where such a file is damaged. That is an error here as
    /// well, but in a program that aborts on panic: set a hook there (`std::panic::set_hook`) that says what happened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let view = contain(path, || View::open(path))?;
        let newest = |(_, times): (&str, &ServerTimes)| {
            times.last.max(times.failing.as_ref().map(|(since, _)| *since))
        };
        let newest = view.servers.iter().filter_map(newest).max().unwrap_or(0);
        Ok(Self { path: path.into(), view, newest })
    }

    /// The process that records into it.
    #[must_use]
    pub fn recorded_by(&self) -> Option<&Holder> {
        self.view.holder.as_ref()
    }

    /// The sessions, by server and by their beginning.
    ///
    /// # Errors
    /// The file is damaged, or cannot be read.
    pub fn sessions(&mut self, query: &Query<'_>) -> Result<Vec<Interval<Session>>, Error> {
        self.collect(query)
    }

    /// The files, by server and by their beginning.
    ///
    /// # Errors
    /// As [`History::sessions`].
    pub fn files(&mut self, query: &Query<'_>) -> Result<Vec<Interval<File>>, Error> {
        self.collect(query)
    }

    /// Calls `visit` for every session, in no order: for more of them than memory holds.
    ///
    /// # Errors
    /// As [`History::sessions`].
    pub fn visit_sessions(
        &mut self,
        query: &Query<'_>,
        visit: impl FnMut(Interval<Session>),
    ) -> Result<(), Error> {
        self.visit(query, visit)
    }

    /// Calls `visit` for every file, in no order.
    ///
    /// # Errors
    /// As [`History::sessions`].
    pub fn visit_files(&mut self, query: &Query<'_>, visit: impl FnMut(Interval<File>)) -> Result<(), Error> {
        self.visit(query, visit)
    }

    /// The times in which servers were not asked or did not answer, by server and by their beginning. Those of
    /// [`GapCause::FilesFailed`] are gaps of files alone: sessions were listed meanwhile.
    ///
    /// # Errors
    /// As [`History::sessions`].
    pub fn gaps(&self, query: &Query<'_>) -> Result<Vec<Gap>, Error> {
        contain(&self.path, || self.find_gaps(query))
    }

    fn find_gaps(&self, query: &Query<'_>) -> Result<Vec<Gap>, Error> {
        let filter = query.filter();
        let mut gaps = Vec::new();
        let add = |server: &str, from, until, cause| {
            let (from, until) = (to_time(from), Some(to_time(until)));
            gaps.push(Gap { server: server.to_owned(), from, until, cause });
        };
        let read = self.view.visit_gaps(filter.window, filter.server, add);
        read.map_err(|fault| fault.in_file(&self.path, "read"))?;
        let is_wanted = |name: &str| filter.server.is_none_or(|server| server(name));
        for (name, times) in self.view.servers.iter().filter(|(name, _)| is_wanted(name)) {
            let files =
                times.files_failing.clone().map(|(since, cause)| (since, GapCause::FilesFailed(cause)));
            for (from, cause) in self.lasting_gap(times).into_iter().chain(files) {
                if from < filter.window.until {
                    gaps.push(Gap { server: name.to_owned(), from: to_time(from), until: None, cause });
                }
            }
        }
        gaps.sort_by(|a, b| a.server.cmp(&b.server).then(a.from.cmp(&b.from)));
        Ok(gaps)
    }

    /// The servers, by name.
    #[must_use]
    pub fn servers(&self) -> Vec<Server> {
        let server = |(name, times): (&str, &ServerTimes)| Server {
            name: name.to_owned(),
            first: times.first.map(to_time),
            last: times.last.map(to_time),
            last_files: times.last_files.map(to_time),
            failing: times.failing.as_ref().map(|(since, cause)| (to_time(*since), cause.clone())),
        };
        let mut servers: Vec<_> = self.view.servers.iter().map(server).collect();
        servers.sort_by(|a, b| a.name.cmp(&b.name));
        servers
    }

    /// The gap that has not ended.
    fn lasting_gap(&self, times: &ServerTimes) -> Option<(u64, GapCause)> {
        if let Some((since, cause)) = &times.failing {
            return Some((times.last.unwrap_or(*since), GapCause::Failed(cause.clone())));
        }
        let last = times.last?;
        let is_recorded = self.view.holder.is_some() && self.newest.saturating_sub(last) < RECENT;
        (!is_recorded).then_some((last, GapCause::NotRecorded))
    }

    fn collect<T: Row>(&mut self, query: &Query<'_>) -> Result<Vec<Interval<T>>, Error> {
        let mut intervals = Vec::new();
        self.visit(query, |interval: Interval<T>| intervals.push(interval))?;
        intervals.sort_by(|a, b| {
            a.server
                .cmp(&b.server)
                .then(a.from.cmp(&b.from))
                .then_with(|| a.item.client().cmp(&b.item.client()))
                .then_with(|| a.item.user().cmp(&b.item.user()))
        });
        Ok(intervals)
    }

    fn visit<T: Row>(&mut self, query: &Query<'_>, visit: impl FnMut(Interval<T>)) -> Result<(), Error> {
        let path = self.path.clone();
        contain(&path, || self.visit_all(query, visit))
    }

    fn visit_all<T: Row>(
        &mut self,
        query: &Query<'_>,
        mut visit: impl FnMut(Interval<T>),
    ) -> Result<(), Error> {
        let filter = query.filter();
        let selection = self.view.select(&filter).map_err(|fault| fault.in_file(&self.path, "read"))?;
        let ended = self.view.visit_ended(&selection, |server, span: Span, item| {
            visit(Interval {
                server: server.to_owned(),
                from: to_time(span.from),
                from_exact: span.from_exact,
                until: Some(to_time(span.until)),
                until_exact: span.until_exact,
                item,
            });
            Ok(())
        });
        ended.map_err(|fault: Fault| fault.in_file(&self.path, "read"))?;
        // What lasts, and may have ended in a gap that lasts: it is known up to the last answer.
        let present = from_time(SystemTime::now());
        let mut lasting = Vec::new();
        let open = self.view.visit_open(&selection, |server, times, open: Open<T>| {
            lasting.push((server.to_owned(), times.clone(), open));
            Ok(())
        });
        open.map_err(|fault: Fault| fault.in_file(&self.path, "read"))?;
        for (server, times, open) in lasting {
            let gap = self.lasting_gap(&times).map(|(from, _)| from);
            let until = T::last_listed(&times).or(gap).map(|from| from.max(open.from));
            // Nothing is claimed of the time after the last answer of all, nor of the future.
            if until.unwrap_or(present).max(self.newest) < filter.window.from {
                continue;
            }
            visit(Interval {
                server,
                from: to_time(open.from),
                from_exact: open.from_exact,
                until: until.map(to_time),
                until_exact: false,
                item: open.item,
            });
        }
        Ok(())
    }
}

/// Makes an error of a panic of the database: it trusts the pages of a file that was closed. The recorder does not come
/// here: it has every page checked when it opens the file.
fn contain<T>(path: &Path, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let damaged = |_| Error::Damaged { path: path.into(), problem: "its pages do not fit together".into() };
    catch_unwind(AssertUnwindSafe(read)).map_err(damaged)?
}
