use super::TRANSFORM_PROTOCOL_ID;
use crate::wire::{DecodeError, Reader, Writer};

/// What stands before an encrypted message (SMB2 TRANSFORM_HEADER, \[MS-SMB2\] 2.2.41).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransformHeader {
    /// The authentication tag.
    pub signature: [u8; 16],
    /// The nonce: 11 bytes for CCM, 12 for GCM, the rest zeros.
    pub nonce: [u8; 16],
    /// Bytes of the message before encryption.
    pub original_size: u32,
    /// Whose keys.
    pub session_id: u64,
}

impl TransformHeader {
    /// Bytes of the header.
    pub const SIZE: usize = 4 // ProtocolId
        + 16 // Signature
        + 16 // Nonce
        + 4 // OriginalMessageSize
        + 2 // Reserved
        + 2 // Flags
        + 8; // SessionId

    /// Offset of what is authenticated along with the message: all after the signature.
    pub(super) const AUTHENTICATED: usize = 4 /* ProtocolId */ + 16 /* Signature */;

    /// Encrypted; in 3.0 and 3.0.2 the number of the cipher, which is the same.
    const ENCRYPTED: u16 = 0x0001;

    /// Writes the header.
    pub fn encode(&self, out: &mut Writer) {
        out.bytes(&TRANSFORM_PROTOCOL_ID);
        out.bytes(&self.signature);
        out.bytes(&self.nonce);
        out.u32(self.original_size);
        out.u16(0); // Reserved
        out.u16(Self::ENCRYPTED);
        out.u64(self.session_id);
    }

    /// Reads the header at the start of a frame.
    ///
    /// # Errors
    /// The bytes break the format.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.take_array("transform ProtocolId")? != TRANSFORM_PROTOCOL_ID {
            return Err(DecodeError::wrong("transform ProtocolId", 0, "is not that of an encrypted message"));
        }
        let signature = reader.take_array("transform Signature")?;
        let nonce = reader.take_array("transform Nonce")?;
        let original_size = reader.u32("OriginalMessageSize")?;
        reader.skip(2, "transform Reserved")?;
        reader.expect_u16(Self::ENCRYPTED, "transform Flags")?;
        Ok(Self { signature, nonce, original_size, session_id: reader.u64("transform SessionId")? })
    }
}
