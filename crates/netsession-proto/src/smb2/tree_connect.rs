use super::body::{buffer, put_buffer};
use super::{Body, Command};
use crate::wire::{DecodeError, Reader, Writer, to_u16, utf16_bytes, utf16_lossy};

/// Connects to a share (\[MS-SMB2\] 2.2.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeConnectRequest {
    /// `\\server\share`.
    pub path: String,
}

/// What kind of share it is (\[MS-SMB2\] 2.2.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeConnectResponse {
    /// Disk, pipe or printer.
    pub share_type: ShareType,
    /// ShareFlags.
    pub share_flags: u32,
    /// Capabilities of the share.
    pub capabilities: u32,
    /// What the caller may do at most.
    pub maximal_access: u32,
}

/// ShareType.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareType(pub u8);

impl ShareType {
    /// Pipes: `IPC$`.
    pub const PIPE: Self = Self(0x02);
}

impl TreeConnectResponse {
    /// SMB2_SHAREFLAG_ENCRYPT_DATA: the share demands encryption.
    pub const ENCRYPT_DATA: u32 = 0x0000_8000;
}

impl<'a> Body<'a> for TreeConnectRequest {
    const COMMAND: Command = Command::TREE_CONNECT;

    fn encode(&self, out: &mut Writer) {
        out.u16(9); // StructureSize
        out.u16(0); // Flags
        let path = utf16_bytes(&self.path);
        let offset = out.u16_later();
        out.u16_length(path.len());
        let at = put_buffer(out, &path);
        out.set_u16(offset, to_u16(at));
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(9, "TREE_CONNECT request StructureSize")?;
        reader.skip(2, "Flags")?;
        let offset = reader.u16_length("PathOffset")?;
        let length = reader.u16_length("PathLength")?;
        Ok(Self { path: utf16_lossy(buffer(reader, offset, length, "Path")?) })
    }
}

impl<'a> Body<'a> for TreeConnectResponse {
    const COMMAND: Command = Command::TREE_CONNECT;

    fn encode(&self, out: &mut Writer) {
        out.u16(16); // StructureSize
        out.u8(self.share_type.0);
        out.u8(0); // Reserved
        out.u32(self.share_flags);
        out.u32(self.capabilities);
        out.u32(self.maximal_access);
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(16, "TREE_CONNECT response StructureSize")?;
        let share_type = ShareType(reader.u8("ShareType")?);
        reader.skip(1, "Reserved")?;
        Ok(Self {
            share_type,
            share_flags: reader.u32("ShareFlags")?,
            capabilities: reader.u32("Capabilities")?,
            maximal_access: reader.u32("MaximalAccess")?,
        })
    }
}
