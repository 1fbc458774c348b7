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
    // Nearly every name is ASCII: one allocation of the right size, no surrogate handling.
    if let Some(text) = utf16_ascii(bytes) {
        return text;
    }
    let (units, _) = bytes.as_chunks();
    let units = units.iter().copied().map(u16::from_le_bytes);
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The same for text that is ASCII throughout, four units at a time.
fn utf16_ascii(bytes: &[u8]) -> Option<String> {
    const NOT_ASCII: u16 = 0xff80;
    const NOT_ASCII_OF_FOUR: u64 = 0xff80_ff80_ff80_ff80;
    let mut ascii = Vec::with_capacity(bytes.len() >> 1);
    let (fours, rest) = bytes.as_chunks();
    for four in fours {
        if u64::from_le_bytes(*four) & NOT_ASCII_OF_FOUR != 0 {
            return None;
        }
        let [a, _, b, _, c, _, d, _] = *four;
        ascii.extend_from_slice(&[a, b, c, d]);
    }
    let (units, _) = rest.as_chunks();
    for unit in units {
        if u16::from_le_bytes(*unit) & NOT_ASCII != 0 {
            return None;
        }
        let [low, _] = *unit;
        ascii.push(low);
    }
    String::from_utf8(ascii).ok()
}

/// UTF-16LE bytes of a text, without a terminating null.
#[must_use]
pub fn utf16_bytes(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_text_survives_both_ways() {
        for text in
            ["", "alice", "Zoë", "日本", "🦀", "twelve ASCII", "ASCII before Zoë", "\u{7f}\u{80}", "Ā"]
        {
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
