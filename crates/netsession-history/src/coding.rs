//! Bytes of the store: small numbers are short, and each value ends in a checksum, because the database trusts a
//! file that was closed and then damaged.

use crate::seconds::MAX_SECONDS;

/// What the bytes of a damaged file mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damage(pub(crate) &'static str);

/// Writes a value.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.bytes.push(low_bits(number) | 0x80);
            number >>= 7;
        }
        self.bytes.push(low_bits(number));
    }

    /// 0 is none.
    pub(crate) fn optional(&mut self, number: Option<u64>) {
        self.number(number.map_or(0, |number| number.saturating_add(1)));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(u64::try_from(text.len()).unwrap_or(u64::MAX));
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// The value, with the checksum of it and of its key.
    pub(crate) fn finish(mut self, key: &[u8]) -> Vec<u8> {
        let sum = checksum(key, &self.bytes);
        self.bytes.extend_from_slice(&sum);
        self.bytes
    }
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or(0)
}

/// Reads a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Checks the sum first.
    pub(crate) fn new(key: &[u8], bytes: &'a [u8]) -> Result<Self, Damage> {
        let (rest, sum) = bytes.split_last_chunk().ok_or(Damage("a value is too short"))?;
        if checksum(key, rest) != *sum {
            return Err(Damage("the checksum of a value is wrong"));
        }
        Ok(Self { rest })
    }

    pub(crate) fn number(&mut self) -> Result<u64, Damage> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(Damage("a value ends early"))?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Damage("a number is too long"))
    }

    /// Whether nothing follows.
    pub(crate) fn is_empty(self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn small(&mut self) -> Result<u32, Damage> {
        u32::try_from(self.number()?).map_err(|_| Damage("a number is too large"))
    }

    /// A time, or a length of time.
    pub(crate) fn seconds(&mut self) -> Result<u64, Damage> {
        self.number().and_then(|seconds| {
            if seconds > MAX_SECONDS { Err(Damage("a time is too large")) } else { Ok(seconds) }
        })
    }

    pub(crate) fn optional(&mut self) -> Result<Option<u64>, Damage> {
        Ok(self.number()?.checked_sub(1))
    }

    pub(crate) fn optional_small(&mut self) -> Result<Option<u32>, Damage> {
        self.optional()?.map(u32::try_from).transpose().map_err(|_| Damage("a number is too large"))
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Damage> {
        let length = usize::try_from(self.number()?).map_err(|_| Damage("a text is too long"))?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Damage("a text ends early"))?;
        self.rest = rest;
        std::str::from_utf8(text).map_err(|_| Damage("a text is not UTF-8"))
    }
}

/// FNV-1a, folded to 24 bits: zeros, old bytes and bits that flipped are found; it keeps no attacker out.
fn checksum(key: &[u8], bytes: &[u8]) -> [u8; 3] {
    let [a, b, c, d, e, f, g, h] = hash(key.iter().chain(bytes)).to_le_bytes();
    [a ^ d ^ g, b ^ e ^ h, c ^ f]
}

/// FNV-1a, 64 bits.
pub(crate) fn hash<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers in prop::collection::vec(any::<u64>(), 0..9), text: String, key: [u8; 4]) {
            let mut writer = Writer::default();
            numbers.iter().for_each(|number| writer.number(*number));
            writer.text(&text);
            let bytes = writer.finish(&key);
            let mut reader = Reader::new(&key, &bytes).unwrap();
            for number in numbers {
                prop_assert_eq!(reader.number().unwrap(), number);
            }
            prop_assert_eq!(reader.text().unwrap(), text);
        }

        #[test]
        fn flipped_bit_is_found(number: u64, bit in 0_usize..64) {
            let mut writer = Writer::default();
            writer.number(number);
            let mut bytes = writer.finish(b"key");
            let bit = bit % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(Reader::new(b"key", &bytes).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let mut reader = Reader { rest: &bytes };
            while reader.number().is_ok() && reader.text().is_ok() {}
        }
    }
}
