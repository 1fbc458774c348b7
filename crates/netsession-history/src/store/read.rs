//! Questions to a store, beside a process that may be recording into it.

use std::collections::HashSet;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Builder, ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadOnlyTable};
use redb::{ReadTransaction, ReadableDatabase as _, ReadableTable as _};

use super::fault::{Fault, Result};
use super::lock::find_holder;
use super::names::{Kind, NameReader};
use super::overlay::Overlay;
use super::path;
use super::rows::{Head, Row, decode_gap, decode_open, decode_server, decode_span, read_item};
use super::tables::{CLASSES, GAPS, Key, SERVERS, SpanKey, check_format, length_limit, read_number_key};
use super::write::{builder, not_a_database};
use crate::coding::Reader;
use crate::error::{Error, Holder};
use crate::interval::GapCause;
use crate::matching::Open;
use crate::tracker::{ServerTimes, Span};

/// A time, both ends included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) from: u64,
    pub(crate) until: u64,
}

impl Window {
    /// Whether something was there in it, or may have been: it was there from `from`, and gone at `gone`.
    fn touches(self, from: u64, gone: u64) -> bool {
        from <= self.until && (gone > self.from || from >= self.from)
    }
}

/// Which names are wanted.
pub(crate) type Wanted<'f> = &'f (dyn Fn(&str) -> bool + 'f);

/// What is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Filter<'f> {
    pub(crate) window: Window,
    pub(crate) server: Option<Wanted<'f>>,
    pub(crate) user: Option<Wanted<'f>>,
    pub(crate) client: Option<Wanted<'f>>,
}

/// What is looked for, by numbers: names are compared once for a question. `None` is all.
#[derive(Debug)]
pub(crate) struct Selection {
    window: Window,
    servers: Option<HashSet<u32>>,
    users: Option<HashSet<u32>>,
    clients: Option<HashSet<u32>>,
}

impl Selection {
    fn has(&self, head: Head) -> bool {
        let is_in = |names: Option<&HashSet<u32>>, name: Option<u32>| {
            names.is_none_or(|names| name.is_some_and(|name| names.contains(&name)))
        };
        is_in(self.servers.as_ref(), Some(head.server))
            && is_in(self.users.as_ref(), head.user)
            && is_in(self.clients.as_ref(), head.client)
    }
}

/// The servers of a store, by their numbers: mostly the order in which they were asked first, and so of their names.
#[derive(Debug)]
pub(crate) struct Servers {
    entries: Vec<Server>,
}

#[derive(Debug)]
struct Server {
    number: u32,
    name: String,
    times: ServerTimes,
}

impl Servers {
    fn read(transaction: &ReadTransaction) -> Result<Self> {
        let mut entries = Vec::new();
        for entry in transaction.open_table(SERVERS)?.iter()? {
            let (number, bytes) = entry?;
            let number = read_number_key(number.value());
            let (name, times) = decode_server(number, bytes.value())?;
            entries.push(Server { number, name, times });
        }
        Ok(Self { entries })
    }

    fn get(&self, number: u32) -> Result<(&str, &ServerTimes)> {
        let place = self.entries.binary_search_by_key(&number, |server| server.number);
        let server = place.ok().and_then(|place| self.entries.get(place));
        server.map(|server| (&*server.name, &server.times)).ok_or(Fault::Damage("a server is missing"))
    }

    /// Their names and times.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &ServerTimes)> {
        self.entries.iter().map(|server| (&*server.name, &server.times))
    }
}

/// A consistent view of a store.
pub(crate) struct View {
    // In this order: the transaction ends before its database is closed.
    transaction: ReadTransaction,
    _database: Opened,
    names: NameReader,
    pub(crate) servers: Servers,
    /// The process that records, if one does.
    pub(crate) holder: Option<Holder>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("servers", &self.servers).finish_non_exhaustive()
    }
}

