use netsession_proto::auth::ntlm::{
    AuthenticateMessage, ChallengeMessage, NegotiateMessage, Ntlmv2Response, TargetInfo, is_ntlm_message,
};
use netsession_proto::auth::spnego::{NegTokenInit, NegTokenResp};

use super::again::{Decoder, again};

pub(super) const DECODERS: &[Decoder] = &[
    |bytes| again!(bytes, NegTokenInit::decode, NegTokenInit::encode),
    |bytes| again!(bytes, NegTokenResp::decode, NegTokenResp::encode),
    |bytes| again!(bytes, NegotiateMessage::decode, NegotiateMessage::encode),
    |bytes| encodes_again(bytes, ChallengeMessage::decode, ChallengeMessage::encode),
    |bytes| encodes_again(bytes, AuthenticateMessage::decode, AuthenticateMessage::encode),
    |bytes| encodes_again(bytes, Ntlmv2Response::decode, Ntlmv2Response::encode),
    |bytes| encodes_again(bytes, TargetInfo::decode, TargetInfo::encode),
    |bytes| assert!(!is_ntlm_message(bytes) || bytes.len() >= 8),
];

/// As `again!`, where encoding can fail because something is too long; what came from the wire is not.
fn encodes_again<T: PartialEq, D, E>(
    bytes: &[u8],
    decode: impl Fn(&[u8]) -> Result<T, D>,
    encode: impl Fn(&T) -> Result<Vec<u8>, E>,
) {
    let Ok(first) = decode(bytes) else { return };
    let Ok(bytes) = encode(&first) else {
        // Fields that overlap on the wire can be longer together than a message may be.
        return;
    };
    assert!(decode(&bytes).is_ok_and(|second| second == first), "{}", std::any::type_name::<T>());
}
