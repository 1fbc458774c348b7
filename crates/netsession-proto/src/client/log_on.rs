use super::agreement::Agreement;
use super::channel::{Channel, Reply};
use super::protection::Protection;
use super::validation::Validation;
use super::{Cause, Config, Encryption, Misbehaviour, Tampering};
use crate::auth::{SessionKey, Token, TokenStage};
use crate::erref::NtStatus;
use crate::smb2::{
    PreauthHash, Role, SecurityMode, SessionFlags, SessionSetupRequest, SessionSetupResponse, derive_keys,
};

/// Answers of a server that never comes to an end with the log-on.
const MAX_ROUNDS: u32 = 8;

/// The log-on: SESSION_SETUP until both sides have a key.
pub(super) struct LogOn {
    agreement: Agreement,
    validation: Validation,
    preauth: PreauthHash,
    rounds: u32,
    key: Option<SessionKey>,
    stage: Stage,
}

/// Which side sends next.
enum Stage {
    /// The driver, with a token that is sent.
    Client,
    /// The server has a token.
    Server,
    /// The driver verifies the server's last token. The last answer is kept until there are keys to verify its
    /// signature.
    Verdict { message: Vec<u8>, flags: SessionFlags },
}

/// A logged-on session, with keys on both sides.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) agreement: Agreement,
    pub(super) validation: Validation,
}

/// What follows a token of the driver.
pub(super) enum AfterToken {
    /// It has been sent.
    Waiting(LogOn),
    LoggedOn(Session),
}

impl LogOn {
    /// The log-on after a negotiation. The driver has the first token.
    pub(super) fn new(agreement: Agreement, validation: Validation, preauth: PreauthHash) -> Self {
        Self { agreement, validation, preauth, rounds: 0, key: None, stage: Stage::Client }
    }

    /// The token that the driver has to supply next; the first one is `Initial`.
    pub(super) fn wanted(&self) -> Option<TokenStage> {
        match self.stage {
            Stage::Client if self.rounds == 0 => Some(TokenStage::Initial),
            Stage::Client => Some(TokenStage::Continue),
            Stage::Server => None,
            Stage::Verdict { .. } => Some(TokenStage::Final),
        }
    }

    /// Takes the token that is wanted.
    pub(super) fn token(
        mut self,
        token: Token,
        config: &Config,
        channel: &mut Channel,
    ) -> Result<AfterToken, Cause> {
        if token.session_key.is_some() {
            self.key = token.session_key;
        }
        match self.stage {
            Stage::Verdict { message, flags } => {
                let Self { agreement, validation, preauth, key, .. } = self;
                let key = key.ok_or(Cause::Misbehaved(Misbehaviour::NoSessionKey))?;
                let protection = protect(&agreement, &preauth, &key, &message, flags, config)?;
                channel.protect(protection);
                tracing::debug!(encrypted = agreement.cipher.is_some(), "logged on");
                Ok(AfterToken::LoggedOn(Session { agreement, validation }))
            }
            Stage::Client | Stage::Server => {
                let [security_mode, _] = SecurityMode::SIGNING_REQUIRED.0.to_le_bytes();
                let request = SessionSetupRequest { security_mode, token: &token.bytes };
                channel.send_hashed(&request, &mut self.preauth);
                Ok(AfterToken::Waiting(Self { stage: Stage::Server, ..self }))
            }
        }
    }

    /// Takes an answer to SESSION_SETUP (\[MS-SMB2\] 3.2.5.3). Gives the log-on that waits for the next token,
    /// and the server's token.
    pub(super) fn answered(
        mut self,
        reply: Reply,
        config: &Config,
        channel: &mut Channel,
    ) -> Result<(Self, Vec<u8>), Cause> {
        let status = reply.status();
        if status != NtStatus::SUCCESS && status != NtStatus::MORE_PROCESSING_REQUIRED {
            return Err(if demands_encryption(status, &self.agreement, config) {
                Cause::EncryptionDemanded(Some(status))
            } else {
                Cause::LogOnRefused(status)
            });
        }
        let response: SessionSetupResponse<'_> = reply.body()?;
        let (flags, token) = (response.flags, response.token.to_vec());
        match channel.session_id() {
            // The first answer sets the SessionId; a later one must not change it ([MS-SMB2] 3.2.5.3).
            0 => channel.set_session_id(reply.header.session_id),
            known if known == reply.header.session_id => {}
            _ => return Err(Cause::Misbehaved(Misbehaviour::OtherSession)),
        }
        self.rounds = self.rounds.saturating_add(1);
        self.stage = if status == NtStatus::SUCCESS {
            // A guest or anonymous session has no key that proves the server ([MS-SMB2] 3.2.5.3.1), and is
            // not the account that was to log on.
            if flags.intersects(SessionFlags::GUEST) || flags.intersects(SessionFlags::NULL) {
                return Err(Cause::Guest);
            }
            // [MS-SMB2] 3.2.5.3.1: the successful answer is not part of the preauthentication hash, because the keys
            // that verify its signature are derived from that hash.
            Stage::Verdict { message: reply.message, flags }
        } else {
            if self.rounds > MAX_ROUNDS {
                return Err(Cause::Misbehaved(Misbehaviour::EndlessLogOn));
            }
            self.preauth.update(&reply.message);
            Stage::Client
        };
        Ok((self, token))
    }
}

