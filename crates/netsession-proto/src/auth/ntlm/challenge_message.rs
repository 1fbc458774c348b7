use super::message_header::MessageType;
use super::payload::{Payload, PayloadField};
use super::{NegotiateFlags, Version, payload};
use crate::auth::AuthError;
use crate::wire::{DecodeError, Reader, Writer};

/// The second message, from the server: its challenge and its names (CHALLENGE_MESSAGE, \[MS-NLMP\] 2.2.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeMessage {
    /// The flags that the server chose from those of the client.
    pub flags: NegotiateFlags,
    /// The random number that the response is computed from.
    pub server_challenge: [u8; 8],
    /// The server's name or its domain's: UTF-16LE with [`NegotiateFlags::UNICODE`], else in its code page.
    pub target_name: Vec<u8>,
    /// The server's AV pairs as they are on the wire, to be read as a [`TargetInfo`](super::TargetInfo).
    /// Empty without [`NegotiateFlags::TARGET_INFO`].
    pub target_info: Vec<u8>,
    /// The server's version; on the wire only with [`NegotiateFlags::VERSION`].
    pub version: Version,
}

impl ChallengeMessage {
    const FIXED: usize = 8 /* Signature */ + 4 /* MessageType */ + payload::FIELD /* TargetName */
        + 4 /* NegotiateFlags */ + 8 /* ServerChallenge */ + 8 /* Reserved */
        + payload::FIELD /* TargetInfo */ + Version::SIZE;

    /// The message.
    ///
    /// # Errors
    /// [`AuthError::TooLong`] when a field does not fit its 16-bit length.
    pub fn encode(&self) -> Result<Vec<u8>, AuthError> {
        let mut payload = Payload::new(Self::FIXED);
        let target_name = payload.add(&self.target_name, "target name")?;
        let target_info = payload.add(&self.target_info, "target info")?;

        let mut writer = Writer::with_capacity(Self::FIXED);
        MessageType::Challenge.encode(&mut writer);
        target_name.encode(&mut writer);
        writer.u32(self.flags.0);
        writer.bytes(&self.server_challenge);
        writer.zeros(8);
        target_info.encode(&mut writer);
        let version =
            if self.flags.contains(NegotiateFlags::VERSION) { self.version } else { Version::default() };
        version.encode(&mut writer);
        writer.bytes(payload.as_bytes());
        Ok(writer.into_bytes())
    }

    /// Reads a message. Whether it is safe to log on with is checked by the client.
    ///
    /// # Errors
    /// It is cut short, not a CHALLENGE_MESSAGE, or points outside itself.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        MessageType::Challenge.expect(&mut reader)?;
        let target_name = PayloadField::decode(&mut reader, "TargetNameFields")?;
        let flags = NegotiateFlags(reader.u32("NegotiateFlags")?);
        let server_challenge = reader.take_array("ServerChallenge")?;
        let target_name = target_name.bytes(&reader, "TargetName")?;
        // Without its flag the field is to be ignored, and in the oldest messages it is not there.
        let target_info = if flags.contains(NegotiateFlags::TARGET_INFO) {
            reader.skip(8, "Reserved")?;
            PayloadField::decode(&mut reader, "TargetInfoFields")?.bytes(&reader, "TargetInfo")?
        } else {
            &[]
        };
        let version = if flags.contains(NegotiateFlags::VERSION | NegotiateFlags::TARGET_INFO) {
            Version::decode(&mut reader)?
        } else {
            Version::default()
        };
        Ok(Self {
            flags,
            server_challenge,
            target_name: target_name.to_vec(),
            target_info: target_info.to_vec(),
            version,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_prefix_is_an_error() {
        let bytes = ChallengeMessage {
            flags: NegotiateFlags::VERSION | NegotiateFlags::TARGET_INFO,
            server_challenge: [7; 8],
            target_name: crate::wire::utf16_bytes("FS1"),
            target_info: vec![0; 4],
            version: Version::OURS,
        }
        .encode()
        .unwrap();
        for end in 0..bytes.len() {
            assert!(ChallengeMessage::decode(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn a_field_that_does_not_fit_its_length_is_an_error() {
        let message = ChallengeMessage {
            flags: NegotiateFlags::TARGET_INFO,
            server_challenge: [7; 8],
            target_name: Vec::new(),
            target_info: vec![0; 0x1_0000],
            version: Version::default(),
        };
        assert_eq!(
            message.encode(),
            Err(AuthError::TooLong { what: "target info", length: 0x1_0000, limit: 0xffff })
        );
    }

    proptest! {
        #[test]
        fn messages_survive_both_ways(
            flags: u32,
            server_challenge: [u8; 8],
            target_name: Vec<u8>,
            target_info: Vec<u8>,
            build: u16,
        ) {
            let flags = NegotiateFlags(flags) | NegotiateFlags::VERSION | NegotiateFlags::TARGET_INFO;
            let version = Version { build, ..Version::OURS };
            let message = ChallengeMessage { flags, server_challenge, target_name, target_info, version };
            prop_assert_eq!(ChallengeMessage::decode(&message.encode().unwrap()), Ok(message));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = ChallengeMessage::decode(&[&b"NTLMSSP\0\x02\0\0\0"[..], &bytes].concat());
        }
    }
}
