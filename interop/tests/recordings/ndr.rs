//! A reader of NDR and of NDR64 that knows nothing of netsession's own, so that it can say what a stub holds.
//!
//! C706 chapter 14 and \[MS-RPCE\] 2.2.5: in NDR64 pointers and counts have eight bytes and are aligned to eight.

use anyhow::{Context, Result, ensure};

/// Reads a stub from its beginning.
pub(crate) struct NdrReader<'a> {
    stub: &'a [u8],
    position: usize,
    /// The size of pointers and counts: 4, or 8 in NDR64.
    word: usize,
}

impl<'a> NdrReader<'a> {
    pub(crate) fn new(stub: &'a [u8], is_ndr64: bool) -> Self {
        Self { stub, position: 0, word: if is_ndr64 { 8 } else { 4 } }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let taken = self.stub.get(self.position..self.position + length);
        let taken =
            taken.with_context(|| format!("the stub ends at {length} bytes from {}", self.position))?;
        self.position += length;
        Ok(taken)
    }

    /// Skips the padding before a value of this alignment. What is in it is not defined: Windows XP leaves old bytes.
    fn align(&mut self, alignment: usize) {
        self.position = self.position.next_multiple_of(alignment);
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        self.align(4);
        Ok(u32::from_le_bytes(self.take(4)?.try_into()?))
    }

    /// A pointer's referent, or a count.
    fn word(&mut self) -> Result<u64> {
        self.align(self.word);
        let mut bytes = [0; 8];
        bytes[..self.word].copy_from_slice(self.take(self.word)?);
        Ok(u64::from_le_bytes(bytes))
    }

    /// Whether a pointer has a target.
    pub(crate) fn pointer(&mut self) -> Result<bool> {
        Ok(self.word()? != 0)
    }

    /// A count of elements in front of an array.
    pub(crate) fn count(&mut self) -> Result<usize> {
        Ok(usize::try_from(self.word()?)?)
    }

    /// The first value of a structure, or the tag of a union, with pointers in it: it is aligned as these are.
    pub(crate) fn first_u32(&mut self) -> Result<u32> {
        self.align(self.word);
        self.u32()
    }

    /// A conformant varying string of UTF-16 with its null.
    pub(crate) fn string(&mut self) -> Result<String> {
        let (most, offset, length) = (self.count()?, self.count()?, self.count()?);
        ensure!(offset == 0 && (1..=most).contains(&length), "a string of {length} of {most} from {offset}");
        let bytes = self.take(2 * length)?;
        let units: Vec<u16> =
            bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
        ensure!(units.last() == Some(&0), "a string without its null");
        Ok(String::from_utf16(&units[..length - 1])?)
    }

    /// A pointer whose target follows at once.
    pub(crate) fn pointed_string(&mut self) -> Result<Option<String>> {
        if self.pointer()? { self.string().map(Some) } else { Ok(None) }
    }

    /// The target of a pointer that was read before.
    pub(crate) fn string_if(&mut self, is_there: bool) -> Result<Option<String>> {
        if is_there { self.string().map(Some) } else { Ok(None) }
    }

    /// Nothing follows.
    pub(crate) fn finish(self) -> Result<()> {
        ensure!(self.position == self.stub.len(), "{} of {} bytes read", self.position, self.stub.len());
        Ok(())
    }
}
