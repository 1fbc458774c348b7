//! The variable part of a message, and the fields that point into it (\[MS-NLMP\] 2.2.1).

use crate::auth::AuthError;
use crate::wire::{DecodeError, Reader, Writer};

/// The size of a field that points into the payload.
pub(super) const FIELD: usize = 2 /* Len */ + 2 /* MaxLen */ + 4 /* BufferOffset */;

/// A field that points into the payload: Len, MaxLen, BufferOffset.
#[derive(Clone, Copy)]
pub(super) struct PayloadField {
    length: u16,
    offset: u32,
}

impl PayloadField {
    pub(super) fn encode(self, writer: &mut Writer) {
        writer.u16(self.length);
        writer.u16(self.length);
        writer.u32(self.offset);
    }

    pub(super) fn decode(reader: &mut Reader<'_>, name: &'static str) -> Result<Self, DecodeError> {
        let length = reader.u16(name)?;
        // MaxLen is to be ignored on receipt.
        reader.skip(2, name)?;
        Ok(Self { length, offset: reader.u32(name)? })
    }

    /// The bytes that it points at. An empty field may point anywhere.
    pub(super) fn bytes<'a>(self, message: &Reader<'a>, name: &'static str) -> Result<&'a [u8], DecodeError> {
        if self.length == 0 {
            return Ok(&[]);
        }
        message.sub(crate::wire::to_usize(self.offset), usize::from(self.length), name)
    }

    /// A text in UTF-16.
    pub(super) fn text(self, message: &Reader<'_>, name: &'static str) -> Result<String, DecodeError> {
        let bytes = self.bytes(message, name)?;
        if bytes.len().checked_rem(2) != Some(0) {
            return Err(message.wrong(name, "has half a UTF-16 unit"));
        }
        Ok(crate::wire::utf16_lossy(bytes))
    }

    /// Where its bytes begin, if there are any.
    pub(super) fn start(self) -> Option<usize> {
        (self.length != 0).then(|| crate::wire::to_usize(self.offset))
    }
}

/// Collects the payload of a message that is being written.
pub(super) struct Payload {
    start: usize,
    bytes: Writer,
}

impl Payload {
    /// A payload that begins after `start` bytes of fixed fields.
    pub(super) const fn new(start: usize) -> Self {
        Self { start, bytes: Writer::new() }
    }

    /// Adds bytes and gives the field that points at them.
    pub(super) fn add(&mut self, bytes: &[u8], what: &'static str) -> Result<PayloadField, AuthError> {
        let length = fits(bytes.len(), what)?;
        let offset = crate::wire::to_u32(self.start.saturating_add(self.bytes.position()));
        self.bytes.bytes(bytes);
        Ok(PayloadField { length, offset })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.as_bytes()
    }
}

/// A length as 16 bits, or an error that names what is too long.
pub(super) fn fits(length: usize, what: &'static str) -> Result<u16, AuthError> {
    u16::try_from(length).map_err(|_| AuthError::TooLong { what, length, limit: usize::from(u16::MAX) })
}
