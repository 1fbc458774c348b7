use super::{DecodeError, Problem, to_usize};

/// Reads little-endian fields from a slice, front to back. It cannot panic.
///
/// Offsets given to [`Reader::sub`] and alignment count from the start of the slice that the reader was
/// made from.
///
/// ```
/// use netsession_proto::wire::Reader;
///
/// let mut reader = Reader::new(&[0x39, 0x00, 0x01]);
/// assert_eq!(reader.u16("StructureSize")?, 57);
/// assert!(reader.u32("Flags").is_err());
/// # Ok::<(), netsession_proto::wire::DecodeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    whole: &'a [u8],
    rest: &'a [u8],
    /// Bytes of the message in front of `whole`, read and freed before.
    base: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the first byte of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self::after(0, bytes)
    }

    /// A reader of the rest of a message, whose first `base` bytes have been read: positions and alignment count from
    /// the start of the message.
    #[must_use]
    pub const fn after(base: usize, bytes: &'a [u8]) -> Self {
        Self { whole: bytes, rest: bytes, base }
    }

    /// Bytes read so far.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.base.saturating_add(self.whole.len().saturating_sub(self.rest.len()))
    }

    /// Bytes left.
    #[must_use]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `length` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn take(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(length) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.truncated(field, length)),
        }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn take_array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(self.truncated(field, N)),
        }
    }

    /// All that is left.
    pub fn take_rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// One byte.
    ///
    /// # Errors
    /// None is left.
    pub fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.take_array(field).map(u8::from_le_bytes)
    }

    /// Two bytes, little-endian.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.take_array(field).map(u16::from_le_bytes)
    }

    /// Four bytes, little-endian.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.take_array(field).map(u32::from_le_bytes)
    }

    /// Eight bytes, little-endian.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn u64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.take_array(field).map(u64::from_le_bytes)
    }

    /// Four bytes, little-endian, as a length, count or offset.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn u32_length(&mut self, field: &'static str) -> Result<usize, DecodeError> {
        self.u32(field).map(to_usize)
    }

    /// Two bytes, little-endian, as a length, count or offset.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn u16_length(&mut self, field: &'static str) -> Result<usize, DecodeError> {
        self.u16(field).map(usize::from)
    }

    /// Two bytes that must have one value, such as a StructureSize.
    ///
    /// # Errors
    /// Fewer are left, or they have another value.
    pub fn expect_u16(&mut self, expected: u16, field: &'static str) -> Result<(), DecodeError> {
        let offset = self.position();
        match self.u16(field)? {
            found if found == expected => Ok(()),
            found => Err(DecodeError::invalid(field, offset, u64::from(found))),
        }
    }

    /// Passes over `length` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn skip(&mut self, length: usize, field: &'static str) -> Result<(), DecodeError> {
        self.take(length, field).map(|_| ())
    }

    /// Passes over padding up to the next multiple of `to` bytes from the start.
    ///
    /// # Errors
    /// The bytes end before it.
    pub fn align(&mut self, to: usize, field: &'static str) -> Result<(), DecodeError> {
        let past = self.position().checked_rem(to).unwrap_or(0);
        if past == 0 { Ok(()) } else { self.skip(to.saturating_sub(past), field) }
    }

    /// `length` bytes from `offset`, counted from the start of this reader's slice; the position stays.
    ///
    /// # Errors
    /// They are not all within the slice.
    pub fn sub(&self, offset: usize, length: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        offset.checked_add(length).and_then(|end| self.whole.get(offset..end)).ok_or(DecodeError {
            field,
            offset: self.position(),
            problem: Problem::OutOfBounds { offset, length, available: self.whole.len() },
        })
    }

    /// An error for a value just read or about to be read.
    #[must_use]
    pub fn wrong(&self, field: &'static str, what: &'static str) -> DecodeError {
        DecodeError::wrong(field, self.position(), what)
    }

    fn truncated(&self, field: &'static str, needed: usize) -> DecodeError {
        DecodeError {
            field,
            offset: self.position(),
            problem: Problem::Truncated { needed, left: self.rest.len() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_in_order_and_little_endian() {
        let mut reader = Reader::new(&[1, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9]);
        assert_eq!(reader.u8("a"), Ok(1));
        assert_eq!(reader.u16("b"), Ok(2));
        assert_eq!(reader.u32("c"), Ok(3));
        assert_eq!(reader.u64("d"), Ok(4));
        assert_eq!((reader.position(), reader.remaining()), (15, 1));
        assert_eq!(reader.take_rest(), [9]);
        assert!(reader.is_empty());
    }

    #[test]
    fn a_short_read_takes_nothing_and_says_where() {
        let mut reader = Reader::new(&[1, 2, 3]);
        reader.skip(1, "a").unwrap();
        let error = reader.u32("Length").unwrap_err();
        assert_eq!(error.to_string(), "Length at byte 1 needs 4 bytes and 2 are left");
        assert_eq!(reader.take(2, "b"), Ok(&[2, 3][..]));
    }

    #[test]
    fn alignment_counts_from_the_start() {
        let mut reader = Reader::new(&[0; 8]);
        reader.align(4, "pad").unwrap();
        assert_eq!(reader.position(), 0);
        reader.skip(5, "x").unwrap();
        reader.align(4, "pad").unwrap();
        assert_eq!(reader.position(), 8);
        assert!(Reader::new(&[0; 3]).clone().sub(2, 2, "x").is_err());
    }

    #[test]
    fn an_offset_that_overflows_is_out_of_bounds() {
        let reader = Reader::new(&[0; 8]);
        assert!(reader.sub(usize::MAX, 2, "Buffer").is_err());
        assert_eq!(reader.sub(6, 2, "Buffer"), Ok(&[0, 0][..]));
    }
}