impl View {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        if !path::check(path)? {
            return Err(Error::Missing(path.into()));
        }
        let holder = find_holder(path);
        let open = || {
            let database = open_database(path, holder.is_some())?;
            let transaction = match &database {
                Opened::Shared(database) => database.begin_read()?,
                Opened::Repaired(database) => database.begin_read()?,
            };
            check_format(&transaction)?;
            let servers = Servers::read(&transaction)?;
            let names = NameReader::new(&transaction)?;
            Ok(Self { transaction, _database: database, names, servers, holder: holder.clone() })
        };
        open().map_err(|opening: Opening| match opening {
            Opening::Fault(fault) => fault.in_file(path, "read"),
            Opening::Error(error) => error,
        })
    }

    /// The numbers of the names that are wanted.
    pub(crate) fn select(&self, filter: &Filter<'_>) -> Result<Selection> {
        Ok(Selection {
            window: filter.window,
            servers: filter.server.map(|server| self.wanted_servers(server)),
            users: self.wanted(Kind::User, filter.user)?,
            clients: self.wanted(Kind::Client, filter.client)?,
        })
    }

    /// Intervals that ended. `visit` gets each one that is selected, in no order.
    pub(crate) fn visit_ended<T: Row>(
        &mut self,
        selection: &Selection,
        mut visit: impl FnMut(&str, Span, T) -> Result<()>,
    ) -> Result<()> {
        let spans = self.transaction.open_table(T::SPANS)?;
        let (names, stored) = (&mut self.names, &self.servers);
        let mut take = |key: SpanKey, bytes: &[u8]| -> Result<()> {
            let (span, head, mut reader) = decode_span(key, bytes)?;
            if !selection.window.touches(span.from, span.gone) || !selection.has(head) {
                return Ok(());
            }
            let (server, _) = stored.get(head.server)?;
            visit(server, span, read_item(&mut reader, head, names)?)
        };
        let index = match (&selection.users, &selection.clients) {
            (Some(users), _) => Some((users, T::BY_USER)),
            (None, Some(clients)) => Some((clients, T::BY_CLIENT)),
            (None, None) => None,
        };
        let Some((wanted, index)) = index else {
            return visit_window(&spans, selection.window, take);
        };
        let index = self.transaction.open_table(index)?;
        let mut wanted: Vec<u32> = wanted.iter().copied().collect();
        wanted.sort_unstable();
        for name in wanted {
            let [first, last] = [SpanKey { class: 0, from: 0, id: 0 }, LAST].map(|key| key.indexed(name));
            for entry in index.range(first..=last)? {
                let key = SpanKey::read_indexed(entry?.0.value());
                if !selection.window.touches(key.from, key.latest_end()) {
                    continue;
                }
                let bytes =
                    spans.get(key.bytes())?.ok_or(Fault::Damage("an interval of an index is missing"))?;
                take(key, bytes.value())?;
            }
        }
        Ok(())
    }

    /// Intervals that last, with the number of their server.
    pub(crate) fn visit_open<T: Row>(
        &mut self,
        selection: &Selection,
        mut visit: impl FnMut(&str, &ServerTimes, Open<T>) -> Result<()>,
    ) -> Result<()> {
        for entry in self.transaction.open_table(T::OPEN)?.iter()? {
            let (id, bytes) = entry?;
            let (open, head, mut reader): (Open<T>, Head, Reader<'_>) =
                decode_open(read_number_key(id.value()), bytes.value())?;
            if open.from > selection.window.until || !selection.has(head) {
                continue;
            }
            let (server, times) = self.servers.get(head.server)?;
            let item = read_item(&mut reader, head, &mut self.names)?;
            visit(server, times, Open { item, ..open })?;
        }
        Ok(())
    }

    /// Gaps that ended.
    pub(crate) fn visit_gaps(
        &self,
        window: Window,
        server: Option<Wanted<'_>>,
        mut visit: impl FnMut(&str, u64, u64, GapCause),
    ) -> Result<()> {
        let servers = server.map(|server| self.wanted_servers(server));
        let is_wanted = |server| servers.as_ref().is_none_or(|servers| servers.contains(&server));
        let gaps = self.transaction.open_table(GAPS)?;
        visit_window(&gaps, window, |key, bytes| {
            let (until, server, cause) = decode_gap(key, bytes)?;
            if window.touches(key.from, until) && is_wanted(server) {
                let (name, _) = self.servers.get(server)?;
                visit(name, key.from, until, cause);
            }
            Ok(())
        })
    }

    fn wanted_servers(&self, wanted: Wanted<'_>) -> HashSet<u32> {
        let wanted = self.servers.entries.iter().filter(|server| wanted(&server.name));
        wanted.map(|server| server.number).collect()
    }

    fn wanted(&self, kind: Kind, wanted: Option<Wanted<'_>>) -> Result<Option<HashSet<u32>>> {
        let Some(wanted) = wanted else { return Ok(None) };
        let mut numbers = HashSet::new();
        self.names.visit(kind, |number, text| {
            if wanted(text) {
                numbers.insert(number);
            }
            Ok(())
        })?;
        Ok(Some(numbers))
    }
}

