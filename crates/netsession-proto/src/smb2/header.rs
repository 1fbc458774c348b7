use super::{Command, PROTOCOL_ID};
use crate::erref::NtStatus;
use crate::wire::{DecodeError, Reader, Writer};

/// The header of every message (\[MS-SMB2\] 2.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// How many credits the request costs; 0 in SMB 2.0.2.
    pub credit_charge: u16,
    /// The status of a response. In a request these bytes are ChannelSequence and reserved: zero.
    pub status: NtStatus,
    /// The command.
    pub command: Command,
    /// Credits asked for, or granted.
    pub credits: u16,
    /// Flags.
    pub flags: Flags,
    /// Offset of the next message of a compound from this header, or 0.
    pub next_command: u32,
    /// What matches a response to its request.
    pub message_id: u64,
    /// AsyncId with [`Flags::ASYNC`]; else reserved in the lower and TreeId in the upper 32 bits.
    pub async_or_tree_id: u64,
    /// The session, or 0 before there is one.
    pub session_id: u64,
    /// The signature with [`Flags::SIGNED`], else zeros.
    pub signature: [u8; 16],
}

impl Header {
    /// Bytes of a header.
    pub const SIZE: usize = 4 // ProtocolId
        + 2 // StructureSize
        + 2 // CreditCharge
        + 4 // Status
        + 2 // Command
        + 2 // Credits
        + 4 // Flags
        + 4 // NextCommand
        + 8 // MessageId
        + 8 // AsyncId, or Reserved and TreeId
        + 8 // SessionId
        + 16; // Signature

    /// Offset of NextCommand.
    pub(super) const NEXT_COMMAND: usize = 20;
    /// Offset of Flags.
    pub(super) const FLAGS: usize = 16;
    /// Offset of the signature.
    pub(super) const SIGNATURE: usize = 48;

    const STRUCTURE_SIZE: u16 = 64;

    /// A request's header; the command is set by [`encode`](super::encode).
    #[must_use]
    pub fn request(message_id: u64, session_id: u64, tree_id: u32) -> Self {
        Self {
            credit_charge: 0,
            status: NtStatus(0),
            command: Command::NEGOTIATE,
            credits: 0,
            flags: Flags::default(),
            next_command: 0,
            message_id,
            async_or_tree_id: u64::from(tree_id) << 32,
            session_id,
            signature: [0; 16],
        }
    }

    /// The tree, where the message is not asynchronous.
    #[must_use]
    pub fn tree_id(&self) -> u32 {
        u32::try_from(self.async_or_tree_id >> 32).unwrap_or_default()
    }

    /// Writes the header.
    pub fn encode(&self, out: &mut Writer) {
        out.bytes(&PROTOCOL_ID);
        out.u16(Self::STRUCTURE_SIZE);
        out.u16(self.credit_charge);
        out.u32(self.status.0);
        out.u16(self.command.0);
        out.u16(self.credits);
        out.u32(self.flags.0);
        out.u32(self.next_command);
        out.u64(self.message_id);
        out.u64(self.async_or_tree_id);
        out.u64(self.session_id);
        out.bytes(&self.signature);
    }

    /// Reads the header at the start of a message.
    ///
    /// # Errors
    /// The bytes break the format.
    pub fn decode(message: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(message);
        if reader.take_array("ProtocolId")? != PROTOCOL_ID {
            return Err(DecodeError::wrong("ProtocolId", 0, "is not that of SMB2"));
        }
        reader.expect_u16(Self::STRUCTURE_SIZE, "header StructureSize")?;
        Ok(Self {
            credit_charge: reader.u16("CreditCharge")?,
            status: NtStatus(reader.u32("Status")?),
            command: Command(reader.u16("Command")?),
            credits: reader.u16("CreditResponse")?,
            flags: Flags(reader.u32("Flags")?),
            next_command: reader.u32("NextCommand")?,
            message_id: reader.u64("MessageId")?,
            async_or_tree_id: reader.u64("TreeId")?,
            session_id: reader.u64("SessionId")?,
            signature: reader.take_array("Signature")?,
        })
    }
}

/// Flags of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u32);

impl Flags {
    /// From the server.
    pub const RESPONSE: Self = Self(0x0000_0001);
    /// The header has an AsyncId.
    pub const ASYNC: Self = Self(0x0000_0002);
    /// Related to the message before it in a compound.
    pub const RELATED: Self = Self(0x0000_0004);
    /// Signed.
    pub const SIGNED: Self = Self(0x0000_0008);

    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_both_ways_and_every_prefix_is_an_error() {
        let header = Header {
            credit_charge: 1,
            status: NtStatus(0xc000_0022),
            command: Command::IOCTL,
            credits: 33,
            flags: Flags::RESPONSE.with(Flags::SIGNED),
            next_command: 0x68,
            message_id: 7,
            async_or_tree_id: 5 << 32,
            session_id: 9,
            signature: [3; 16],
        };
        let mut out = Writer::new();
        header.encode(&mut out);
        let bytes = out.into_bytes();
        assert_eq!(bytes.len(), Header::SIZE);
        assert_eq!(Header::decode(&bytes).unwrap(), header);
        assert_eq!(header.tree_id(), 5);
        for length in 0..bytes.len() {
            assert!(Header::decode(&bytes[..length]).is_err(), "{length}");
        }
    }
}
