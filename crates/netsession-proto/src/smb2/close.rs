use super::{Body, Command, FileId};
use crate::wire::{DecodeError, Reader, Writer};

/// Closes a file or pipe, without asking for its attributes (\[MS-SMB2\] 2.2.15).
///
/// Asking for them (POSTQUERY_ATTRIB) on a pipe makes smbd log a backtrace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseRequest {
    /// The handle.
    pub file_id: FileId,
}

/// Closed (\[MS-SMB2\] 2.2.16).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseResponse;

impl<'a> Body<'a> for CloseRequest {
    const COMMAND: Command = Command::CLOSE;

    fn encode(&self, out: &mut Writer) {
        out.u16(24); // StructureSize
        out.u16(0); // Flags
        out.u32(0); // Reserved
        self.file_id.encode(out);
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(24, "CLOSE request StructureSize")?;
        reader.skip(2, "Flags")?;
        reader.skip(4, "Reserved")?;
        Ok(Self { file_id: FileId::decode(reader)? })
    }
}

impl<'a> Body<'a> for CloseResponse {
    const COMMAND: Command = Command::CLOSE;

    fn encode(&self, out: &mut Writer) {
        out.u16(60); // StructureSize
        out.zeros(58); // Flags, Reserved, times, sizes and attributes, which were not asked for
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(60, "CLOSE response StructureSize")?;
        reader.skip(58, "CLOSE response")?;
        Ok(Self)
    }
}
