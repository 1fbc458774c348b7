use crate::wire::{DecodeError, Reader, Writer};

const SIGNATURE: [u8; 8] = *b"NTLMSSP\0";

/// MessageType of the three messages (\[MS-NLMP\] 2.2.1).
#[derive(Clone, Copy)]
pub(super) enum MessageType {
    Negotiate,
    Challenge,
    Authenticate,
}

impl MessageType {
    const fn to_wire(self) -> u32 {
        match self {
            Self::Negotiate => 0x01,
            Self::Challenge => 0x02,
            Self::Authenticate => 0x03,
        }
    }

    /// Signature and MessageType.
    pub(super) fn encode(self, writer: &mut Writer) {
        writer.bytes(&SIGNATURE);
        writer.u32(self.to_wire());
    }

    /// Passes over Signature and MessageType if they are this message's.
    pub(super) fn expect(self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        if reader.take_array("Signature")? != SIGNATURE {
            return Err(DecodeError::wrong("Signature", 0, "is not NTLMSSP"));
        }
        let offset = reader.position();
        match reader.u32("MessageType")? {
            found if found == self.to_wire() => Ok(()),
            found => Err(DecodeError::invalid("MessageType", offset, u64::from(found))),
        }
    }
}

/// Whether these bytes begin as an NTLM message does, that is, without a SPNEGO wrapping.
#[must_use]
pub fn is_ntlm_message(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE)
}
