//! Users, clients and other texts are stored once, and have a number.

use std::collections::HashMap;
use std::sync::Arc;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable as _, Table, WriteTransaction};

use super::fault::{Fault, Result};
use super::tables::{Key, NAME_NUMBERS, NAMES, read_number};
use crate::coding::{Reader, Writer, hash};

/// What a text is; only those of one kind are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    User,
    Client,
    /// Few of them: transports, types of clients, shares.
    Label,
    Path,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::User => 0,
            Self::Client => 1,
            Self::Label => 2,
            Self::Path => 3,
        }
    }
}

fn key(kind: Kind, number: u32) -> Key {
    let [a, b, c, d] = number.to_be_bytes();
    [kind.byte(), a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

fn key_number([_, a, b, c, d, ..]: Key) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

fn slot_key(slot: u64) -> Key {
    let [a, b, c, d, e, f, g, h] = slot.to_be_bytes();
    [a, b, c, d, e, f, g, h, 0, 0, 0, 0, 0, 0]
}

fn hash_name(kind: Kind, text: &str) -> u64 {
    hash(std::iter::once(&kind.byte()).chain(text.as_bytes()))
}

fn encode(key: Key, text: &str) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.text(text);
    writer.finish(&key)
}

fn read_text(key: Key, bytes: &[u8]) -> Result<&str> {
    Ok(Reader::new(&key, bytes)?.text()?)
}

/// Finds or gives numbers within a transaction.
#[derive(Debug)]
pub(crate) struct NameWriter<'t> {
    names: Table<'t, Key, &'static [u8]>,
    numbers: Table<'t, Key, &'static [u8]>,
}

impl<'t> NameWriter<'t> {
    pub(crate) fn new(transaction: &'t WriteTransaction) -> Result<Self> {
        Ok(Self { names: transaction.open_table(NAMES)?, numbers: transaction.open_table(NAME_NUMBERS)? })
    }

    pub(crate) fn number(&mut self, kind: Kind, text: &str) -> Result<u32> {
        let mut slot = hash_name(kind, text);
        loop {
            let Some(number) = self.numbers.get(slot_key(slot))? else { break };
            let number = read_number(number.value())?;
            let key = key(kind, number);
            if let Some(bytes) = self.names.get(key)?
                && read_text(key, bytes.value())? == text
            {
                return Ok(number);
            }
            slot = slot.wrapping_add(1);
        }
        let number = self.next_number(kind)?;
        self.put(kind, number, text, slot)?;
        Ok(number)
    }

    fn next_number(&self, kind: Kind) -> Result<u32> {
        let last = self.names.range(key(kind, 0)..=key(kind, u32::MAX))?.next_back().transpose()?;
        let Some((last, _)) = last else { return Ok(0) };
        key_number(last.value()).checked_add(1).ok_or(Fault::Damage("the numbers of names are used up"))
    }

    /// A text with a number that it has already, into a new file.
    pub(crate) fn insert(&mut self, kind: Kind, number: u32, text: &str) -> Result<()> {
        let mut slot = hash_name(kind, text);
        while self.numbers.get(slot_key(slot))?.is_some() {
            slot = slot.wrapping_add(1);
        }
        self.put(kind, number, text, slot)
    }

    fn put(&mut self, kind: Kind, number: u32, text: &str, slot: u64) -> Result<()> {
        let key = key(kind, number);
        self.names.insert(key, encode(key, text).as_slice())?;
        self.numbers.insert(slot_key(slot), number.to_be_bytes().as_slice())?;
        Ok(())
    }
}

/// Reads texts, each once.
#[derive(Debug)]
pub(crate) struct NameReader {
    names: ReadOnlyTable<Key, &'static [u8]>,
    cache: HashMap<(Kind, u32), Arc<str>>,
}

/// Texts in memory at a time: paths may be many.
const CACHED: usize = 100_000;

impl NameReader {
    pub(crate) fn new(transaction: &ReadTransaction) -> Result<Self> {
        Ok(Self { names: transaction.open_table(NAMES)?, cache: HashMap::new() })
    }

    pub(crate) fn text(&mut self, kind: Kind, number: u32) -> Result<Arc<str>> {
        if let Some(text) = self.cache.get(&(kind, number)) {
            return Ok(text.clone());
        }
        let key = key(kind, number);
        let bytes = self.names.get(key)?.ok_or(Fault::Damage("a name is missing"))?;
        let text: Arc<str> = read_text(key, bytes.value())?.into();
        if self.cache.len() >= CACHED {
            self.cache.clear();
        }
        self.cache.insert((kind, number), text.clone());
        Ok(text)
    }

    /// Every text of a kind.
    pub(crate) fn visit(&self, kind: Kind, mut visit: impl FnMut(u32, &str) -> Result<()>) -> Result<()> {
        for entry in self.names.range(key(kind, 0)..=key(kind, u32::MAX))? {
            let (key, bytes) = entry?;
            let key = key.value();
            visit(key_number(key), read_text(key, bytes.value())?)?;
        }
        Ok(())
    }
}
