//! A file that is read, and whose changes stay in memory: a store that was not closed is repaired without being
//! written, on read-only media and for an account that may only read.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

const PAGE: u64 = 4096;

#[derive(Debug)]
pub(crate) struct Overlay {
    file: File,
    /// Of the file. What lies beyond it is zero until it is written.
    length: u64,
    changes: Mutex<Changes>,
}

#[derive(Debug)]
struct Changes {
    length: u64,
    pages: HashMap<u64, Vec<u8>>,
}

impl Overlay {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length, changes: Mutex::new(Changes { length, pages: HashMap::new() }) })
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_page(&self, page: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(PAGE).unwrap_or(4096)];
        let offset = page.saturating_mul(PAGE);
        let inside = self.length.saturating_sub(offset).min(PAGE);
        let inside = usize::try_from(inside).unwrap_or(0);
        read_exact_from(&self.file, bytes.get_mut(..inside).unwrap_or_default(), offset)?;
        Ok(bytes)
    }
}

#[cfg(unix)]
fn read_exact_from(file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, out, offset)
}

#[cfg(not(unix))]
fn read_exact_from(mut file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(out)
}

/// Where bytes lie: the page, and the range within it.
fn split(offset: u64, rest: usize) -> (u64, usize, usize) {
    let within = usize::try_from(offset % PAGE).unwrap_or(0);
    let room = usize::try_from(PAGE).unwrap_or(4096).saturating_sub(within);
    (offset / PAGE, within, room.min(rest))
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.changes().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let changes = self.changes();
        let end = offset.saturating_add(u64::try_from(out.len()).unwrap_or(u64::MAX));
        if end > changes.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if changes.pages.is_empty() && end <= self.length {
            return read_exact_from(&self.file, out, offset);
        }
        let (mut offset, mut rest) = (offset, out);
        while !rest.is_empty() {
            let (page, within, length) = split(offset, rest.len());
            let (piece, after) = std::mem::take(&mut rest).split_at_mut(length);
            let read;
            let bytes = match changes.pages.get(&page) {
                Some(bytes) => bytes,
                None => {
                    read = self.read_page(page)?;
                    &read
                }
            };
            piece.copy_from_slice(
                bytes.get(within..).and_then(|bytes| bytes.get(..length)).unwrap_or_default(),
            );
            offset = offset.saturating_add(u64::try_from(length).unwrap_or(0));
            rest = after;
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.changes().length = length;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut changes = self.changes();
        let (mut offset, mut rest) = (offset, data);
        while !rest.is_empty() {
            let (page, within, length) = split(offset, rest.len());
            let (piece, after) = rest.split_at(length);
            let bytes = match changes.pages.entry(page) {
                std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::hash_map::Entry::Vacant(entry) => entry.insert(self.read_page(page)?),
            };
            if let Some(place) = bytes.get_mut(within..).and_then(|bytes| bytes.get_mut(..length)) {
                place.copy_from_slice(piece);
            }
            offset = offset.saturating_add(u64::try_from(length).unwrap_or(0));
            rest = after;
        }
        changes.length = changes.length.max(offset);
        Ok(())
    }
}
