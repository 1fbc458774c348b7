use super::{to_u16, to_u32};

/// Writes little-endian fields to a growing buffer.
///
/// ```
/// use netsession_proto::wire::Writer;
///
/// let mut writer = Writer::new();
/// writer.u16(57);
/// let length = writer.u32_later();
/// writer.bytes(b"abc");
/// writer.set_u32(length, 3);
/// assert_eq!(writer.into_bytes(), [57, 0, 3, 0, 0, 0, b'a', b'b', b'c']);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

/// The place of a field that is written later, from [`Writer::u16_later`] or [`Writer::u32_later`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a field that is to be written later"]
pub struct Later(usize);

impl Writer {
    /// An empty writer.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// An empty writer with room for `capacity` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity) }
    }

    /// Bytes written so far.
    #[must_use]
    pub fn position(&self) -> usize {
        self.bytes.len()
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    /// Two bytes.
    pub fn u16(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    /// A length as two bytes; see [`to_u16`].
    pub fn u16_length(&mut self, length: usize) {
        self.u16(to_u16(length));
    }

    /// A length as four bytes; see [`to_u32`].
    pub fn u32_length(&mut self, length: usize) {
        self.u32(to_u32(length));
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// `count` zero bytes.
    pub fn zeros(&mut self, count: usize) {
        self.bytes.resize(self.bytes.len().saturating_add(count), 0);
    }

    /// A text as UTF-16LE, without a terminating null.
    pub fn utf16(&mut self, text: &str) {
        for unit in text.encode_utf16() {
            self.u16(unit);
        }
    }

    /// Zero bytes up to the next multiple of `to` bytes from the start.
    pub fn align(&mut self, to: usize) {
        let past = self.bytes.len().checked_rem(to).unwrap_or(0);
        if past != 0 {
            self.zeros(to.saturating_sub(past));
        }
    }

    /// Leaves two bytes for [`Writer::set_u16`].
    pub fn u16_later(&mut self) -> Later {
        let place = Later(self.bytes.len());
        self.u16(0);
        place
    }

    /// Leaves four bytes for [`Writer::set_u32`].
    pub fn u32_later(&mut self) -> Later {
        let place = Later(self.bytes.len());
        self.u32(0);
        place
    }

    /// Fills a place left by [`Writer::u16_later`].
    pub fn set_u16(&mut self, place: Later, value: u16) {
        self.overwrite(place.0, &value.to_le_bytes());
    }

    /// Fills a place left by [`Writer::u32_later`].
    pub fn set_u32(&mut self, place: Later, value: u32) {
        self.overwrite(place.0, &value.to_le_bytes());
    }

    /// Replaces bytes that were written before; what would lie past the end is left out.
    pub fn overwrite(&mut self, offset: usize, with: &[u8]) {
        for (old, new) in self.bytes.iter_mut().skip(offset).zip(with) {
            *old = *new;
        }
    }

    /// What has been written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What has been written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_little_endian_and_aligned_from_the_start() {
        let mut writer = Writer::with_capacity(16);
        writer.u8(1);
        writer.align(4);
        writer.u16(0x0203);
        writer.utf16("é");
        assert_eq!(writer.as_bytes(), [1, 0, 0, 0, 3, 2, 0xe9, 0]);
        writer.align(4);
        assert_eq!(writer.position(), 8);
    }

    #[test]
    fn overwriting_never_grows_the_buffer() {
        let mut writer = Writer::new();
        writer.zeros(4);
        writer.overwrite(2, &[7, 7, 7]);
        writer.overwrite(9, &[1]);
        assert_eq!(writer.into_bytes(), [0, 0, 7, 7]);
    }
}
