use super::message_header::MessageType;
use super::payload::PayloadField;
use super::{NegotiateFlags, Version, payload};
use crate::wire::{DecodeError, Reader, Writer};

/// The first message, from the client: its capabilities (NEGOTIATE_MESSAGE, \[MS-NLMP\] 2.2.1.1).
///
/// The names of domain and workstation that it can carry are in the sender's code page and of no use; they
/// are neither written nor read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegotiateMessage {
    /// The capabilities of the client.
    pub flags: NegotiateFlags,
    /// The client's version; on the wire only with [`NegotiateFlags::VERSION`].
    pub version: Version,
}

impl NegotiateMessage {
    const FIXED: usize = 8 /* Signature */ + 4 /* MessageType */ + 4 /* NegotiateFlags */
        + payload::FIELD /* DomainName */ + payload::FIELD /* Workstation */ + Version::SIZE;

    /// The message.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(Self::FIXED);
        MessageType::Negotiate.encode(&mut writer);
        writer.u32(self.flags.0);
        for _ in ["DomainName", "Workstation"] {
            writer.u32(0);
            writer.u32_length(Self::FIXED);
        }
        let version =
            if self.flags.contains(NegotiateFlags::VERSION) { self.version } else { Version::default() };
        version.encode(&mut writer);
        writer.into_bytes()
    }

    /// Reads a message.
    ///
    /// # Errors
    /// It is cut short or not a NEGOTIATE_MESSAGE.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        MessageType::Negotiate.expect(&mut reader)?;
        let flags = NegotiateFlags(reader.u32("NegotiateFlags")?);
        for name in ["DomainNameFields", "WorkstationFields"] {
            PayloadField::decode(&mut reader, name)?;
        }
        // Without its flag the field may be missing altogether: clients from before Windows XP end here.
        let version = if flags.contains(NegotiateFlags::VERSION) {
            Version::decode(&mut reader)?
        } else {
            Version::default()
        };
        Ok(Self { flags, version })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_prefix_is_an_error() {
        let message = NegotiateMessage { flags: NegotiateFlags::VERSION, version: Version::OURS };
        let bytes = message.encode();
        assert_eq!(bytes.len(), 40);
        for end in 0..bytes.len() {
            assert!(NegotiateMessage::decode(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_version_without_its_flag_is_not_sent() {
        let message = NegotiateMessage { flags: NegotiateFlags::UNICODE, version: Version::OURS };
        let bytes = message.encode();
        assert_eq!(bytes[32..], [0; 8]);
        let old = NegotiateMessage::decode(&bytes[..32]).unwrap();
        assert_eq!(old.version, Version::default());
    }

    proptest! {
        #[test]
        fn messages_survive_both_ways(flags: u32, major: u8, minor: u8, build: u16, revision: u8) {
            let flags = NegotiateFlags(flags) | NegotiateFlags::VERSION;
            let message = NegotiateMessage { flags, version: Version { major, minor, build, revision } };
            prop_assert_eq!(NegotiateMessage::decode(&message.encode()), Ok(message));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = NegotiateMessage::decode(&[&b"NTLMSSP\0\x01\0\0\0"[..], &bytes].concat());
        }
    }
}
