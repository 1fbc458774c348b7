//! Questions to a store, beside a process that may be recording into it.

use std::collections::{HashMap, HashSet};
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
    pub(crate) server: Wanted<'f>,
    pub(crate) user: Option<Wanted<'f>>,
    pub(crate) client: Option<Wanted<'f>>,
}

/// A consistent view of a store.
pub(crate) struct View {
    // In this order: the transaction ends before its database is closed.
    transaction: ReadTransaction,
    _database: Opened,
    names: NameReader,
    pub(crate) servers: HashMap<u32, (String, ServerTimes)>,
    /// The process that records, if one does.
    pub(crate) holder: Option<Holder>,
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("servers", &self.servers.len()).finish_non_exhaustive()
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
            let mut servers = HashMap::new();
            for entry in transaction.open_table(SERVERS)?.iter()? {
                let (number, bytes) = entry?;
                let number = read_number_key(number.value());
                servers.insert(number, decode_server(number, bytes.value())?);
            }
            let names = NameReader::new(&transaction)?;
            Ok(Self { transaction, _database: database, names, servers, holder: holder.clone() })
        };
        open().map_err(|opening: Opening| match opening {
            Opening::Fault(fault) => fault.in_file(path, "read"),
            Opening::Error(error) => error,
        })
    }

    /// Intervals that ended. `visit` gets each one that the filter leaves, in no order.
    pub(crate) fn visit_ended<T: Row>(
        &mut self,
        filter: &Filter<'_>,
        mut visit: impl FnMut(&str, Span, T) -> Result<()>,
    ) -> Result<()> {
        let (users, clients) =
            (self.wanted(Kind::User, filter.user)?, self.wanted(Kind::Client, filter.client)?);
        let servers: HashSet<u32> = self.wanted_servers(filter.server);
        let spans = self.transaction.open_table(T::SPANS)?;
        let (names, stored) = (&mut self.names, &self.servers);
        let mut take = |key: SpanKey, bytes: &[u8]| -> Result<()> {
            let (span, head, mut reader) = decode_span(key, bytes)?;
            if !filter.window.touches(span.from, span.gone)
                || !is_wanted(head, &servers, users.as_ref(), clients.as_ref())
            {
                return Ok(());
            }
            let (server, _) = stored.get(&head.server).ok_or(Fault::Damage("a server is missing"))?;
            visit(server, span, read_item(&mut reader, head, names)?)
        };
        let index = match (&users, &clients) {
            (Some(users), _) => Some((users, T::BY_USER)),
            (None, Some(clients)) => Some((clients, T::BY_CLIENT)),
            (None, None) => None,
        };
        let Some((wanted, index)) = index else {
            return visit_window(&spans, filter.window, take);
        };
        let index = self.transaction.open_table(index)?;
        let mut wanted: Vec<u32> = wanted.iter().copied().collect();
        wanted.sort_unstable();
        for name in wanted {
            let [first, last] = [SpanKey { class: 0, from: 0, id: 0 }, LAST].map(|key| key.indexed(name));
            for entry in index.range(first..=last)? {
                let key = SpanKey::read_indexed(entry?.0.value());
                if !filter.window.touches(key.from, key.latest_end()) {
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
        filter: &Filter<'_>,
        mut visit: impl FnMut(&str, &ServerTimes, Open<T>) -> Result<()>,
    ) -> Result<()> {
        let (users, clients) =
            (self.wanted(Kind::User, filter.user)?, self.wanted(Kind::Client, filter.client)?);
        let servers = self.wanted_servers(filter.server);
        for entry in self.transaction.open_table(T::OPEN)?.iter()? {
            let (id, bytes) = entry?;
            let (open, head, mut reader): (Open<T>, Head, Reader<'_>) =
                decode_open(read_number_key(id.value()), bytes.value())?;
            if open.from > filter.window.until || !is_wanted(head, &servers, users.as_ref(), clients.as_ref())
            {
                continue;
            }
            let (server, times) =
                self.servers.get(&head.server).ok_or(Fault::Damage("a server is missing"))?;
            let item = read_item(&mut reader, head, &mut self.names)?;
            visit(server, times, Open { item, ..open })?;
        }
        Ok(())
    }

    /// Gaps that ended.
    pub(crate) fn visit_gaps(
        &self,
        window: Window,
        server: Wanted<'_>,
        mut visit: impl FnMut(&str, u64, u64, GapCause),
    ) -> Result<()> {
        let servers = self.wanted_servers(server);
        let gaps = self.transaction.open_table(GAPS)?;
        visit_window(&gaps, window, |key, bytes| {
            let (until, server, cause) = decode_gap(key, bytes)?;
            if window.touches(key.from, until) && servers.contains(&server) {
                let (name, _) = self.servers.get(&server).ok_or(Fault::Damage("a server is missing"))?;
                visit(name, key.from, until, cause);
            }
            Ok(())
        })
    }

    fn wanted_servers(&self, wanted: Wanted<'_>) -> HashSet<u32> {
        let wanted = self.servers.iter().filter(|(_, (name, _))| wanted(name));
        wanted.map(|(number, _)| *number).collect()
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

fn is_wanted(
    head: Head,
    servers: &HashSet<u32>,
    users: Option<&HashSet<u32>>,
    clients: Option<&HashSet<u32>>,
) -> bool {
    let is_in = |names: Option<&HashSet<u32>>, name: Option<u32>| {
        names.is_none_or(|names| name.is_some_and(|name| names.contains(&name)))
    };
    servers.contains(&head.server) && is_in(users, head.user) && is_in(clients, head.client)
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
