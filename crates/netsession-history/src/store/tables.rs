//! The tables, and how their keys are ordered.

use redb::{ReadTransaction, TableDefinition, WriteTransaction};

use super::fault::{Fault, Result};
use crate::seconds::MAX_SECONDS;

/// Of this version. A change that old versions cannot read raises it.
pub(crate) const FORMAT: u32 = 1;

/// `format` and `next_id`.
pub(crate) const META: TableDefinition<'_, &str, u32> = TableDefinition::new("netsession");
/// Server number -> its name and times.
pub(crate) const SERVERS: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("servers");
/// Kind and number -> text.
pub(crate) const NAMES: TableDefinition<'_, [u8; 5], &[u8]> = TableDefinition::new("names");
/// Hash of kind and text -> number. A hash that is taken by another text leaves the next one.
pub(crate) const NAME_NUMBERS: TableDefinition<'_, u64, u32> = TableDefinition::new("name numbers");
pub(crate) const GAPS: Spans = TableDefinition::new("gaps");

/// Intervals that ended. The key is also the index by time, see [`SpanKey`].
pub(crate) type Spans = TableDefinition<'static, [u8; 10], &'static [u8]>;
/// Intervals that last, by their number.
pub(crate) type Opens = TableDefinition<'static, u32, &'static [u8]>;
/// Number of a name, and the key in [`Spans`].
pub(crate) type Index = TableDefinition<'static, [u8; 14], ()>;

/// Key of an interval: its class, its beginning, its number.
///
/// An interval of class `c` is shorter than 2^c seconds. So those that touch a time `t` are, in each class, among those
/// that begin in the 2^c seconds before `t`: a question about a time reads a few ranges, in which every second entry
/// or more is wanted, however many intervals there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SpanKey {
    pub(crate) class: u8,
    pub(crate) from: u64,
    pub(crate) id: u32,
}

/// Classes of all lengths that times have.
pub(crate) const CLASSES: u8 = 41;

impl SpanKey {
    pub(crate) fn new(from: u64, until: u64, id: u32) -> Self {
        let length = until.saturating_sub(from).min(MAX_SECONDS);
        let class = u8::try_from(u64::BITS.saturating_sub(length.leading_zeros())).unwrap_or(CLASSES);
        Self { class, from: from.min(MAX_SECONDS), id }
    }

    pub(crate) fn bytes(self) -> [u8; 10] {
        let [_, _, _, a, b, c, d, e] = self.from.to_be_bytes();
        let [i, j, k, l] = self.id.to_be_bytes();
        [self.class, a, b, c, d, e, i, j, k, l]
    }

    pub(crate) fn read([class, a, b, c, d, e, i, j, k, l]: [u8; 10]) -> Self {
        let from = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
        Self { class, from, id: u32::from_be_bytes([i, j, k, l]) }
    }

    /// The key in an index.
    pub(crate) fn indexed(self, name: u32) -> [u8; 14] {
        let [a, b, c, d] = name.to_be_bytes();
        let [e, f, g, h, i, j, k, l, m, n] = self.bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n]
    }

    pub(crate) fn read_indexed([_, _, _, _, key @ ..]: [u8; 14]) -> Self {
        Self::read(key)
    }

    /// The latest moment at which it can still last.
    pub(crate) fn latest_end(self) -> u64 {
        self.from.saturating_add(length_limit(self.class))
    }
}

/// What all lengths of a class are below.
pub(crate) fn length_limit(class: u8) -> u64 {
    1_u64.checked_shl(class.into()).unwrap_or(u64::MAX)
}

/// What a file of this version holds, or why it is none.
pub(crate) fn check_format(transaction: &ReadTransaction) -> Result<()> {
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(redb::TableError::TableDoesNotExist(_) | redb::TableError::TableTypeMismatch { .. }) => {
            return Err(Fault::NotAStore);
        }
        Err(error) => return Err(error.into()),
    };
    match meta.get("format")?.map(|format| format.value()) {
        None | Some(0) => Err(Fault::NotAStore),
        Some(1..=FORMAT) => Ok(()),
        Some(newer) => Err(Fault::Newer(newer, FORMAT)),
    }
}

/// Makes the tables of a new file.
pub(crate) fn create(transaction: &WriteTransaction) -> Result<()> {
    transaction.open_table(META)?.insert("format", FORMAT)?;
    transaction.open_table(SERVERS)?;
    transaction.open_table(NAMES)?;
    transaction.open_table(NAME_NUMBERS)?;
    transaction.open_table(GAPS)?;
    Ok(())
}
