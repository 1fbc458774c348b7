use std::fmt;

use super::MechType;
use super::der::{self, DerReader};
use crate::auth::hidden::Hidden;
use crate::wire::DecodeError;

/// Every token after the first one: NegTokenResp (RFC 4178 4.2.2).
///
/// `Debug` shows no token.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct NegTokenResp {
    /// Where the negotiation stands, in the server's eyes.
    pub neg_state: Option<NegState>,
    /// The mechanism that the server chose; in its first answer only.
    pub supported_mech: Option<MechType>,
    /// The next message of the mechanism.
    pub response_token: Option<Vec<u8>>,
    /// The checksum over the mechanisms of the first token.
    pub mech_list_mic: Option<Vec<u8>>,
}

/// Where a negotiation stands (negState, RFC 4178 4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NegState {
    /// accept-completed: the log-on is done.
    AcceptCompleted,
    /// accept-incomplete: another token is needed.
    AcceptIncomplete,
    /// reject: the negotiation has failed.
    Reject,
    /// request-mic: as accept-incomplete, and mechListMIC is wanted.
    RequestMic,
}

impl NegTokenResp {
    /// The token.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        if let Some(state) = self.neg_state {
            fields.extend(der::explicit(0, der::ENUMERATED, &[state.to_wire()]));
        }
        if let Some(mech_type) = &self.supported_mech {
            fields.extend(der::explicit(1, der::OBJECT_IDENTIFIER, mech_type.oid()));
        }
        if let Some(token) = &self.response_token {
            fields.extend(der::explicit(2, der::OCTET_STRING, token));
        }
        if let Some(mic) = &self.mech_list_mic {
            fields.extend(der::explicit(3, der::OCTET_STRING, mic));
        }
        der::explicit(1, der::SEQUENCE, &fields)
    }

    /// Reads a token.
    ///
    /// # Errors
    /// It is not DER, not a later token of SPNEGO, or its fields are not those of the specification.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut whole = DerReader::new(bytes);
        let mut choice = whole.read(der::context(1), "negTokenResp")?;
        whole.end("negTokenResp")?;
        let mut fields = choice.read(der::SEQUENCE, "negTokenResp")?;
        choice.end("negTokenResp")?;

        let offset = fields.position();
        let neg_state = match fields.read_explicit(0, der::ENUMERATED, "negState")? {
            Some(contents) => Some(NegState::from_wire(contents, offset)?),
            None => None,
        };
        let supported_mech = fields.read_explicit(1, der::OBJECT_IDENTIFIER, "supportedMech")?;
        let response_token = fields.read_explicit(2, der::OCTET_STRING, "responseToken")?;
        let mech_list_mic = fields.read_explicit(3, der::OCTET_STRING, "mechListMIC")?;
        // What may follow is a field of an extension: the type ends in "...".
        Ok(Self {
            neg_state,
            supported_mech: supported_mech.map(MechType::from_oid),
            response_token: response_token.map(<[u8]>::to_vec),
            mech_list_mic: mech_list_mic.map(<[u8]>::to_vec),
        })
    }
}

impl NegState {
    const fn to_wire(self) -> u8 {
        match self {
            Self::AcceptCompleted => 0x00,
            Self::AcceptIncomplete => 0x01,
            Self::Reject => 0x02,
            Self::RequestMic => 0x03,
        }
    }

    fn from_wire(contents: &[u8], offset: usize) -> Result<Self, DecodeError> {
        match contents {
            [0x00] => Ok(Self::AcceptCompleted),
            [0x01] => Ok(Self::AcceptIncomplete),
            [0x02] => Ok(Self::Reject),
            [0x03] => Ok(Self::RequestMic),
            _ => Err(DecodeError::wrong("negState", offset, "is none of the four states")),
        }
    }
}

impl fmt::Debug for NegTokenResp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NegTokenResp")
            .field("neg_state", &self.neg_state)
            .field("supported_mech", &self.supported_mech)
            .field("response_token", &self.response_token.as_deref().map(Hidden))
            .field("mech_list_mic", &self.mech_list_mic.as_deref().map(Hidden))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn challenge() -> NegTokenResp {
        NegTokenResp {
            neg_state: Some(NegState::AcceptIncomplete),
            supported_mech: Some(MechType::Ntlmssp),
            response_token: Some(b"NTLMSSP\0".to_vec()),
            mech_list_mic: None,
        }
    }

    #[test]
    fn the_first_answer_of_a_server_is_read_and_written() {
        let bytes = [
            &[0xa1, 0x21, 0x30, 0x1f, 0xa0, 0x03, 0x0a, 0x01, 0x01, 0xa1, 0x0c, 0x06, 0x0a][..],
            &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a, 0xa2, 0x0a, 0x04, 0x08],
            b"NTLMSSP\0",
        ]
        .concat();
        assert_eq!(challenge().encode(), bytes);
        assert_eq!(NegTokenResp::decode(&bytes), Ok(challenge()));
    }

    #[test]
    fn every_prefix_is_an_error() {
        let bytes = NegTokenResp { mech_list_mic: Some(vec![1; 16]), ..challenge() }.encode();
        for end in 0..bytes.len() {
            assert!(NegTokenResp::decode(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn bytes_after_the_token_are_an_error() {
        let mut bytes = challenge().encode();
        bytes.push(0);
        assert!(NegTokenResp::decode(&bytes).is_err());
    }

    #[test]
    fn an_unknown_state_is_an_error() {
        assert!(NegTokenResp::decode(&[0xa1, 0x07, 0x30, 0x05, 0xa0, 0x03, 0x0a, 0x01, 0x04]).is_err());
        assert!(NegTokenResp::decode(&[0xa1, 0x08, 0x30, 0x06, 0xa0, 0x04, 0x0a, 0x02, 0x00, 0x00]).is_err());
    }

    prop_compose! {
        fn token()(
            state in prop::option::of(prop::sample::select(vec![
                NegState::AcceptCompleted, NegState::AcceptIncomplete, NegState::Reject, NegState::RequestMic,
            ])),
            oid: Option<Vec<u8>>,
            response_token: Option<Vec<u8>>,
            mech_list_mic: Option<Vec<u8>>,
        ) -> NegTokenResp {
            let supported_mech = oid.map(|oid| MechType::from_oid(&oid));
            NegTokenResp { neg_state: state, supported_mech, response_token, mech_list_mic }
        }
    }

    proptest! {
        #[test]
        fn tokens_survive_both_ways(token in token()) {
            prop_assert_eq!(NegTokenResp::decode(&token.encode()), Ok(token));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = NegTokenResp::decode(&bytes);
        }
    }
}
