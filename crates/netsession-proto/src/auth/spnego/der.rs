//! The part of DER (X.690) that SPNEGO needs: one-byte tags, definite lengths in their shortest form.

use crate::wire::{DecodeError, Reader, Writer};

/// OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
/// ENUMERATED.
pub(super) const ENUMERATED: u8 = 0x0a;
/// GeneralString.
pub(super) const GENERAL_STRING: u8 = 0x1b;
/// SEQUENCE and SEQUENCE OF.
pub(super) const SEQUENCE: u8 = 0x30;
/// `[APPLICATION 0]`, constructed: the wrapping of a first token (RFC 2743 3.1).
pub(super) const APPLICATION_0: u8 = 0x60;

/// The tag `[number]`, constructed. Only numbers below 31 fit, and SPNEGO's end at 4.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Reads elements one after the other. Offsets in errors count from the start of the whole token.
pub(super) struct DerReader<'a> {
    reader: Reader<'a>,
    base: usize,
}

impl<'a> DerReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { reader: Reader::new(bytes), base: 0 }
    }

    /// The contents of the next element, which must have this tag.
    pub(super) fn read(&mut self, tag: u8, field: &'static str) -> Result<DerReader<'a>, DecodeError> {
        let offset = self.position();
        let (found, contents) = self.element(field)?;
        if found == tag { Ok(contents) } else { Err(DecodeError::invalid(field, offset, u64::from(found))) }
    }

    /// The contents of the next element if it has this tag; else nothing is read.
    pub(super) fn read_optional(
        &mut self,
        tag: u8,
        field: &'static str,
    ) -> Result<Option<DerReader<'a>>, DecodeError> {
        if self.peek() == Some(tag) { self.read(tag, field).map(Some) } else { Ok(None) }
    }

    /// An explicitly tagged optional element: `[number]` around exactly one element of this tag.
    pub(super) fn read_explicit(
        &mut self,
        number: u8,
        tag: u8,
        field: &'static str,
    ) -> Result<Option<&'a [u8]>, DecodeError> {
        let Some(mut outer) = self.read_optional(context(number), field)? else { return Ok(None) };
        let contents = outer.read(tag, field)?.take_rest();
        outer.end(field)?;
        Ok(Some(contents))
    }

    /// The tag of the next element.
    pub(super) fn peek(&self) -> Option<u8> {
        self.reader.clone().u8("tag").ok()
    }

    /// All bytes that are left, unchanged.
    pub(super) fn take_rest(&mut self) -> &'a [u8] {
        self.reader.take_rest()
    }

    /// Checks that no bytes are left.
    pub(super) fn end(&self, field: &'static str) -> Result<(), DecodeError> {
        if self.reader.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::wrong(field, self.position(), "is followed by bytes that do not belong to it"))
        }
    }

    pub(super) fn position(&self) -> usize {
        self.base.saturating_add(self.reader.position())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.reader.is_empty()
    }

    fn element(&mut self, field: &'static str) -> Result<(u8, DerReader<'a>), DecodeError> {
        let base = self.base;
        let from_base =
            |error: DecodeError| DecodeError { offset: base.saturating_add(error.offset), ..error };
        let tag = self.reader.u8(field).map_err(from_base)?;
        let length = self.length(field).map_err(from_base)?;
        let base = self.position();
        let contents = self.reader.take(length, field).map_err(from_base)?;
        Ok((tag, DerReader { reader: Reader::new(contents), base }))
    }

    fn length(&mut self, field: &'static str) -> Result<usize, DecodeError> {
        let offset = self.reader.position();
        let first = self.reader.u8(field)?;
        let count = match first {
            short @ 0..=0x7f => return Ok(usize::from(short)),
            0x80 => return Err(DecodeError::wrong(field, offset, "has an indefinite length")),
            // Four bytes of length are more than any frame carries.
            long => match usize::from(long & 0x7f) {
                count @ 1..=4 => count,
                _ => return Err(DecodeError::invalid(field, offset, u64::from(long))),
            },
        };
        let bytes = self.reader.take(count, field)?;
        let length = bytes.iter().fold(0_u32, |length, byte| (length << 8) | u32::from(*byte));
        if length < 0x80 || bytes.first() == Some(&0) {
            return Err(DecodeError::wrong(field, offset, "has a length that is not in its shortest form"));
        }
        Ok(crate::wire::to_usize(length))
    }
}

/// An element of this tag around these contents.
pub(super) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut writer = Writer::with_capacity(contents.len().saturating_add(6 /* tag and length */));
    writer.u8(tag);
    write_length(&mut writer, contents.len());
    writer.bytes(contents);
    writer.into_bytes()
}

/// `[number]` around one element of this tag around these contents.
pub(super) fn explicit(number: u8, tag: u8, contents: &[u8]) -> Vec<u8> {
    element(context(number), &element(tag, contents))
}

fn write_length(writer: &mut Writer, length: usize) {
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => writer.u8(short),
        _ => {
            let bytes = length.to_be_bytes();
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let significant = bytes.get(zeros..).unwrap_or_default();
            writer.u8(0x80 | u8::try_from(significant.len()).unwrap_or_default());
            writer.bytes(significant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<&[u8], DecodeError> {
        DerReader::new(bytes).read(OCTET_STRING, "x").map(|mut contents| contents.take_rest())
    }

    #[test]
    fn lengths_of_every_form_survive() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
            let contents = vec![7; length];
            assert_eq!(read(&element(OCTET_STRING, &contents)), Ok(&contents[..]), "{length}");
        }
        assert_eq!(element(OCTET_STRING, &[0; 0x80])[..3], [0x04, 0x81, 0x80]);
        assert_eq!(element(OCTET_STRING, &[0; 0x100])[..4], [0x04, 0x82, 0x01, 0x00]);
    }

    #[test]
    fn lengths_that_are_not_der_are_refused() {
        for bytes in [
            &[0x04, 0x80, 0x00, 0x00][..],
            &[0x04, 0x81, 0x01, 0x00],
            &[0x04, 0x82, 0x00, 0x80, 0x00],
            &[0x04, 0x85, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00],
            &[0x04, 0xff],
            &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00],
            &[0x30, 0x00],
            &[],
        ] {
            assert!(read(bytes).is_err(), "{bytes:02x?}");
        }
    }

    #[test]
    fn an_error_tells_the_place_in_the_whole_token() {
        let token = element(SEQUENCE, &explicit(0, ENUMERATED, &[1]));
        let mut sequence = DerReader::new(&token).read(SEQUENCE, "sequence").unwrap();
        let error = sequence.read_explicit(0, OCTET_STRING, "negState").unwrap_err();
        assert_eq!(error, DecodeError::invalid("negState", 4, 0x0a));
    }
}
