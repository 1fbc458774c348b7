use super::{Command, Header};
use crate::wire::{DecodeError, Reader, Writer};

/// The part of a message that belongs to one command.
pub trait Body<'a>: Sized {
    /// The command.
    const COMMAND: Command;

    /// Writes the body. `out` already holds the header, so that positions in it are offsets of the message.
    fn encode(&self, out: &mut Writer);

    /// Reads the body; `reader` stands right after the header of the message it was made from.
    ///
    /// # Errors
    /// The bytes break the format.
    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError>;

    /// Reads the body of a whole message, header included.
    ///
    /// # Errors
    /// The bytes break the format.
    fn decode(message: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(message);
        reader.skip(Header::SIZE, "header")?;
        Self::decode_body(&mut reader)
    }
}

/// A whole message: the header, with the command of the body, then the body.
#[must_use]
pub fn encode<'a, B: Body<'a>>(header: &Header, body: &B) -> Vec<u8> {
    let mut out = Writer::with_capacity(256);
    Header { command: B::COMMAND, ..header.clone() }.encode(&mut out);
    body.encode(&mut out);
    out.into_bytes()
}

/// Writes a variable part and returns where it stands in the message, or 0 where it is empty.
pub(super) fn put_buffer(out: &mut Writer, bytes: &[u8]) -> usize {
    if bytes.is_empty() {
        return 0;
    }
    let offset = out.position();
    out.bytes(bytes);
    offset
}

/// A variable part by its offset and length from the wire. An empty one may have any offset.
pub(super) fn buffer<'a>(
    reader: &Reader<'a>,
    offset: usize,
    length: usize,
    field: &'static str,
) -> Result<&'a [u8], DecodeError> {
    match length {
        0 => Ok(&[]),
        _ if offset < Header::SIZE => Err(DecodeError::wrong(field, offset, "lies within the header")),
        _ => reader.sub(offset, length, field),
    }
}
