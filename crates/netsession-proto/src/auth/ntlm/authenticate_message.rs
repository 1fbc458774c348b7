use std::fmt;

use super::message_header::MessageType;
use super::payload::{Payload, PayloadField};
use super::{NegotiateFlags, Version, payload};
use crate::auth::AuthError;
use crate::auth::hidden::Hidden;
use crate::wire::{DecodeError, Reader, Writer, utf16_bytes};

/// The third message, from the client: its names, and the proof (AUTHENTICATE_MESSAGE, \[MS-NLMP\] 2.2.1.3).
///
/// Passwords can be guessed from the responses, so `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticateMessage {
    /// The flags that were agreed on.
    pub flags: NegotiateFlags,
    /// LmChallengeResponse: 24 zero bytes from every client that sends a MIC.
    pub lm_response: Vec<u8>,
    /// NtChallengeResponse, to be read as an [`Ntlmv2Response`](super::Ntlmv2Response).
    pub nt_response: Vec<u8>,
    /// The user's domain, or the server's name for a local user. Empty where the user is `user@REALM`.
    pub domain: String,
    /// The user.
    pub user: String,
    /// The client's name.
    pub workstation: String,
    /// EncryptedRandomSessionKey: with [`NegotiateFlags::KEY_EXCHANGE`] 16 bytes, else empty.
    pub encrypted_session_key: Vec<u8>,
    /// The client's version; on the wire only with [`NegotiateFlags::VERSION`].
    pub version: Version,
    /// The checksum over the three messages. Clients from before Windows Vista have no room for it.
    pub mic: Option<[u8; 16]>,
}

impl AuthenticateMessage {
    const FIXED_WITHOUT_MIC: usize = Self::VERSION_AT + Version::SIZE;
    const VERSION_AT: usize = 8 /* Signature */ + 4 /* MessageType */
        + payload::FIELD /* LmChallengeResponse */ + payload::FIELD /* NtChallengeResponse */
        + payload::FIELD /* DomainName */ + payload::FIELD /* UserName */ + payload::FIELD /* Workstation */
        + payload::FIELD /* EncryptedRandomSessionKey */ + 4 /* NegotiateFlags */;

    /// The offset of the MIC.
    pub(super) const MIC_AT: usize = Self::FIXED_WITHOUT_MIC;
    /// The length of the MIC.
    pub(super) const MIC_SIZE: usize = 16;

    /// The message.
    ///
    /// # Errors
    /// [`AuthError::TooLong`] when a field does not fit its 16-bit length.
    pub fn encode(&self) -> Result<Vec<u8>, AuthError> {
        let mic_size = if self.mic.is_some() { Self::MIC_SIZE } else { 0 };
        // Texts first, as Windows does: they must begin at an even offset.
        let mut payload = Payload::new(Self::FIXED_WITHOUT_MIC.saturating_add(mic_size));
        let domain = payload.add(&utf16_bytes(&self.domain), "domain name")?;
        let user = payload.add(&utf16_bytes(&self.user), "user name")?;
        let workstation = payload.add(&utf16_bytes(&self.workstation), "workstation name")?;
        let lm_response = payload.add(&self.lm_response, "lm response")?;
        let nt_response = payload.add(&self.nt_response, "nt response")?;
        let session_key = payload.add(&self.encrypted_session_key, "encrypted session key")?;

        let mut writer = Writer::new();
        MessageType::Authenticate.encode(&mut writer);
        for field in [lm_response, nt_response, domain, user, workstation, session_key] {
            field.encode(&mut writer);
        }
        writer.u32(self.flags.0);
        let version =
            if self.flags.contains(NegotiateFlags::VERSION) { self.version } else { Version::default() };
        version.encode(&mut writer);
        if let Some(mic) = &self.mic {
            writer.bytes(mic);
        }
        writer.bytes(payload.as_bytes());
        Ok(writer.into_bytes())
    }

    /// Reads a message.
    ///
    /// Nothing in it says whether Version and MIC are there: they are if the payload begins after them.
    ///
    /// # Errors
    /// It is cut short, not an AUTHENTICATE_MESSAGE, not in Unicode, or points outside itself.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        MessageType::Authenticate.expect(&mut reader)?;
        let lm_response = PayloadField::decode(&mut reader, "LmChallengeResponseFields")?;
        let nt_response = PayloadField::decode(&mut reader, "NtChallengeResponseFields")?;
        let domain = PayloadField::decode(&mut reader, "DomainNameFields")?;
        let user = PayloadField::decode(&mut reader, "UserNameFields")?;
        let workstation = PayloadField::decode(&mut reader, "WorkstationFields")?;
        let session_key = PayloadField::decode(&mut reader, "EncryptedRandomSessionKeyFields")?;
        let flags_at = reader.position();
        let flags = NegotiateFlags(reader.u32("NegotiateFlags")?);
        if !flags.contains(NegotiateFlags::UNICODE) {
            return Err(DecodeError::wrong("NegotiateFlags", flags_at, "lacks NTLMSSP_NEGOTIATE_UNICODE"));
        }