const LAST: SpanKey = SpanKey { class: u8::MAX, from: crate::seconds::MAX_SECONDS, id: u32::MAX };

/// Every entry that may touch a window, class by class.
pub(crate) fn visit_window(
    table: &ReadOnlyTable<Key, &'static [u8]>,
    window: Window,
    mut visit: impl FnMut(SpanKey, &[u8]) -> Result<()>,
) -> Result<()> {
    for class in 0..=CLASSES {
        let first = SpanKey { class, from: window.from.saturating_sub(length_limit(class)), id: 0 };
        let last = SpanKey { class, from: window.until, id: u32::MAX };
        let (first, last) =
            (first.bytes(), SpanKey { from: last.from.min(crate::seconds::MAX_SECONDS), ..last }.bytes());
        if first > last {
            continue;
        }
        for entry in table.range(first..=last)? {
            let (key, bytes) = entry?;
            visit(SpanKey::read(key.value()), bytes.value())?;
        }
    }
    Ok(())
}

enum Opening {
    Fault(Fault),
    Error(Error),
}

impl<E: Into<Fault>> From<E> for Opening {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Error> for Opening {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

enum Opened {
    Shared(ReadOnlyDatabase),
    Repaired(Database),
}

/// Beside a process that records, the file is as its last commit left it. Without one, a file that was not closed may
/// lack what a power cut took: it is repaired first, in memory.
fn open_database(path: &Path, is_recorded: bool) -> Result<Opened, Opening> {
    if is_recorded || is_closed(path)? {
        let file = path::open(path, false)?;
        match builder().open_read_only_with_backend(FileBackend::new(file)?) {
            Ok(database) => return Ok(Opened::Shared(database)),
            // The process that records could not write, and has not opened the file again yet.
            Err(DatabaseError::RepairAborted) => {}
            Err(error) => return Err(not_a_database(error).into()),
        }
    }
    let overlay = Overlay::new(path::open(path, false)?).map_err(path::io_error(path, "read"))?;
    let mut builder = Builder::new();
    builder.set_cache_size(16 << 20).set_check_integrity_on_open(true);
    Ok(Opened::Repaired(builder.create_with_backend(overlay).map_err(not_a_database)?))
}

/// Whether the last process that recorded closed the file: the exclusive mode refuses it otherwise.
fn is_closed(path: &Path) -> Result<bool, Opening> {
    let file = path::open(path, false)?;
    let mut builder = Builder::new();
    builder.set_cache_size(1 << 20).set_concurrency_mode(ConcurrencyMode::ExclusiveWriter);
    match builder.open_read_only_with_backend(FileBackend::new(file)?) {
        Ok(_) => Ok(true),
        Err(DatabaseError::RepairAborted) => Ok(false),
        // A process began to record a moment ago.
        Err(DatabaseError::DatabaseAlreadyOpen) => Ok(true),
        Err(error) => Err(not_a_database(error).into()),
    }
}
