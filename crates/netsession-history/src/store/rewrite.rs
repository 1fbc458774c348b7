//! A store without some of its intervals, in a new file that takes the place of the old one: erased names are in no
//! byte of it, and it has no free pages.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use redb::{ReadTransaction, ReadableDatabase as _, ReadableTable as _, WriteTransaction};

use super::fault::{Fault, Result};
use super::names::{Kind, NameReader, NameWriter};
use super::path::{beside, create, give_owner_of, io_error, sync_folder};
use super::rows::{Head, NameSource, Row, decode_gap, decode_open, decode_server, decode_span, read_item};
use super::tables::{EMPTY, GAPS, Key, META, Rows, SERVERS, SpanKey, read_number_key};
use super::write::{NEW, Store};
use crate::error::Error;
use crate::round::{File, Session};

/// What stays.
#[derive(Clone, Copy)]
pub(crate) struct Keep<'f> {
    /// What was gone before is dropped.
    pub(crate) since: u64,
    /// Everything of these users is dropped.
    pub(crate) forget: Option<&'f dyn Fn(&str) -> bool>,
}

/// How many intervals were left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) sessions: u64,
    pub(crate) files: u64,
}

/// Rewrites the store and opens the new file. The old one stays as it is if that fails.
pub(crate) fn rewrite(path: &Path, store: Store, keep: Keep<'_>) -> (Option<Store>, Result<Dropped, Error>) {
    let new_path = beside(path, NEW);
    match write_new(path, &new_path, &store, keep) {
        Ok(dropped) => {
            // Closed before its file has no name any more.
            drop(store);
            if let Err(error) = fs::rename(&new_path, path) {
                return (None, Err(io_error(path, "replace")(error)));
            }
            sync_folder(path);
            match Store::open_file(path, false) {
                Ok(store) => (Some(store), Ok(dropped)),
                Err(error) => (None, Err(error)),
            }
        }
        Err(error) => {
            drop(fs::remove_file(&new_path));
            (Some(store), Err(error))
        }
    }
}

/// What a rewrite leaves behind if it is killed.
pub(crate) fn remove_leftover(path: &Path) {
    drop(fs::remove_file(beside(path, NEW)));
}

fn write_new(path: &Path, new_path: &Path, store: &Store, keep: Keep<'_>) -> Result<Dropped, Error> {
    remove_leftover(path);
    // Who may read and write the old one may do so with the new one.
    let file = create(new_path).map_err(io_error(new_path, "create"))?;
    give_owner_of(path, &file);
    let mut new = Store::open_file(new_path, false)?;
    let permissions = fs::metadata(path).map_err(io_error(path, "read"))?.permissions();
    file.set_permissions(permissions).map_err(io_error(new_path, "change the mode of"))?;
    let copy = |new: &mut Store| {
        let old = store.database().begin_read()?;
        let transaction = new.database().begin_write()?;
        let dropped = copy(&old, &transaction, keep)?;
        transaction.commit()?;
        new.compact()?;
        Ok(dropped)
    };
    copy(&mut new).map_err(|fault: Fault| fault.in_file(new_path, "write"))
}

fn copy(old: &ReadTransaction, new: &WriteTransaction, keep: Keep<'_>) -> Result<Dropped> {
    let mut names = NameReader::new(old)?;
    let mut forgotten = HashSet::new();
    if let Some(forget) = keep.forget {
        names.visit(Kind::User, |number, text| {
            if forget(text) {
                forgotten.insert(number);
            }
            Ok(())
        })?;
    }
    for entry in old.open_table(META)?.iter()? {
        let (key, value) = entry?;
        new.open_table(META)?.insert(key.value(), value.value())?;
    }
    // Servers that are not asked any more: what was there when they answered last goes with that answer.
    let mut silent = HashSet::new();
    for entry in old.open_table(SERVERS)?.iter()? {
        let (number, bytes) = entry?;
        let key = number.value();
        let number = read_number_key(key);
        if decode_server(number, bytes.value())?.1.last.is_some_and(|last| last < keep.since) {
            silent.insert(number);
        }
        new.open_table(SERVERS)?.insert(key, bytes.value())?;
    }
    let mut gaps = new.open_table(GAPS)?;
    for entry in old.open_table(GAPS)?.iter()? {
        let (key, bytes) = entry?;
        let (until, ..) = decode_gap(SpanKey::read(key.value()), bytes.value())?;
        if until >= keep.since {
            gaps.insert(key.value(), bytes.value())?;
        }
    }
    let mut used = UsedNames::default();
    let dropped = Dropped {
        sessions: copy_rows::<Session>(old, new, keep.since, &forgotten, &silent, &mut used)?,
        files: copy_rows::<File>(old, new, keep.since, &forgotten, &silent, &mut used)?,
    };
    let mut writer = NameWriter::new(new)?;
    for (kind, numbers) in used.numbers {
        for number in numbers {
            writer.insert(kind, number, &names.text(kind, number)?)?;
        }
    }
    Ok(dropped)
}

