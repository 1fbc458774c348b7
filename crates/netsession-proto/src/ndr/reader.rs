use crate::wire::{DecodeError, Reader, to_usize, utf16_lossy};

/// Reads the stub of a call, front to back. It cannot panic, and allocates no more than the bytes at hand hold.
///
/// ```
/// use netsession_proto::ndr::NdrReader;
///
/// let stub = [0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, b'h', 0, b'i', 0, 0, 0];
/// let mut reader = NdrReader::new(&stub);
/// assert_eq!(reader.unique_string("UserName")?.as_deref(), Some("hi"));
/// # Ok::<(), netsession_proto::wire::DecodeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct NdrReader<'a> {
    reader: Reader<'a>,
}

impl<'a> NdrReader<'a> {
    /// A reader at the start of a stub.
    #[must_use]
    pub const fn new(stub: &'a [u8]) -> Self {
        Self { reader: Reader::new(stub) }
    }

    /// A reader of the rest of a stub, whose first `base` bytes have been read.
    #[must_use]
    pub const fn after(base: usize, rest: &'a [u8]) -> Self {
        Self { reader: Reader::after(base, rest) }
    }

    /// Bytes read so far.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.reader.position()
    }

    /// All that is left.
    pub fn take_rest(&mut self) -> &'a [u8] {
        self.reader.take_rest()
    }

    /// A `DWORD` (C706 14.2.5).
    ///
    /// # Errors
    /// The bytes end before it.
    pub fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.reader.align(4, field)?;
        self.reader.u32(field)
    }

    /// A `DWORD` that counts something.
    ///
    /// # Errors
    /// The bytes end before it.
    pub fn count(&mut self, field: &'static str) -> Result<usize, DecodeError> {
        self.u32(field).map(to_usize)
    }

    /// Whether a unique pointer is not null; its referent follows later (C706 14.3.10). The referent id is
    /// ignored: unique pointers never share a referent.
    ///
    /// # Errors
    /// The bytes end before it.
    pub fn pointer(&mut self, field: &'static str) -> Result<bool, DecodeError> {
        self.u32(field).map(|referent| referent != 0)
    }

    /// A parameter `[unique] DWORD*`: the pointer, then its referent.
    ///
    /// # Errors
    /// The bytes end before it.
    pub fn unique_u32(&mut self, field: &'static str) -> Result<Option<u32>, DecodeError> {
        if self.pointer(field)? { self.u32(field).map(Some) } else { Ok(None) }
    }

    /// A parameter `[string, unique] WCHAR*`: the pointer, then its referent.
    ///
    /// # Errors
    /// As [`NdrReader::wide_string`].
    pub fn unique_string(&mut self, field: &'static str) -> Result<Option<String>, DecodeError> {
        if self.pointer(field)? { self.wide_string(field).map(Some) } else { Ok(None) }
    }

    /// A `[string] WCHAR*`, conformant and varying (C706 14.3.4.2): maximum count, offset, actual count, UTF-16.
    ///
    /// It ends at its first null, or at its actual count where a server sends none. Unpaired surrogates
    /// become U+FFFD.
    ///
    /// # Errors
    /// The counts contradict each other or the bytes that are left; the offset is not zero.
    pub fn wide_string(&mut self, field: &'static str) -> Result<String, DecodeError> {
        let bytes = self.wide_string_bytes(field)?;
        let mut text = utf16_lossy(bytes.strip_suffix(&[0, 0]).unwrap_or(bytes));
        // Rare, but a string of C is over at its first null for every other client.
        if let Some(null) = text.find('\0') {
            text.truncate(null);
        }
        Ok(text)
    }

    /// The UTF-16 of such a string, as it was sent.
    ///
    /// # Errors
    /// As [`NdrReader::wide_string`].
    pub fn wide_string_bytes(&mut self, field: &'static str) -> Result<&'a [u8], DecodeError> {
        self.reader.align(4, field)?;
        let start = self.reader.position();
        let maximum = self.reader.u32(field)?;
        let offset = self.reader.u32(field)?;
        let actual = self.reader.u32(field)?;
        if offset != 0 {
            return Err(DecodeError::wrong(
                field,
                start,
                "is a string that does not begin at its first character",
            ));
        }
        if actual > maximum {
            return Err(DecodeError::wrong(
                field,
                start,
                "is a string with more characters than its maximum",
            ));
        }
        self.reader.take(to_usize(actual).saturating_mul(2), field)
    }

    /// The fixed part of one structure, `size` bytes long. What its pointers point at follows behind.
    ///
    /// # Errors
    /// The bytes end before its last byte.
    pub fn sub(&mut self, size: usize, field: &'static str) -> Result<NdrReader<'a>, DecodeError> {
        self.reader.take(size, field).map(NdrReader::new)
    }

    /// The fixed parts of a conformant array of structures (C706 14.3.3.1), each `element` bytes long: their
    /// number, and a reader of them all. The referents of their pointers follow the array.
    ///
    /// The count is checked: the stub has that many elements.
    ///
    /// # Errors
    /// The bytes end before the last element.
    pub fn array(
        &mut self,
        element: usize,
        field: &'static str,
    ) -> Result<(usize, NdrReader<'a>), DecodeError> {
        let count = self.count(field)?;
        let fixed = self.reader.take(count.saturating_mul(element), field)?;
        Ok((count, NdrReader::new(fixed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ndr::NdrWriter;

    fn string(maximum: u32, offset: u32, actual: u32, units: &[u16]) -> Vec<u8> {
        let counts = [maximum, offset, actual].into_iter().flat_map(u32::to_le_bytes);
        counts.chain(units.iter().copied().flat_map(u16::to_le_bytes)).collect()
    }

    fn read(bytes: &[u8]) -> Result<String, DecodeError> {
        NdrReader::new(bytes).wide_string("UserName")
    }

    #[test]
    fn a_string_may_lack_its_null_or_be_empty() {
        assert_eq!(read(&string(2, 0, 2, &[0x68, 0x69])).as_deref(), Ok("hi"));
        assert_eq!(read(&string(9, 0, 2, &[0x68, 0])).as_deref(), Ok("h"));
        assert_eq!(read(&string(0, 0, 0, &[])).as_deref(), Ok(""));
        assert_eq!(read(&string(1, 0, 1, &[0])).as_deref(), Ok(""));
    }

    #[test]
    fn a_string_ends_at_its_first_null() {
        assert_eq!(read(&string(5, 0, 5, &[0x68, 0, 0x69, 0, 0])).as_deref(), Ok("h"));
    }

    #[test]
    fn unpaired_surrogates_are_shown() {
        assert_eq!(read(&string(3, 0, 3, &[0xd800, 0x61, 0xdc00])).as_deref(), Ok("\u{fffd}a\u{fffd}"));
    }

    #[test]
    fn counts_that_lie_are_errors() {
        assert!(read(&string(2, 1, 2, &[0x68, 0])).is_err(), "an offset");
        assert!(read(&string(1, 0, 2, &[0x68, 0])).is_err(), "more than the maximum");
        assert!(read(&string(9, 0, 3, &[0x68, 0])).is_err(), "more than the bytes");
        assert!(read(&string(u32::MAX, 0, u32::MAX, &[0x68, 0])).is_err(), "more than memory");
    }

    #[test]
    fn an_array_that_is_not_there_is_not_believed() {
        let bytes = [0xff; 48];
        assert!(NdrReader::new(&bytes).array(24, "Buffer").is_err());
        assert!(NdrReader::new(&bytes).array(usize::MAX, "Buffer").is_err());
    }

    #[test]
    fn what_follows_a_string_is_aligned() {
        let mut writer = NdrWriter::new();
        writer.unique_string(Some("ab"));
        writer.unique_string(None);
        writer.unique_u32(Some(7));
        writer.unique_u32(None);
        let bytes = writer.into_bytes();
        let mut reader = NdrReader::new(&bytes);
        assert_eq!(reader.unique_string("a").unwrap().as_deref(), Some("ab"));
        assert_eq!(reader.unique_string("b"), Ok(None));
        assert_eq!(reader.unique_u32("c"), Ok(Some(7)));
        assert_eq!(reader.unique_u32("d"), Ok(None));
        assert_eq!(reader.position(), bytes.len());
    }
}
