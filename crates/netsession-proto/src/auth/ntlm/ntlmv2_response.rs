use std::fmt;

use super::TargetInfo;
use crate::auth::AuthError;
use crate::auth::hidden::Hidden;
use crate::wire::{DecodeError, Reader, Writer};

/// The proof that a client knows the password (NTLMv2_RESPONSE, \[MS-NLMP\] 2.2.2.8, around
/// NTLMv2_CLIENT_CHALLENGE, 2.2.2.7).
///
/// Passwords can be guessed from it, so `Debug` does not show the proof.
#[derive(Clone, PartialEq, Eq)]
pub struct Ntlmv2Response {
    /// NTProofStr.
    pub proof: [u8; 16],
    /// TimeStamp: hundreds of nanoseconds since 1601.
    pub timestamp: u64,
    /// ChallengeFromClient.
    pub client_challenge: [u8; 8],
    /// AvPairs: the server's target info and what the client adds.
    pub target_info: TargetInfo,
}

impl Ntlmv2Response {
    /// The response.
    ///
    /// # Errors
    /// [`AuthError::TooLong`] when a value of the target info does not fit its 16-bit length.
    pub fn encode(&self) -> Result<Vec<u8>, AuthError> {
        let mut writer = Writer::new();
        writer.bytes(&self.proof);
        writer.bytes(&temp(self.timestamp, &self.client_challenge, &self.target_info)?);
        Ok(writer.into_bytes())
    }

    /// Reads a response.
    ///
    /// # Errors
    /// It is cut short, of another version, or its target info is malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let proof = reader.take_array("NTProofStr")?;
        let offset = reader.position();
        match reader.take_array("RespType")? {
            [0x01, 0x01] => {}
            [version, _] => return Err(DecodeError::invalid("RespType", offset, u64::from(version))),
        }
        reader.skip(6, "Reserved1")?;
        let timestamp = reader.u64("TimeStamp")?;
        let client_challenge = reader.take_array("ChallengeFromClient")?;
        reader.skip(4, "Reserved3")?;
        let target_info = TargetInfo::decode(reader.take_rest())?;
        Ok(Self { proof, timestamp, client_challenge, target_info })
    }
}

impl fmt::Debug for Ntlmv2Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ntlmv2Response")
            .field("proof", &Hidden(&self.proof))
            .field("timestamp", &self.timestamp)
            .field("client_challenge", &self.client_challenge)
            .field("target_info", &self.target_info)
            .finish()
    }
}

/// What the proof is computed over, after the server's challenge (`temp`, \[MS-NLMP\] 3.3.2).
pub(super) fn temp(
    timestamp: u64,
    client_challenge: &[u8; 8],
    target_info: &TargetInfo,
) -> Result<Vec<u8>, AuthError> {
    let mut writer = Writer::new();
    writer.bytes(&[0x01 /* Responserversion */, 0x01 /* HiResponserversion */]);
    writer.zeros(6);
    writer.u64(timestamp);
    writer.bytes(client_challenge);
    writer.zeros(4);
    writer.bytes(&target_info.encode()?);
    writer.zeros(4);
    Ok(writer.into_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::AvId;
    use super::*;

    #[test]
    fn every_prefix_up_to_the_end_of_the_list_is_an_error() {
        let mut target_info = TargetInfo::default();
        target_info.set(AvId::TIMESTAMP, vec![1; 8]);
        let response = Ntlmv2Response { proof: [1; 16], timestamp: 2, client_challenge: [3; 8], target_info };
        let bytes = response.encode().unwrap();
        let last_zeros = 4;
        for end in 0..bytes.len() - last_zeros {
            assert!(Ntlmv2Response::decode(&bytes[..end]).is_err(), "{end}");
        }
        assert_eq!(Ntlmv2Response::decode(&bytes), Ok(response));
    }

    proptest! {
        #[test]
        fn responses_survive_both_ways(
            proof: [u8; 16], timestamp: u64, client_challenge: [u8; 8], value: Vec<u8>,
        ) {
            let mut target_info = TargetInfo::default();
            target_info.set(AvId::NB_DOMAIN_NAME, value);
            let response = Ntlmv2Response { proof, timestamp, client_challenge, target_info };
            prop_assert_eq!(Ntlmv2Response::decode(&response.encode().unwrap()), Ok(response));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = Ntlmv2Response::decode(&bytes);
        }
    }
}
