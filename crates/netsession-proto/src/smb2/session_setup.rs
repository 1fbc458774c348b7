use std::fmt;

use super::body::{buffer, put_buffer};
use super::{Body, Command};
use crate::auth::Hidden;
use crate::wire::{DecodeError, Reader, Writer, to_u16};

/// One step of a log-on (\[MS-SMB2\] 2.2.5).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSetupRequest<'a> {
    /// Whether signing is demanded, as in NEGOTIATE.
    pub security_mode: u8,
    /// The mechanism's token.
    pub token: &'a [u8],
}

/// The server's token, and what kind of session it is (\[MS-SMB2\] 2.2.6).
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSetupResponse<'a> {
    /// What kind of session it is.
    pub flags: SessionFlags,
    /// The mechanism's token.
    pub token: &'a [u8],
}

/// SessionFlags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionFlags(pub u16);

impl SessionFlags {
    /// The caller is taken for a guest.
    pub const GUEST: Self = Self(0x0001);
    /// The session is anonymous.
    pub const NULL: Self = Self(0x0002);
    /// The server demands encryption.
    pub const ENCRYPT_DATA: Self = Self(0x0004);

    /// Whether any bit of `other` is set.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Without the token: logs never show one.
impl fmt::Debug for SessionSetupRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSetupRequest").field("token", &Hidden(self.token)).finish_non_exhaustive()
    }
}

/// Without the token: logs never show one.
impl fmt::Debug for SessionSetupResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSetupResponse")
            .field("flags", &self.flags)
            .field("token", &Hidden(self.token))
            .finish()
    }
}

impl<'a> Body<'a> for SessionSetupRequest<'a> {
    const COMMAND: Command = Command::SESSION_SETUP;

    fn encode(&self, out: &mut Writer) {
        out.u16(25); // StructureSize
        out.u8(0); // Flags
        out.u8(self.security_mode);
        out.u32(0); // Capabilities
        out.u32(0); // Channel
        let offset = out.u16_later();
        out.u16_length(self.token.len());
        out.u64(0); // PreviousSessionId
        let at = put_buffer(out, self.token);
        out.set_u16(offset, to_u16(at));
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(25, "SESSION_SETUP request StructureSize")?;
        reader.skip(1, "Flags")?;
        let security_mode = reader.u8("SecurityMode")?;
        reader.skip(4, "Capabilities")?;
        reader.skip(4, "Channel")?;
        let offset = reader.u16_length("SecurityBufferOffset")?;
        let length = reader.u16_length("SecurityBufferLength")?;
        reader.skip(8, "PreviousSessionId")?;
        Ok(Self { security_mode, token: buffer(reader, offset, length, "SecurityBuffer")? })
    }
}

impl<'a> Body<'a> for SessionSetupResponse<'a> {
    const COMMAND: Command = Command::SESSION_SETUP;

    fn encode(&self, out: &mut Writer) {
        out.u16(9); // StructureSize
        out.u16(self.flags.0);
        let offset = out.u16_later();
        out.u16_length(self.token.len());
        let at = put_buffer(out, self.token);
        out.set_u16(offset, to_u16(at));
    }

    fn decode_body(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        reader.expect_u16(9, "SESSION_SETUP response StructureSize")?;
        let flags = SessionFlags(reader.u16("SessionFlags")?);
        let offset = reader.u16_length("SecurityBufferOffset")?;
        let length = reader.u16_length("SecurityBufferLength")?;
        Ok(Self { flags, token: buffer(reader, offset, length, "SecurityBuffer")? })
    }
}
