use std::fmt;
use std::mem;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::keys::{self, Key};
use super::mic::mic;
use super::{
    AuthenticateMessage, AvId, ChallengeMessage, MessageSigner, NegotiateFlags, NegotiateMessage,
    Ntlmv2Response, Side, TargetInfo, Version, is_ntlm_message, ntlmv2_response,
};
use crate::auth::spnego::{MechType, MechTypeList, NegState, NegTokenInit, NegTokenResp};
use crate::auth::{AuthError, Authenticator, Requirement, SessionKey, Token, TokenStage};

/// Who logs on. `Debug` hides the password.
#[derive(Clone)]
pub struct NtlmIdentity {
    /// The user's domain, or the server's name for one of its own users. Empty where the user is
    /// `user@REALM`. Its case is kept.
    pub domain: String,
    /// The user, or `user@REALM`, which goes to the server as a whole.
    pub user: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// This computer's name, for the server's logs; may be empty.
    pub workstation: String,
}

/// The random numbers of one exchange. Never use them twice. Wiped on drop; `Debug` hides them.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct NtlmEntropy {
    /// ChallengeFromClient.
    pub client_challenge: [u8; 8],
    /// ExportedSessionKey: the key that the exchange ends in.
    pub exported_session_key: [u8; 16],
}

/// The client's side of an NTLMv2 log-on inside SPNEGO (\[MS-NLMP\] 3.1.5.1, RFC 4178 3.2).
///
/// Offers NTLM alone, always sends a MIC and a mechListMIC, and verifies the server's mechListMIC.
///
/// ```
/// use netsession_proto::auth::Authenticator;
/// use netsession_proto::auth::ntlm::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
/// use netsession_proto::auth::TokenStage;
///
/// let identity = NtlmIdentity {
///     domain: "LAB".into(),
///     user: "admin".into(),
///     password: "secret".to_owned().into(),
///     workstation: String::new(),
/// };
/// // From the operating system's random numbers, and its clock, in a real program.
/// let entropy = NtlmEntropy { client_challenge: [7; 8], exported_session_key: [7; 16] };
/// let mut ntlm = NtlmAuthenticator::new(identity, "fs1.example.com", entropy, 0x01dc_5b00_0000_0000)?;
/// let first = ntlm.step(TokenStage::Initial, &[])?;
/// assert!(first.session_key.is_none());
/// # Ok::<(), netsession_proto::auth::AuthError>(())
/// ```
pub struct NtlmAuthenticator {
    domain: String,
    user: String,
    workstation: String,
    /// NTOWFv2: the password itself is not kept.
    response_key: Key,
    target_name: String,
    entropy: NtlmEntropy,
    now: u64,
    state: State,
}

enum State {
    Start,
    Negotiated { mech_types: MechTypeList, negotiate: Vec<u8> },
    Authenticated { mech_types: MechTypeList, key: Key, flags: NegotiateFlags },
    Over,
}

/// The AUTHENTICATE message, and what it brings.
struct Authenticated {
    message: Vec<u8>,
    /// ExportedSessionKey.
    key: Key,
    /// What both sides agreed on.
    flags: NegotiateFlags,
}

impl NtlmAuthenticator {
    /// The longest name, in bytes of UTF-16: the 1024 units of a userPrincipalName, which is more than any
    /// other name may have. Four of them leave most of a message to the server's target info.
    const NAME_LIMIT: usize = 0x800;
    /// What fits the 16-bit length of SESSION_SETUP's security buffer (\[MS-SMB2\] 2.2.5).
    const TOKEN_LIMIT: usize = 0xffff;

    const OFFERED: NegotiateFlags = NegotiateFlags(
        NegotiateFlags::UNICODE.0
            | NegotiateFlags::REQUEST_TARGET.0
            | NegotiateFlags::SIGN.0
            | NegotiateFlags::NTLM.0
            | NegotiateFlags::ALWAYS_SIGN.0
            | NegotiateFlags::EXTENDED_SESSION_SECURITY.0
            | NegotiateFlags::TARGET_INFO.0
            | NegotiateFlags::VERSION.0
            | NegotiateFlags::KEY_128.0
            | NegotiateFlags::KEY_EXCHANGE.0,
    );

