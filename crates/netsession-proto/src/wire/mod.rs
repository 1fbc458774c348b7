//! Bytes to values and back: the only code that touches raw offsets.
//!
//! Everything that comes from the network is read through [`Reader`], which cannot panic: every read
//! names the field it is for and fails with a [`DecodeError`] that says which field and at which byte.

mod decode_error;
mod reader;
mod writer;

pub use decode_error::{DecodeError, Problem};
pub use reader::Reader;
pub use writer::{Later, Writer};

/// A length from the wire as a `usize`.
///
/// On a machine whose `usize` is narrower than 32 bits a larger value becomes `usize::MAX`, which no
/// slice can satisfy, so that the read that follows fails instead of being cut.
#[must_use]
pub fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// A length as 32 bits; what does not fit becomes `u32::MAX`.
///
/// Only for lengths of what this crate built itself: limits on names and tokens keep them far below.
#[must_use]
pub fn to_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A length as 16 bits; what does not fit becomes `u16::MAX`.
///
/// Only for lengths of what this crate built itself: limits on names and tokens keep them far below.
#[must_use]
pub fn to_u16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// Text from UTF-16LE bytes. An unpaired surrogate becomes U+FFFD, an odd last byte is dropped.
#[must_use]
pub fn utf16_lossy(bytes: &[u8]) -> String {
    let units = || bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([byte(pair, 0), byte(pair, 1)]));
    // Nearly every name is ASCII: one allocation of the right size, no surrogate handling.
    if units().all(|unit| unit < 0x80) {
        return bytes.chunks_exact(2).map(|pair| char::from(byte(pair, 0))).collect();
    }
    char::decode_utf16(units()).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// UTF-16LE bytes of a text, without a terminating null.
#[must_use]
pub fn utf16_bytes(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn byte(pair: &[u8], index: usize) -> u8 {
    pair.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_text_survives_both_ways() {
        for text in ["", "alice", "Zoë", "日本", "🦀"] {
            assert_eq!(utf16_lossy(&utf16_bytes(text)), text);
        }
    }

    #[test]
    fn an_unpaired_surrogate_is_shown_and_not_fatal() {
        let bytes = [0x61, 0x00, 0x00, 0xd8, 0x62, 0x00];
        assert_eq!(utf16_lossy(&bytes), "a\u{fffd}b");
    }

    #[test]
    fn an_odd_last_byte_is_dropped() {
        assert_eq!(utf16_lossy(&[0x61, 0x00, 0x62]), "a");
    }
}
