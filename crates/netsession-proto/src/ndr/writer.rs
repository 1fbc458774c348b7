use crate::wire::Writer;

/// Writes the stub of a call. It aligns by itself, and numbers the referents as Windows and Samba do.
///
/// ```
/// use netsession_proto::ndr::NdrWriter;
///
/// let mut writer = NdrWriter::new();
/// writer.unique_u32(Some(9));
/// assert_eq!(writer.into_bytes(), [0, 0, 2, 0, 9, 0, 0, 0]);
/// ```
#[derive(Debug, Clone)]
pub struct NdrWriter {
    writer: Writer,
    next_referent: u32,
}

impl NdrWriter {
    const FIRST_REFERENT: u32 = 0x0002_0000;

    /// An empty stub.
    #[must_use]
    pub const fn new() -> Self {
        Self { writer: Writer::new(), next_referent: Self::FIRST_REFERENT }
    }

    /// A `DWORD`.
    pub fn u32(&mut self, value: u32) {
        self.writer.align(4);
        self.writer.u32(value);
    }

    /// A `DWORD` that counts something; see [`crate::wire::to_u32`].
    pub fn count(&mut self, count: usize) {
        self.u32(crate::wire::to_u32(count));
    }

    /// A unique pointer: null, or to a referent that the caller writes later.
    pub fn pointer(&mut self, points: bool) {
        if points {
            self.u32(self.next_referent);
            // Wraps after a billion pointers, never to zero.
            self.next_referent = self.next_referent.checked_add(4).unwrap_or(Self::FIRST_REFERENT);
        } else {
            self.u32(0);
        }
    }

    /// A parameter `[unique] DWORD*`: the pointer, then its referent.
    pub fn unique_u32(&mut self, value: Option<u32>) {
        self.pointer(value.is_some());
        if let Some(value) = value {
            self.u32(value);
        }
    }

    /// A parameter `[string, unique] WCHAR*`: the pointer, then its referent.
    pub fn unique_string(&mut self, text: Option<&str>) {
        self.pointer(text.is_some());
        if let Some(text) = text {
            self.wide_string(text);
        }
    }

    /// A `[string] WCHAR*`, conformant and varying, with its terminating null.
    pub fn wide_string(&mut self, text: &str) {
        let units = text.encode_utf16().count().saturating_add(1);
        self.count(units);
        self.u32(0);
        self.count(units);
        self.writer.utf16(text);
        self.writer.u16(0);
    }

    /// The stub.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.writer.into_bytes()
    }
}

impl Default for NdrWriter {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ndr::NdrReader;

    #[test]
    fn referents_are_numbered() {
        let mut writer = NdrWriter::new();
        writer.pointer(true);
        writer.pointer(false);
        writer.pointer(true);
        assert_eq!(writer.into_bytes(), [0, 0, 2, 0, 0, 0, 0, 0, 4, 0, 2, 0]);
    }

    proptest! {
        #[test]
        fn strings_survive_both_ways(texts in proptest::collection::vec("[^\0]{0,20}", 0..5)) {
            let mut writer = NdrWriter::new();
            for text in &texts {
                writer.wide_string(text);
            }
            let bytes = writer.into_bytes();
            let mut reader = NdrReader::new(&bytes);
            for text in texts {
                prop_assert_eq!(reader.wide_string("text"), Ok(text));
            }
            prop_assert!(reader.take_rest().is_empty());
        }
    }
}