    /// A log-on to `target_host`, the server's name or address as the caller typed it.
    ///
    /// `now` is in hundreds of nanoseconds since 1601 (FILETIME, UTC). It is used only with servers that do
    /// not send their own time.
    ///
    /// # Errors
    /// [`AuthError::EmptyUser`], or [`AuthError::TooLong`] for a name of more than 1024 UTF-16 units.
    pub fn new(
        identity: NtlmIdentity,
        target_host: &str,
        entropy: NtlmEntropy,
        now: u64,
    ) -> Result<Self, AuthError> {
        let NtlmIdentity { domain, user, password, workstation } = identity;
        if user.is_empty() {
            return Err(AuthError::EmptyUser);
        }
        let target_name = format!("cifs/{target_host}");
        for (what, name) in [
            ("the user name", &user),
            ("the domain name", &domain),
            ("the workstation name", &workstation),
            ("the server name", &target_name),
        ] {
            let length = name.encode_utf16().count().saturating_mul(2);
            if length > Self::NAME_LIMIT {
                return Err(AuthError::TooLong { what, length, limit: Self::NAME_LIMIT });
            }
        }
        let response_key = keys::ntowf_v2(&password, &user, &domain);
        Ok(Self { domain, user, workstation, response_key, target_name, entropy, now, state: State::Start })
    }

    fn open(&mut self, hint: &[u8]) -> Token {
        // The hint is ignored: it is not signed, and some NAS send none or one that is no SPNEGO. A
        // server without NTLM refuses in its answer.
        if let Ok(hint) = NegTokenInit::decode(hint)
            && !hint.mech_types.mech_types().contains(&MechType::Ntlmssp)
        {
            tracing::debug!("the server does not list ntlm among its mechanisms; offering it all the same");
        }
        let negotiate = NegotiateMessage { flags: Self::OFFERED, version: Version::OURS }.encode();
        let first = NegTokenInit {
            mech_token: Some(negotiate.clone()),
            ..NegTokenInit::new(vec![MechType::Ntlmssp])
        };
        let bytes = first.encode();
        self.state = State::Negotiated { mech_types: first.mech_types, negotiate };
        Token { bytes, session_key: None }
    }

    fn answer(
        &mut self,
        mech_types: MechTypeList,
        negotiate: &[u8],
        input: &[u8],
    ) -> Result<Token, AuthError> {
        let challenge = mechanism_token(input)?;
        let Authenticated { message: authenticate, key, flags } = self.authenticate(negotiate, &challenge)?;

        let mech_list_mic = MessageSigner::new(&key, Side::Client, flags).sign(mech_types.as_der());
        let bytes = NegTokenResp {
            response_token: Some(authenticate),
            mech_list_mic: Some(mech_list_mic.to_vec()),
            ..NegTokenResp::default()
        }
        .encode();
        if bytes.len() > Self::TOKEN_LIMIT {
            // The names are limited: it is the server's target info that is too long.
            return Err(AuthError::TooLong {
                what: "the answer to the server's challenge",
                length: bytes.len(),
                limit: Self::TOKEN_LIMIT,
            });
        }
        let session_key = SessionKey::new(key.to_vec());
        self.state = State::Authenticated { mech_types, key, flags };
        Ok(Token { bytes, session_key: Some(session_key) })
    }

    /// Checks the server's last token.
    fn close(
        mech_types: &MechTypeList,
        key: &Key,
        flags: NegotiateFlags,
        input: &[u8],
    ) -> Result<Token, AuthError> {
        // Some servers end without a token: the status of their answer is the success.
        if input.is_empty() {
            return Ok(Token::default());
        }
        let response = decode_response(input)?;
        // Where the state is left out, that of the mechanism counts (RFC 4178 4.2.2), and NTLM is complete.
        if response.neg_state.is_some_and(|state| state != NegState::AcceptCompleted) {
            return Err(AuthError::NotCompleted);
        }
        let mut server = MessageSigner::new(key, Side::Server, flags);
        // A missing checksum is accepted: one mechanism alone was offered, so that there is no stronger one
        // that an attacker could have removed from the list, and the answer that carries this token is signed
        // itself with a key that only a server which can check the password has.
        match response.mech_list_mic {
            Some(mic) if !server.verify(mech_types.as_der(), &mic) => Err(AuthError::WrongMechListMic),
            _ => Ok(Token::default()),
        }
    }

