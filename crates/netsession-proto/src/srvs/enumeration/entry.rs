use std::fmt;

use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// A level of an enumeration: how much an entry reports.
pub trait InfoLevel: Copy + Eq + fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// All levels that are supported here.
    const ALL: &'static [Self];

    /// The number that stands on the wire.
    fn number(self) -> u32;

    /// The level with this number, if it is supported.
    fn from_number(number: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|level| level.number() == number)
    }

    /// The level of a request, to read its answer by.
    ///
    /// # Errors
    /// The level is not supported: no answer to the request can be read.
    fn requested(number: u32) -> Result<Self, DecodeError> {
        Self::from_number(number).ok_or(DecodeError::invalid("Level", 0, u64::from(number)))
    }
}

/// An entry of an enumeration: a structure of \[MS-SRVS\] 2.2.4 in two parts. The fixed parts of all entries come
/// first, then the strings that their pointers point to.
pub trait Entry: Sized {
    /// The levels of its call.
    type Level: InfoLevel;

    /// Bytes of the fixed part.
    fn fixed_size(level: Self::Level) -> usize;

    /// Reads an entry: its fixed part from `fixed`, its strings from `strings`.
    ///
    /// # Errors
    /// The bytes end before it, or a string is malformed.
    fn decode(
        level: Self::Level,
        fixed: &mut NdrReader<'_>,
        strings: &mut NdrReader<'_>,
    ) -> Result<Self, DecodeError>;

    /// Writes the fixed part.
    fn encode_fixed(&self, level: Self::Level, writer: &mut NdrWriter);

    /// The strings that the level carries, in the order of their pointers.
    fn strings(&self, level: Self::Level) -> Vec<&str>;
}

/// Writes each string of an entry, as [`Entry::strings`] lists them.
pub(in crate::srvs) fn encode_strings<E: Entry>(entry: &E, level: E::Level, writer: &mut NdrWriter) {
    entry.strings(level).into_iter().for_each(|text| writer.wide_string(text));
}

/// The string behind a pointer that has been read: a null pointer says no more than an empty string.
///
/// # Errors
/// As for [`NdrReader::wide_string`].
pub(in crate::srvs) fn string_behind(
    points: bool,
    strings: &mut NdrReader<'_>,
    field: &'static str,
) -> Result<String, DecodeError> {
    if points { strings.wide_string(field) } else { Ok(String::new()) }
}
