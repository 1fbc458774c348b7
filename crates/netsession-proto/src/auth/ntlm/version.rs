use crate::wire::{DecodeError, Reader, Writer};

/// The version of the sender's system, for debugging alone (VERSION, \[MS-NLMP\] 2.2.2.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Version {
    /// ProductMajorVersion.
    pub major: u8,
    /// ProductMinorVersion.
    pub minor: u8,
    /// ProductBuild.
    pub build: u16,
    /// NTLMRevisionCurrent, 0x0f wherever the field is filled.
    pub revision: u8,
}

impl Version {
    /// Size on the wire.
    pub(super) const SIZE: usize = 1 /* major */ + 1 /* minor */ + 2 /* build */ + 3 /* reserved */ + 1 /* revision */;

    /// The version that this client sends: that of Samba, which every server accepts.
    pub(super) const OURS: Self = Self { major: 6, minor: 1, build: 0, revision: 0x0f };

    pub(super) fn encode(self, writer: &mut Writer) {
        writer.u8(self.major);
        writer.u8(self.minor);
        writer.u16(self.build);
        writer.zeros(3);
        writer.u8(self.revision);
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let major = reader.u8("ProductMajorVersion")?;
        let minor = reader.u8("ProductMinorVersion")?;
        let build = reader.u16("ProductBuild")?;
        reader.skip(3, "Version.Reserved")?;
        Ok(Self { major, minor, build, revision: reader.u8("NTLMRevisionCurrent")? })
    }
}