    /// The AUTHENTICATE message for this CHALLENGE (\[MS-NLMP\] 3.1.5.1.2).
    fn authenticate(&self, negotiate: &[u8], challenge_bytes: &[u8]) -> Result<Authenticated, AuthError> {
        let challenge = ChallengeMessage::decode(challenge_bytes)?;
        if let Some(requirement) = challenge.flags.lacks() {
            return Err(AuthError::ChallengeLacks(requirement));
        }
        if challenge.target_info.is_empty() {
            return Err(AuthError::ChallengeLacks(Requirement::TargetInfo));
        }
        let server_info = TargetInfo::decode(&challenge.target_info)?;
        let timestamp = server_info.timestamp()?.unwrap_or(self.now);
        let target_info = self.target_info(server_info)?;

        let client_challenge = self.entropy.client_challenge;
        let temp = ntlmv2_response::temp(timestamp, &client_challenge, &target_info)?;
        let proof = keys::nt_proof(&self.response_key, &challenge.server_challenge, &temp);
        let key_exchange_key = keys::session_base_key(&self.response_key, &proof);
        let flags = Self::OFFERED & challenge.flags;
        // [MS-NLMP] 3.1.5.1.2: without key exchange the session key is the key exchange key, and none is sent. Some
        // NetApp and Windows 10 1903 do so. The key is as fresh as both challenges.
        let (session_key, encrypted_session_key) = if flags.contains(NegotiateFlags::KEY_EXCHANGE) {
            let session_key = self.exported_session_key();
            let encrypted = keys::exchange_key(&key_exchange_key, &session_key).to_vec();
            (session_key, encrypted)
        } else {
            (key_exchange_key, Vec::new())
        };

        let mut message = AuthenticateMessage {
            flags,
            // Anything else would be a second, weaker proof of the same password.
            lm_response: vec![0; 24],
            nt_response: Ntlmv2Response { proof, timestamp, client_challenge, target_info }.encode()?,
            domain: self.domain.clone(),
            user: self.user.clone(),
            workstation: self.workstation.clone(),
            encrypted_session_key,
            version: Version::OURS,
            mic: Some([0; 16]),
        };
        message.mic = Some(mic(&session_key, negotiate, challenge_bytes, &message.encode()?)?);
        Ok(Authenticated { message: message.encode()?, key: session_key, flags })
    }

    /// The server's target info with the client's pairs added; unknown pairs go back unchanged.
    fn target_info(&self, mut info: TargetInfo) -> Result<TargetInfo, AuthError> {
        let flags = info.flags()? | TargetInfo::MIC_PROVIDED;
        info.set(AvId::FLAGS, flags.to_le_bytes().to_vec());
        // SMB has no channel to bind to: zeros.
        info.set(AvId::CHANNEL_BINDINGS, vec![0; 16]);
        info.set(AvId::TARGET_NAME, crate::wire::utf16_bytes(&self.target_name));
        Ok(info)
    }

    fn exported_session_key(&self) -> Key {
        Zeroizing::new(self.entropy.exported_session_key)
    }
}

impl Authenticator for NtlmAuthenticator {
    fn step(&mut self, stage: TokenStage, input: &[u8]) -> Result<Token, AuthError> {
        // An error leaves the exchange over.
        match (stage, mem::replace(&mut self.state, State::Over)) {
            (TokenStage::Initial, State::Start) => Ok(self.open(input)),
            (TokenStage::Continue, State::Negotiated { mech_types, negotiate }) => {
                self.answer(mech_types, &negotiate, input)
            }
            (TokenStage::Final, State::Authenticated { mech_types, key, flags }) => {
                Self::close(&mech_types, &key, flags, input)
            }
            (stage, _) => Err(AuthError::OutOfOrder(stage)),
        }
    }
}

/// The message of the mechanism inside the server's first answer.
fn mechanism_token(input: &[u8]) -> Result<Vec<u8>, AuthError> {
    let response = decode_response(input)?;
    if response.supported_mech.is_some_and(|mech_type| mech_type != MechType::Ntlmssp) {
        return Err(AuthError::OtherMechanism);
    }
    response.response_token.ok_or(AuthError::NoMechanismToken)
}

fn decode_response(input: &[u8]) -> Result<NegTokenResp, AuthError> {
    if is_ntlm_message(input) {
        return Err(AuthError::BareNtlm);
    }
    let response = NegTokenResp::decode(input)?;
    if response.neg_state == Some(NegState::Reject) { Err(AuthError::Rejected) } else { Ok(response) }
}

impl fmt::Debug for NtlmIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtlmIdentity")
            .field("domain", &self.domain)
            .field("user", &self.user)
            .field("workstation", &self.workstation)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NtlmEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NtlmEntropy(hidden)")
    }
}

impl fmt::Debug for NtlmAuthenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtlmAuthenticator")
            .field("domain", &self.domain)
            .field("user", &self.user)
            .field("workstation", &self.workstation)
            .field("target_name", &self.target_name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
