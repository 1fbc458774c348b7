//! The open database of the process that records.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use redb::backends::FileBackend;
use redb::{Builder, ConcurrencyMode, Database, ReadableDatabase as _, ReadableTable as _, Table};
use redb::{TableError, WriteTransaction};

use super::fault::{Fault, Result};
use super::names::{NameReader, NameWriter};
use super::path;
use super::rows::{
    Row, decode_open, decode_server, encode_gap, encode_open, encode_server, encode_span, read_item,
};
use super::tables::{
    EMPTY, GAPS, Key, META, NEXT_ID, SERVERS, SpanKey, check_format, create, number_key, read_number,
    read_number_key,
};
use crate::error::Error;
use crate::matching::Open;
use crate::round::{File, Session};
use crate::tracker::{Change, ServerTimes, Span};

/// A store that is being made, beside the one whose place it takes.
pub(crate) const NEW: &str = ".new";
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);
/// Pages in memory.
const CACHE: usize = 16 << 20;

/// How readers and the writer share the file: readers follow the commits of another process.
pub(crate) fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE).set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

/// The database of a store.
pub(crate) struct Store {
    database: Database,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// A server, and what was there when it answered last.
#[derive(Debug)]
pub(crate) struct StoredServer {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) times: ServerTimes,
    pub(crate) sessions: Vec<Open<Session>>,
    pub(crate) files: Vec<Open<File>>,
}

impl Store {
    /// Opens a store, or makes one where there is none. `verify` reads the whole file first: a store that was closed
    /// and then damaged would be trusted otherwise.
    pub(crate) fn open(path: &Path, verify: bool) -> Result<Self, Error> {
        if !path::check(path)? {
            // It has its name when it is whole: a reader may look for it meanwhile, and this process may be killed.
            let new = path::beside(path, NEW);
            drop(fs::remove_file(&new));
            drop(Self::open_file(&new, false)?);
            fs::rename(&new, path).map_err(path::io_error(path, "create"))?;
            path::sync_folder(path);
        }
        Self::open_file(path, verify)
    }

    /// Opens exactly this file, or makes it.
    pub(crate) fn open_file(path: &Path, verify: bool) -> Result<Self, Error> {
        for _ in 0..TRIES {
            match Self::try_open(path, verify) {
                // A reader looks whether the file was closed, which takes a moment.
                Err(Error::InUse { .. }) => thread::sleep(PAUSE),
                result => return result,
            }
        }
        Self::try_open(path, verify)
    }

    fn try_open(path: &Path, verify: bool) -> Result<Self, Error> {
        let file = if path::check(path)? {
            path::open(path, true)?
        } else {
            path::create(path).map_err(path::io_error(path, "create"))?
        };
        let length = file.metadata().map_err(path::io_error(path, "open"))?.len();
        if length == 0 {
            path::make_private(&file).map_err(path::io_error(path, "change the mode of"))?;
        }
        let open = || {
            let mut builder = builder();
            builder.set_check_integrity_on_open(verify && length > 0);
            let database = builder.create_with_backend(FileBackend::new(file)?).map_err(not_a_database)?;
            let store = Self { database };
            if length == 0 {
                store.create()?;
            }
            check_format(&store.database.begin_read()?)?;
            Ok(store)
        };
        open().map_err(|fault: Fault| fault.in_file(path, "open"))
    }

