use super::{Body, Command, Header};
use crate::wire::{DecodeError, Reader, Writer};

/// The body of a response that failed (\[MS-SMB2\] 2.2.2). The status is in the header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorResponse<'a> {
    /// Error contexts, in SMB 3.1.1 only.
    pub contexts: Vec<ErrorContext<'a>>,
    /// Error data without contexts.
    pub data: &'a [u8],
}

/// An error context (\[MS-SMB2\] 2.2.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorContext<'a> {
    /// What kind of data it is.
    pub id: u32,
    /// The data.
    pub data: &'a [u8],
}

impl<'a> Body<'a> for ErrorResponse<'a> {
    /// Stands for any: an error response bears the command of its request.
    const COMMAND: Command = Command::NEGOTIATE;

    fn encode(&self, out: &mut Writer) {
        out.u16(9); // StructureSize
        out.u8(u8::try_from(self.contexts.len()).unwrap_or(u8::MAX));
        out.u8(0); // Reserved
        let length = out.u32_later();
        let start = out.position();
        for (index, context) in self.contexts.iter().enumerate() {
            if index > 0 {
                out.align(8);
            }
            out.u32_length(context.data.len());
            out.u32(context.id);
            out.bytes(context.data);
        }
        out.bytes(self.data);
        out.set_u32(length, crate::wire::to_u32(out.position().saturating_sub(start)));
        if out.position() == start {
            out.u8(0); // ErrorData, of one byte at least
        }
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(9, "ERROR response StructureSize")?;
        let context_count = reader.u8("ErrorContextCount")?;
        reader.skip(1, "Reserved")?;
        let length = reader.u32_length("ByteCount")?;
        let data = reader.take(length, "ErrorData")?;
        if context_count == 0 {
            return Ok(Self { contexts: Vec::new(), data });
        }
        let mut contexts = Vec::new();
        let mut list = Reader::new(data);
        for index in 0..context_count {
            if index > 0 {
                list.align(8, "ErrorContext padding")?;
            }
            let length = list.u32_length("ErrorDataLength")?;
            let id = list.u32("ErrorId")?;
            contexts.push(ErrorContext { id, data: list.take(length, "ErrorContextData")? });
        }
        Ok(Self { contexts, data: &[] })
    }
}

/// A whole error response; it keeps the command of the header, which is that of the request.
#[must_use]
pub fn encode_error(header: &Header, body: &ErrorResponse<'_>) -> Vec<u8> {
    let mut out = Writer::with_capacity(128);
    header.encode(&mut out);
    body.encode(&mut out);
    out.into_bytes()
}
