//! The tables, and how their keys are ordered.

use redb::{ReadTransaction, TableDefinition, WriteTransaction};

use super::fault::{Fault, Result};
use crate::seconds::MAX_SECONDS;

/// Of this version. A change that old versions cannot read raises it.
pub(crate) const FORMAT: u32 = 1;

/// A key of every table, with zeros behind what is shorter. One type for all of them, because the code of the database
/// is in the program once for each: it saves 0.14 MB of it, and costs 12 bytes an interval.
pub(crate) type Key = [u8; 14];
pub(crate) type Rows = TableDefinition<'static, Key, &'static [u8]>;

/// What a table has that is all in its keys.
pub(crate) const EMPTY: &[u8] = &[];

/// The version of the format, and the number of the next interval.
pub(crate) const META: Rows = TableDefinition::new("netsession");
/// In [`META`].
const FORMAT_KEY: u32 = 0;
/// In [`META`].
pub(crate) const NEXT_ID: u32 = 1;
/// Server number -> its name and times.
pub(crate) const SERVERS: Rows = TableDefinition::new("servers");
/// Kind and number -> text.
pub(crate) const NAMES: Rows = TableDefinition::new("names");
/// Hash of kind and text -> number. A hash that is taken by another text leaves the next one.
pub(crate) const NAME_NUMBERS: Rows = TableDefinition::new("name numbers");
/// Times at which a server was not asked or did not answer, by [`SpanKey`].
pub(crate) const GAPS: Rows = TableDefinition::new("gaps");

/// The key for a number. They are in the order of their numbers.
pub(crate) fn number_key(number: u32) -> Key {
    let [a, b, c, d] = number.to_be_bytes();
    [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
}

pub(crate) fn read_number_key([a, b, c, d, ..]: Key) -> u32 {
    u32::from_be_bytes([a, b, c, d])
}

/// A number as a value.
pub(crate) fn read_number(bytes: &[u8]) -> Result<u32> {
    bytes.try_into().map(u32::from_be_bytes).map_err(|_| Fault::Damage("a number has no four bytes"))
}

/// Key of an interval that ended, and of a gap: its class, its beginning, its number.
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

    pub(crate) fn bytes(self) -> Key {
        let [_, _, _, a, b, c, d, e] = self.from.to_be_bytes();
        let [i, j, k, l] = self.id.to_be_bytes();
        [self.class, a, b, c, d, e, i, j, k, l, 0, 0, 0, 0]
    }

    pub(crate) fn read([class, a, b, c, d, e, i, j, k, l, ..]: Key) -> Self {
        let from = u64::from_be_bytes([0, 0, 0, a, b, c, d, e]);
        Self { class, from, id: u32::from_be_bytes([i, j, k, l]) }
    }

    /// The key in an index.
    pub(crate) fn indexed(self, name: u32) -> Key {
        let [a, b, c, d] = name.to_be_bytes();
        let [e, f, g, h, i, j, k, l, m, n, ..] = self.bytes();
        [a, b, c, d, e, f, g, h, i, j, k, l, m, n]
    }

    pub(crate) fn read_indexed([_, _, _, _, a, b, c, d, e, f, g, h, i, j]: Key) -> Self {
        Self::read([a, b, c, d, e, f, g, h, i, j, 0, 0, 0, 0])
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
    let format = meta.get(number_key(FORMAT_KEY))?;
    match format.map(|format| read_number(format.value())).transpose()? {
        None | Some(0) => Err(Fault::NotAStore),
        Some(1..=FORMAT) => Ok(()),
        Some(newer) => Err(Fault::Newer(newer, FORMAT)),
    }
}

/// Makes the tables of a new file.
pub(crate) fn create(transaction: &WriteTransaction) -> Result<()> {
    transaction.open_table(META)?.insert(number_key(FORMAT_KEY), FORMAT.to_be_bytes().as_slice())?;
    transaction.open_table(SERVERS)?;
    transaction.open_table(NAMES)?;
    transaction.open_table(NAME_NUMBERS)?;
    transaction.open_table(GAPS)?;
    Ok(())
}