        let payload_start = [lm_response, nt_response, domain, user, workstation, session_key]
            .into_iter()
            .filter_map(PayloadField::start)
            .fold(bytes.len(), usize::min);
        let version = if payload_start < Self::FIXED_WITHOUT_MIC {
            Version::default()
        } else {
            let version = Version::decode(&mut reader)?;
            if flags.contains(NegotiateFlags::VERSION) { version } else { Version::default() }
        };
        let mic = if payload_start < Self::MIC_AT.saturating_add(Self::MIC_SIZE) {
            None
        } else {
            Some(reader.take_array("MIC")?)
        };
        Ok(Self {
            flags,
            lm_response: lm_response.bytes(&reader, "LmChallengeResponse")?.to_vec(),
            nt_response: nt_response.bytes(&reader, "NtChallengeResponse")?.to_vec(),
            domain: domain.text(&reader, "DomainName")?,
            user: user.text(&reader, "UserName")?,
            workstation: workstation.text(&reader, "Workstation")?,
            encrypted_session_key: session_key.bytes(&reader, "EncryptedRandomSessionKey")?.to_vec(),
            version,
            mic,
        })
    }
}

impl fmt::Debug for AuthenticateMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticateMessage")
            .field("flags", &self.flags)
            .field("domain", &self.domain)
            .field("user", &self.user)
            .field("workstation", &self.workstation)
            .field("lm_response", &Hidden(&self.lm_response))
            .field("nt_response", &Hidden(&self.nt_response))
            .field("encrypted_session_key", &Hidden(&self.encrypted_session_key))
            .field("version", &self.version)
            .field("mic", &self.mic.as_ref().map(|mic| Hidden(mic)))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message() -> AuthenticateMessage {
        AuthenticateMessage {
            flags: NegotiateFlags::UNICODE | NegotiateFlags::VERSION,
            lm_response: vec![0; 24],
            nt_response: vec![0x5e; 60],
            domain: "LAB".into(),
            user: "Zoë".into(),
            workstation: "WS1".into(),
            encrypted_session_key: vec![0x5e; 16],
            version: Version::OURS,
            mic: Some([0x5e; 16]),
        }
    }

    #[test]
    fn every_prefix_is_an_error() {
        for mic in [Some([7; 16]), None] {
            let bytes = AuthenticateMessage { mic, ..message() }.encode().unwrap();
            for end in 0..bytes.len() {
                assert!(AuthenticateMessage::decode(&bytes[..end]).is_err(), "{end}");
            }
        }
    }

    #[test]
    fn half_a_unit_and_other_code_pages_are_errors() {
        let mut bytes = message().encode().unwrap();
        bytes[36] = 5;
        let error = AuthenticateMessage::decode(&bytes).unwrap_err();
        assert_eq!(error.field, "UserName");
        let oem = AuthenticateMessage { flags: NegotiateFlags::OEM, ..message() };
        assert!(AuthenticateMessage::decode(&oem.encode().unwrap()).is_err());
    }

    #[test]
    fn a_name_that_does_not_fit_its_length_is_an_error() {
        let long = AuthenticateMessage { user: "u".repeat(0x8000), ..message() };
        assert_eq!(
            long.encode(),
            Err(AuthError::TooLong { what: "user name", length: 0x1_0000, limit: 0xffff })
        );
    }

    #[test]
    fn a_debug_output_shows_no_response() {
        let debug = format!("{:?}", message());
        assert!(debug.contains("Zoë") && !debug.contains("94") && !debug.contains("5e"), "{debug}");
    }

    proptest! {
        #[test]
        fn messages_survive_both_ways(
            flags: u32,
            lm_response: Vec<u8>,
            nt_response: Vec<u8>,
            domain: String,
            user: String,
            workstation: String,
            encrypted_session_key in prop::collection::vec(any::<u8>(), 1..20),
            mic: Option<[u8; 16]>,
        ) {
            let flags = NegotiateFlags(flags) | NegotiateFlags::VERSION | NegotiateFlags::UNICODE;
            let message = AuthenticateMessage {
                flags, lm_response, nt_response, domain, user, workstation, encrypted_session_key,
                version: Version::OURS, mic,
            };
            prop_assert_eq!(AuthenticateMessage::decode(&message.encode().unwrap()), Ok(message));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>, at in 12..88_usize, with: u8) {
            let _ = AuthenticateMessage::decode(&[&b"NTLMSSP\0\x03\0\0\0"[..], &bytes].concat());
            let mut changed = message().encode().unwrap();
            changed[at] = with;
            let _ = AuthenticateMessage::decode(&changed);
        }
    }
}
