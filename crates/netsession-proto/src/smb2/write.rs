use super::body::{buffer, put_buffer};
use super::{Body, Command, FileId};
use crate::wire::{DecodeError, Reader, Writer, to_u16};

/// Writes to a file or pipe (\[MS-SMB2\] 2.2.21).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteRequest<'a> {
    /// The handle.
    pub file_id: FileId,
    /// The bytes.
    pub data: &'a [u8],
}

/// Written (\[MS-SMB2\] 2.2.22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteResponse {
    /// How many bytes.
    pub count: u32,
}

impl<'a> Body<'a> for WriteRequest<'a> {
    const COMMAND: Command = Command::WRITE;

    fn encode(&self, out: &mut Writer) {
        out.u16(49); // StructureSize
        let offset = out.u16_later();
        out.u32_length(self.data.len());
        out.u64(0); // Offset
        self.file_id.encode(out);
        out.u32(0); // Channel
        out.u32(0); // RemainingBytes
        out.u16(0); // WriteChannelInfoOffset
        out.u16(0); // WriteChannelInfoLength
        out.u32(0); // Flags
        let at = put_buffer(out, self.data);
        out.set_u16(offset, to_u16(at));
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(49, "WRITE request StructureSize")?;
        let offset = reader.u16_length("DataOffset")?;
        let length = reader.u32_length("Length")?;
        reader.skip(8, "Offset")?;
        let file_id = FileId::decode(reader)?;
        reader.skip(
            4 /* Channel */ + 4 /* RemainingBytes */ + 2 + 2 /* ChannelInfo */ + 4, /* Flags */
            "Flags",
        )?;
        Ok(Self { file_id, data: buffer(reader, offset, length, "Data")? })
    }
}

impl<'a> Body<'a> for WriteResponse {
    const COMMAND: Command = Command::WRITE;

    fn encode(&self, out: &mut Writer) {
        out.u16(17); // StructureSize
        out.u16(0); // Reserved
        out.u32(self.count);
        out.u32(0); // Remaining
        out.u32(0); // WriteChannelInfoOffset, WriteChannelInfoLength
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(17, "WRITE response StructureSize")?;
        reader.skip(2, "Reserved")?;
        let count = reader.u32("Count")?;
        reader.skip(8, "Remaining")?;
        Ok(Self { count })
    }
}