/// Copies the intervals that stay, and what refers to them.
fn copy_rows<T: Row>(
    old: &ReadTransaction,
    new: &WriteTransaction,
    since: u64,
    forgotten: &HashSet<u32>,
    silent: &HashSet<u32>,
    used: &mut UsedNames,
) -> Result<u64> {
    let mut dropped = HashSet::new();
    let is_forgotten = |head: Head| head.user.is_some_and(|user| forgotten.contains(&user));
    let mut spans = new.open_table(T::SPANS)?;
    for entry in old.open_table(T::SPANS)?.iter()? {
        let (key, bytes) = entry?;
        let span_key = SpanKey::read(key.value());
        let (span, head, mut reader) = decode_span(span_key, bytes.value())?;
        if span.gone < since || is_forgotten(head) {
            dropped.insert(span_key.id);
            continue;
        }
        read_item::<T>(&mut reader, head, used)?;
        spans.insert(key.value(), bytes.value())?;
    }
    let mut open_rows = new.open_table(T::OPEN)?;
    let mut dropped_open = 0_u64;
    for entry in old.open_table(T::OPEN)?.iter()? {
        let (id, bytes) = entry?;
        let (_, head, mut reader) = decode_open::<T>(read_number_key(id.value()), bytes.value())?;
        if is_forgotten(head) || silent.contains(&head.server) {
            dropped_open = dropped_open.saturating_add(1);
            continue;
        }
        read_item::<T>(&mut reader, head, used)?;
        open_rows.insert(id.value(), bytes.value())?;
    }
    copy_index(old, new, T::BY_USER, &dropped)?;
    copy_index(old, new, T::BY_CLIENT, &dropped)?;
    Ok(dropped_open.saturating_add(u64::try_from(dropped.len()).unwrap_or(u64::MAX)))
}

/// One of this number of entries in a page of an index is left free, about.
const FREE_PART: usize = 8;
/// Pages that are this number of places behind are full, and get nothing more.
const PLACES_BEHIND: usize = 512;

/// In its own order, which fills the pages. New entries go to any page of an index, and each full one would be split into
/// two half-empty ones: the index would double within an hour. So places are taken in between and given back.
fn copy_index(
    old: &ReadTransaction,
    new: &WriteTransaction,
    index: Rows,
    dropped: &HashSet<u32>,
) -> Result<()> {
    let mut table = new.open_table(index)?;
    let mut places = VecDeque::new();
    let (mut last, mut since_place) = (None, 0);
    for entry in old.open_table(index)?.iter()? {
        let key = entry?.0.value();
        if dropped.contains(&SpanKey::read_indexed(key).id) {
            continue;
        }
        since_place = usize::saturating_add(since_place, 1);
        // Never in place of an entry.
        if since_place >= FREE_PART
            && let Some(place) = last.and_then(next_key).filter(|place| *place < key)
        {
            table.insert(place, EMPTY)?;
            places.push_back(place);
            since_place = 0;
        }
        table.insert(key, EMPTY)?;
        last = Some(key);
        if places.len() > PLACES_BEHIND
            && let Some(place) = places.pop_front()
        {
            table.remove(place)?;
        }
    }
    for place in places {
        table.remove(place)?;
    }
    Ok(())
}

/// The key of an index behind this one, with the same name and time.
fn next_key(key: Key) -> Option<Key> {
    let (rest, id) = key.split_last_chunk()?;
    let id = u32::from_be_bytes(*id).checked_add(1)?;
    let mut next = key;
    next.get_mut(rest.len()..)?.copy_from_slice(&id.to_be_bytes());
    Some(next)
}

/// Names that stay because an interval has them.
#[derive(Default)]
struct UsedNames {
    numbers: BTreeMap<Kind, BTreeSet<u32>>,
}

impl NameSource for UsedNames {
    fn text(&mut self, kind: Kind, number: u32) -> Result<Arc<str>> {
        self.numbers.entry(kind).or_default().insert(number);
        Ok(Arc::default())
    }
}