    fn create(&self) -> Result<()> {
        let transaction = self.database.begin_write()?;
        create(&transaction)?;
        open_row_tables::<Session>(&transaction)?;
        open_row_tables::<File>(&transaction)?;
        Ok(transaction.commit()?)
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Gives back the free part of the file.
    pub(crate) fn compact(&mut self) -> Result<()> {
        self.database.compact()?;
        Ok(())
    }

    /// The number of the next interval, and the servers.
    pub(crate) fn load(&self) -> Result<(u32, Vec<StoredServer>)> {
        let transaction = self.database.begin_read()?;
        let next = transaction.open_table(META)?.get(number_key(NEXT_ID))?;
        let next = next.map_or(Ok(0), |next| read_number(next.value()))?;
        let mut servers = Vec::new();
        for entry in transaction.open_table(SERVERS)?.iter()? {
            let (number, bytes) = entry?;
            let number = read_number_key(number.value());
            let (name, times) = decode_server(number, bytes.value())?;
            servers.push(StoredServer { number, name, times, sessions: Vec::new(), files: Vec::new() });
        }
        let mut names = NameReader::new(&transaction)?;
        load_open(&transaction, &mut names, &mut servers, |server, open| server.sessions.push(open))?;
        load_open(&transaction, &mut names, &mut servers, |server, open| server.files.push(open))?;
        Ok((next, servers))
    }

    /// Writes changes and times of servers, all or nothing.
    pub(crate) fn write<'c>(
        &self,
        changes: impl IntoIterator<Item = (u32, &'c Change)>,
        servers: impl IntoIterator<Item = (u32, &'c str, &'c ServerTimes)>,
        next_id: u32,
    ) -> Result<()> {
        let transaction = self.database.begin_write()?;
        {
            let mut names = NameWriter::new(&transaction)?;
            let mut gaps = transaction.open_table(GAPS)?;
            let mut sessions = RowWriter::<Session>::new(&transaction)?;
            let mut files = RowWriter::<File>::new(&transaction)?;
            for (server, change) in changes {
                match change {
                    Change::SessionBegan(open) => sessions.begin(server, open, &mut names)?,
                    Change::SessionEnded { id, span, item } => {
                        sessions.end(server, *id, *span, item, &mut names)?
                    }
                    Change::FileBegan(open) => files.begin(server, open, &mut names)?,
                    Change::FileEnded { id, span, item } => {
                        files.end(server, *id, *span, item, &mut names)?
                    }
                    Change::Gap { id, from, until, cause } => {
                        let key = SpanKey::new(*from, *until, *id);
                        gaps.insert(key.bytes(), encode_gap(key, *until, server, cause).as_slice())?;
                    }
                    Change::Server(_) => {}
                }
            }
            let mut table = transaction.open_table(SERVERS)?;
            for (number, name, times) in servers {
                table.insert(number_key(number), encode_server(number, name, times).as_slice())?;
            }
            let next_id = next_id.to_be_bytes();
            transaction.open_table(META)?.insert(number_key(NEXT_ID), next_id.as_slice())?;
        }
        Ok(transaction.commit()?)
    }
}

/// The magic number is wrong, or the file is shorter than a header.
pub(crate) fn not_a_database(error: redb::DatabaseError) -> Fault {
    use std::io::ErrorKind::{InvalidData, UnexpectedEof};
    match error {
        redb::DatabaseError::Storage(redb::StorageError::Io(error))
            if matches!(error.kind(), InvalidData | UnexpectedEof) =>
        {
            Fault::NotAStore
        }
        error => error.into(),
    }
}

fn open_row_tables<T: Row>(transaction: &WriteTransaction) -> Result<(), TableError> {
    transaction.open_table(T::SPANS)?;
    transaction.open_table(T::OPEN)?;
    transaction.open_table(T::BY_USER)?;
    transaction.open_table(T::BY_CLIENT)?;
    Ok(())
}

fn load_open<T: Row>(
    transaction: &redb::ReadTransaction,
    names: &mut NameReader,
    servers: &mut [StoredServer],
    mut add: impl FnMut(&mut StoredServer, Open<T>),
) -> Result<()> {
    for entry in transaction.open_table(T::OPEN)?.iter()? {
        let (id, bytes) = entry?;
        let (open, head, mut reader) = decode_open::<T>(read_number_key(id.value()), bytes.value())?;
        // By number, in which they were read.
        let place = servers.binary_search_by_key(&head.server, |server| server.number);
        let server = place.ok().and_then(|place| servers.get_mut(place));
        let server = server.ok_or(Fault::Damage("a server is missing"))?;
        add(server, Open { item: read_item(&mut reader, head, names)?, ..open });
    }
    Ok(())
}

/// The tables of sessions, or of files.
struct RowWriter<'t, T> {
    spans: Table<'t, Key, &'static [u8]>,
    open: Table<'t, Key, &'static [u8]>,
    by_user: Table<'t, Key, &'static [u8]>,
    by_client: Table<'t, Key, &'static [u8]>,
    _rows: std::marker::PhantomData<T>,
}

impl<'t, T: Row> RowWriter<'t, T> {
    fn new(transaction: &'t WriteTransaction) -> Result<Self> {
        Ok(Self {
            spans: transaction.open_table(T::SPANS)?,
            open: transaction.open_table(T::OPEN)?,
            by_user: transaction.open_table(T::BY_USER)?,
            by_client: transaction.open_table(T::BY_CLIENT)?,
            _rows: std::marker::PhantomData,
        })
    }

    fn begin(&mut self, server: u32, open: &Open<T>, names: &mut NameWriter<'_>) -> Result<()> {
        self.open.insert(number_key(open.id), encode_open(open, server, names)?.as_slice())?;
        Ok(())
    }

    fn end(&mut self, server: u32, id: u32, span: Span, item: &T, names: &mut NameWriter<'_>) -> Result<()> {
        self.open.remove(number_key(id))?;
        let key = SpanKey::new(span.from, span.gone, id);
        let (head, bytes) = encode_span(key, span, server, item, names)?;
        self.spans.insert(key.bytes(), bytes.as_slice())?;
        if let Some(user) = head.user {
            self.by_user.insert(key.indexed(user), EMPTY)?;
        }
        if let Some(client) = head.client {
            self.by_client.insert(key.indexed(client), EMPTY)?;
        }
        Ok(())
    }
}
