use super::body::buffer;
use super::{Body, Command, FileId, Header};
use crate::wire::{DecodeError, Reader, Writer};

/// Reads from a file or pipe (\[MS-SMB2\] 2.2.19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRequest {
    /// The handle.
    pub file_id: FileId,
    /// How many bytes at most.
    pub length: u32,
}

/// What was read (\[MS-SMB2\] 2.2.20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadResponse<'a> {
    /// The bytes.
    pub data: &'a [u8],
}

impl<'a> Body<'a> for ReadRequest {
    const COMMAND: Command = Command::READ;

    fn encode(&self, out: &mut Writer) {
        out.u16(49); // StructureSize
        out.u8(0); // Padding: where the data may begin in the response; any place will do
        out.u8(0); // Flags
        out.u32(self.length);
        out.u64(0); // Offset
        self.file_id.encode(out);
        out.u32(0); // MinimumCount
        out.u32(0); // Channel
        out.u32(0); // RemainingBytes
        out.u16(0); // ReadChannelInfoOffset
        out.u16(0); // ReadChannelInfoLength
        out.u8(0); // Buffer, of one byte at least
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(49, "READ request StructureSize")?;
        reader.skip(1, "Padding")?;
        reader.skip(1, "Flags")?;
        let length = reader.u32("Length")?;
        reader.skip(8, "Offset")?;
        Ok(Self { file_id: FileId::decode(reader)?, length })
    }
}

impl<'a> Body<'a> for ReadResponse<'a> {
    const COMMAND: Command = Command::READ;

    fn encode(&self, out: &mut Writer) {
        const DATA_OFFSET: usize = Header::SIZE
            + 2 // StructureSize
            + 1 // DataOffset
            + 1 // Reserved
            + 4 // DataLength
            + 4 // DataRemaining
            + 4; // Reserved2
        out.u16(17); // StructureSize
        out.u8(u8::try_from(DATA_OFFSET).unwrap_or(u8::MAX));
        out.u8(0); // Reserved
        out.u32_length(self.data.len());
        out.u32(0); // DataRemaining
        out.u32(0); // Reserved2
        out.bytes(self.data);
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(17, "READ response StructureSize")?;
        let offset = usize::from(reader.u8("DataOffset")?);
        reader.skip(1, "Reserved")?;
        let length = reader.u32_length("DataLength")?;
        reader.skip(4, "DataRemaining")?;
        reader.skip(4, "Reserved2")?;
        Ok(Self { data: buffer(reader, offset, length, "Data")? })
    }
}