/// Derives the keys and verifies the last answer with them (\[MS-SMB2\] 3.2.5.3.1): with Kerberos the key is
/// known only from the token inside that answer, so the token is looked at first.
fn protect(
    agreement: &Agreement,
    preauth: &PreauthHash,
    key: &SessionKey,
    last_answer: &[u8],
    flags: SessionFlags,
    config: &Config,
) -> Result<Protection, Cause> {
    let Agreement { dialect, signing, cipher, .. } = *agreement;
    let keys = derive_keys(Role::Client, dialect, key, preauth, signing, cipher);
    if !keys.signer.verify(last_answer) {
        return Err(Cause::Integrity(Tampering::LogOnSignature));
    }
    match keys.sealer {
        Some(sealer) => Ok(Protection::Sealed(Box::new(sealer), keys.signer)),
        None if flags.intersects(SessionFlags::ENCRYPT_DATA) => Err(match config.encryption {
            Encryption::Off => Cause::EncryptionDemanded(None),
            Encryption::Auto | Encryption::Required => Cause::Misbehaved(Misbehaviour::EncryptionNotAgreed),
        }),
        None => Ok(Protection::Signed(keys.signer)),
    }
}

/// A server that demands encryption refuses a client that does not offer it with ACCESS_DENIED, from 3.0 on.
pub(super) fn demands_encryption(status: NtStatus, agreement: &Agreement, config: &Config) -> bool {
    status == NtStatus::ACCESS_DENIED && config.encryption == Encryption::Off && agreement.dialect.is_smb3()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::smb2::{Dialect, Flags, Header, SigningAlgorithm, encode};

    const SESSION_ID: u64 = 7;

    fn agreement(dialect: Dialect) -> Agreement {
        let signing = SigningAlgorithm::AesCmac;
        Agreement { dialect, signing, cipher: None, max_transact_size: 0x1_0000, max_read_size: 0x1_0000 }
    }

    fn config(encryption: Encryption) -> Config {
        Config { encryption, ..Config::new("fs1", Instant::now()) }
    }

    fn log_on() -> LogOn {
        LogOn::new(agreement(Dialect::Smb302), Validation::Unneeded, PreauthHash::new())
    }

    fn message(status: NtStatus, flags: SessionFlags) -> Vec<u8> {
        let header = Header { status, flags: Flags::RESPONSE, ..Header::request(0, SESSION_ID, 0) };
        encode(&header, &SessionSetupResponse { flags, token: b"token" })
    }

    fn challenge() -> Reply {
        let message = message(NtStatus::MORE_PROCESSING_REQUIRED, SessionFlags::default());
        Reply { header: Header::decode(&message).unwrap(), message }
    }

    #[test]
    fn no_token_is_wanted_before_the_server_has_answered() {
        let (config, mut channel) = (config(Encryption::Auto), Channel::new(1 << 20));
        assert_eq!(log_on().wanted(), Some(TokenStage::Initial));
        let Ok(AfterToken::Waiting(sent)) = log_on().token(Token::default(), &config, &mut channel) else {
            panic!("a session without an answer");
        };
        assert_eq!(sent.wanted(), None);
        let (answered, token) = sent.answered(challenge(), &config, &mut channel).unwrap();
        assert_eq!((answered.wanted(), token.as_slice()), (Some(TokenStage::Continue), b"token".as_slice()));
    }

    #[test]
    fn log_on_without_end_is_given_up_after_eight_answers() {
        let (config, mut channel) = (config(Encryption::Auto), Channel::new(1 << 20));
        let mut log_on = log_on();
        for _ in 0..8 {
            (log_on, _) = log_on.answered(challenge(), &config, &mut channel).unwrap();
        }
        let cause = log_on.answered(challenge(), &config, &mut channel).err();
        assert_eq!(cause, Some(Cause::Misbehaved(Misbehaviour::EndlessLogOn)));
    }

    #[test]
    fn session_that_demands_encryption_without_a_cipher_is_refused() {
        let (agreement, preauth) = (agreement(Dialect::Smb302), PreauthHash::new());
        let key = SessionKey::new(vec![5; 16]);
        let flags = SessionFlags::ENCRYPT_DATA;
        let mut message = message(NtStatus::SUCCESS, flags);
        derive_keys(Role::Server, agreement.dialect, &key, &preauth, agreement.signing, None)
            .signer
            .sign(&mut message);
        let cause = |encryption, flags| {
            protect(&agreement, &preauth, &key, &message, flags, &config(encryption)).err()
        };
        assert_eq!(cause(Encryption::Off, flags), Some(Cause::EncryptionDemanded(None)));
        let not_agreed = Some(Cause::Misbehaved(Misbehaviour::EncryptionNotAgreed));
        assert_eq!(cause(Encryption::Auto, flags), not_agreed);
        assert_eq!(cause(Encryption::Auto, SessionFlags::default()), None);
    }
}
