use super::body::{buffer, put_buffer};
use super::{Body, Command, FileId};
use crate::wire::{DecodeError, Reader, Writer, to_u16, utf16_bytes, utf16_lossy};

/// Opens a file or pipe that exists, for reading and writing (\[MS-SMB2\] 2.2.13).
///
/// The fields that are always the same for a pipe (sharing, disposition, no lease) are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateRequest {
    /// The name within the share, without a leading backslash: `srvsvc`.
    pub name: String,
}

/// The open file (\[MS-SMB2\] 2.2.14). Times, sizes and attributes of a pipe mean nothing and are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateResponse {
    /// Its handle.
    pub file_id: FileId,
}

/// SecurityImpersonation.
const IMPERSONATION: u32 = 0x0000_0002;
/// FILE_READ_DATA, FILE_WRITE_DATA, FILE_APPEND_DATA, FILE_READ_EA, FILE_WRITE_EA, FILE_READ_ATTRIBUTES,
/// FILE_WRITE_ATTRIBUTES, READ_CONTROL, SYNCHRONIZE: what every client asks for on a pipe.
const PIPE_ACCESS: u32 = 0x0012_019f;
/// FILE_SHARE_READ, FILE_SHARE_WRITE.
const SHARE_ACCESS: u32 = 0x0000_0003;
/// FILE_OPEN: fail if it does not exist.
const OPEN: u32 = 0x0000_0001;
/// FILE_ATTRIBUTE_NORMAL.
const NORMAL: u32 = 0x0000_0080;
/// FILE_WAS_OPENED.
const OPENED: u32 = 0x0000_0001;

impl<'a> Body<'a> for CreateRequest {
    const COMMAND: Command = Command::CREATE;

    fn encode(&self, out: &mut Writer) {
        out.u16(57); // StructureSize
        out.u8(0); // SecurityFlags
        out.u8(0); // RequestedOplockLevel: none
        out.u32(IMPERSONATION);
        out.u64(0); // SmbCreateFlags
        out.u64(0); // Reserved
        out.u32(PIPE_ACCESS);
        out.u32(0); // FileAttributes
        out.u32(SHARE_ACCESS);
        out.u32(OPEN);
        out.u32(0); // CreateOptions
        let name = utf16_bytes(&self.name);
        let offset = out.u16_later();
        out.u16_length(name.len());
        out.u32(0); // CreateContextsOffset
        out.u32(0); // CreateContextsLength
        let at = put_buffer(out, &name);
        out.set_u16(offset, to_u16(at));
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(57, "CREATE request StructureSize")?;
        const BEFORE_NAME: usize = 1 // SecurityFlags
            + 1 // RequestedOplockLevel
            + 4 // ImpersonationLevel
            + 8 // SmbCreateFlags
            + 8 // Reserved
            + 4 // DesiredAccess
            + 4 // FileAttributes
            + 4 // ShareAccess
            + 4 // CreateDisposition
            + 4; // CreateOptions
        reader.skip(BEFORE_NAME, "CREATE request")?;
        let offset = reader.u16_length("NameOffset")?;
        let length = reader.u16_length("NameLength")?;
        reader.skip(4, "CreateContextsOffset")?;
        reader.skip(4, "CreateContextsLength")?;
        Ok(Self { name: utf16_lossy(buffer(reader, offset, length, "Name")?) })
    }
}

impl<'a> Body<'a> for CreateResponse {
    const COMMAND: Command = Command::CREATE;

    fn encode(&self, out: &mut Writer) {
        out.u16(89); // StructureSize
        out.u8(0); // OplockLevel
        out.u8(0); // Flags
        out.u32(OPENED);
        out.zeros(4 * 8); // CreationTime, LastAccessTime, LastWriteTime, ChangeTime
        out.u64(4096); // AllocationSize
        out.u64(0); // EndofFile
        out.u32(NORMAL);
        out.u32(0); // Reserved2
        self.file_id.encode(out);
        out.u32(0); // CreateContextsOffset
        out.u32(0); // CreateContextsLength
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(89, "CREATE response StructureSize")?;
        const BEFORE_FILE_ID: usize = 1 // OplockLevel
            + 1 // Flags
            + 4 // CreateAction
            + 4 * 8 // CreationTime, LastAccessTime, LastWriteTime, ChangeTime
            + 8 // AllocationSize
            + 8 // EndofFile
            + 4 // FileAttributes
            + 4; // Reserved2
        reader.skip(BEFORE_FILE_ID, "CREATE response")?;
        let file_id = FileId::decode(reader)?;
        reader.skip(4, "CreateContextsOffset")?;
        reader.skip(4, "CreateContextsLength")?;
        Ok(Self { file_id })
    }
}
