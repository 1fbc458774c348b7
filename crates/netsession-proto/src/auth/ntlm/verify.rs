//! The server's side of the proof (\[MS-NLMP\] 3.2.5.1.2), for the file-server double.

use subtle::ConstantTimeEq;

use super::keys::{self, Key};
use super::mic::mic;
use super::{
    AuthenticateMessage, ChallengeMessage, MessageSigner, NegotiateFlags, Ntlmv2Response, Side, TargetInfo,
};
use crate::auth::{AuthError, SessionKey};
use crate::wire::Reader;

/// The three messages as they were on the wire, without SPNEGO around them.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// NEGOTIATE_MESSAGE.
    pub negotiate: &'a [u8],
    /// CHALLENGE_MESSAGE.
    pub challenge: &'a [u8],
    /// AUTHENTICATE_MESSAGE.
    pub authenticate: &'a [u8],
}

/// A user who has proved to know the password.
#[derive(Debug)]
pub struct LoggedOn {
    session_key: SessionKey,
    signers: Option<Signers>,
}

#[derive(Debug)]
struct Signers {
    client: MessageSigner,
    server: MessageSigner,
}

/// Checks the proof and the MIC of `message`, the decoded form of `exchange.authenticate`, against the
/// password of its user.
///
/// # Errors
/// [`AuthError::NotNtlmV2`], [`AuthError::WrongPassword`], [`AuthError::WrongMic`], or a message that is
/// malformed.
pub fn verify(
    exchange: &Exchange<'_>,
    message: &AuthenticateMessage,
    password: &str,
) -> Result<LoggedOn, AuthError> {
    // An NTLMv1 response has this length and no other.
    if message.nt_response.len() <= 24 {
        return Err(AuthError::NotNtlmV2);
    }
    let response = Ntlmv2Response::decode(&message.nt_response)?;
    let mut raw = Reader::new(&message.nt_response);
    raw.skip(response.proof.len(), "NTProofStr")?;

    let server_challenge = ChallengeMessage::decode(exchange.challenge)?.server_challenge;
    let response_key = keys::ntowf_v2(password, &message.user, &message.domain);
    let proof = keys::nt_proof(&response_key, &server_challenge, raw.take_rest());
    if !bool::from(proof.ct_eq(&response.proof)) {
        return Err(AuthError::WrongPassword);
    }

    let base_key = keys::session_base_key(&response_key, &proof);
    let session_key = exported_session_key(base_key, message)?;
    if response.target_info.flags()? & TargetInfo::MIC_PROVIDED != 0 {
        let Exchange { negotiate, challenge, authenticate } = *exchange;
        let expected = mic(&session_key, negotiate, challenge, authenticate)?;
        let given = message.mic.ok_or(AuthError::WrongMic)?;
        if !bool::from(expected.ct_eq(&given)) {
            return Err(AuthError::WrongMic);
        }
    }

    let signs = NegotiateFlags::EXTENDED_SESSION_SECURITY | NegotiateFlags::SIGN | NegotiateFlags::KEY_128;
    let signers = message.flags.contains(signs).then(|| Signers {
        client: MessageSigner::new(&session_key, Side::Client, message.flags),
        server: MessageSigner::new(&session_key, Side::Server, message.flags),
    });
    Ok(LoggedOn { session_key: SessionKey::new(session_key.to_vec()), signers })
}

impl LoggedOn {
    /// The session key.
    #[must_use]
    pub fn session_key(&self) -> &SessionKey {
        &self.session_key
    }

    /// Checks the client's mechListMIC over the encoded list of its first token.
    ///
    /// # Errors
    /// [`AuthError::WrongMechListMic`]: it is wrong, or there can be none because the client did not agree
    /// on signing, 128 bits and extended session security.
    pub fn verify_mech_list_mic(&mut self, mech_types: &[u8], mic: &[u8]) -> Result<(), AuthError> {
        let signers = self.signers.as_mut().ok_or(AuthError::WrongMechListMic)?;
        if signers.client.verify(mech_types, mic) { Ok(()) } else { Err(AuthError::WrongMechListMic) }
    }

    /// The server's mechListMIC over the encoded list of the client's first token, if there can be one.
    #[must_use]
    pub fn mech_list_mic(&mut self, mech_types: &[u8]) -> Option<[u8; 16]> {
        self.signers.as_mut().map(|signers| signers.server.sign(mech_types))
    }
}

fn exported_session_key(base_key: Key, message: &AuthenticateMessage) -> Result<Key, AuthError> {
    if !message.flags.contains(NegotiateFlags::KEY_EXCHANGE) {
        return Ok(base_key);
    }
    let mut reader = Reader::new(&message.encrypted_session_key);
    let encrypted = reader.take_array("EncryptedRandomSessionKey")?;
    if !reader.is_empty() {
        return Err(reader.wrong("EncryptedRandomSessionKey", "is longer than a key").into());
    }
    Ok(keys::exchange_key(&base_key, &encrypted))
}
