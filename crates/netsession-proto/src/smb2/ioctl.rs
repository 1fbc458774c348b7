use super::body::{buffer, put_buffer};
use super::{Body, Command, FileId};
use crate::wire::{DecodeError, Reader, Writer, to_u32};

/// Writes to a pipe and reads the answer, in one request.
pub const FSCTL_PIPE_TRANSCEIVE: u32 = 0x0011_c017;
/// Repeats, signed, what was negotiated unsigned.
pub const FSCTL_VALIDATE_NEGOTIATE_INFO: u32 = 0x0014_0204;

/// SMB2_0_IOCTL_IS_FSCTL.
const IS_FSCTL: u32 = 0x0000_0001;

/// A control code (\[MS-SMB2\] 2.2.31).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IoctlRequest<'a> {
    /// The code.
    pub code: u32,
    /// On which file.
    pub file_id: FileId,
    /// What goes in.
    pub input: &'a [u8],
    /// How much may come out, in bytes.
    pub max_output: u32,
}

/// What came out (\[MS-SMB2\] 2.2.32).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IoctlResponse<'a> {
    /// The code.
    pub code: u32,
    /// On which file.
    pub file_id: FileId,
    /// What came out.
    pub output: &'a [u8],
}

impl<'a> Body<'a> for IoctlRequest<'a> {
    const COMMAND: Command = Command::IOCTL;

    fn encode(&self, out: &mut Writer) {
        out.u16(57); // StructureSize
        out.u16(0); // Reserved
        out.u32(self.code);
        self.file_id.encode(out);
        let offset = out.u32_later();
        out.u32_length(self.input.len());
        out.u32(0); // MaxInputResponse
        out.u32(0); // OutputOffset
        out.u32(0); // OutputCount
        out.u32(self.max_output);
        out.u32(IS_FSCTL);
        out.u32(0); // Reserved2
        let at = put_buffer(out, self.input);
        out.set_u32(offset, to_u32(at));
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(57, "IOCTL request StructureSize")?;
        reader.skip(2, "Reserved")?;
        let code = reader.u32("CtlCode")?;
        let file_id = FileId::decode(reader)?;
        let offset = reader.u32_length("InputOffset")?;
        let length = reader.u32_length("InputCount")?;
        reader.skip(4, "MaxInputResponse")?;
        reader.skip(4, "OutputOffset")?;
        reader.skip(4, "OutputCount")?;
        let max_output = reader.u32("MaxOutputResponse")?;
        reader.skip(4, "Flags")?;
        reader.skip(4, "Reserved2")?;
        Ok(Self { code, file_id, input: buffer(reader, offset, length, "Input")?, max_output })
    }
}

impl<'a> Body<'a> for IoctlResponse<'a> {
    const COMMAND: Command = Command::IOCTL;

    fn encode(&self, out: &mut Writer) {
        out.u16(49); // StructureSize
        out.u16(0); // Reserved
        out.u32(self.code);
        self.file_id.encode(out);
        let input_offset = out.u32_later();
        out.u32(0); // InputCount
        let offset = out.u32_later();
        out.u32_length(self.output.len());
        out.u32(0); // Flags
        out.u32(0); // Reserved2
        let at = put_buffer(out, self.output);
        out.set_u32(input_offset, to_u32(at));
        out.set_u32(offset, to_u32(at));
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(49, "IOCTL response StructureSize")?;
        reader.skip(2, "Reserved")?;
        let code = reader.u32("CtlCode")?;
        let file_id = FileId::decode(reader)?;
        reader.skip(4, "InputOffset")?;
        reader.skip(4, "InputCount")?;
        let offset = reader.u32_length("OutputOffset")?;
        let length = reader.u32_length("OutputCount")?;
        reader.skip(4, "Flags")?;
        reader.skip(4, "Reserved2")?;
        Ok(Self { code, file_id, output: buffer(reader, offset, length, "Output")? })
    }
}
