use super::channel::{Expect, Protection, Reply};
use super::connection::{Connection, State};
use super::{Cause, Encryption, Event, Phase, Token, TokenInput, TokenStage};
use crate::auth::{AuthError, SessionKey};
use crate::erref::NtStatus;
use crate::smb2::{
    Body, Role, SecurityMode, SessionFlags, SessionSetupRequest, SessionSetupResponse, derive_keys, encode,
};

/// Answers of a server that never comes to an end with the log-on.
const MAX_ROUNDS: u32 = 8;

/// Where the log-on stands.
#[derive(Default)]
pub(super) struct LogOn {
    rounds: u32,
    key: Option<SessionKey>,
    /// The last answer, kept until there are keys to verify it with, and its flags.
    accepted: Option<(Vec<u8>, SessionFlags)>,
}

/// Without the tokens.
impl std::fmt::Debug for LogOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogOn").field("rounds", &self.rounds).finish_non_exhaustive()
    }
}

impl Connection {
    /// Takes the token that an [`Event::NeedToken`] asked for.
    ///
    /// Without such a question open it does nothing.
    pub fn provide_token(&mut self, token: Result<Token, AuthError>) {
        let State::LogOn(log_on) = &mut self.state else { return };
        let Some(stage) = self.token_wanted.take() else { return };
        match token {
            Err(error) => self.fail(Cause::Authentication(error)),
            Ok(token) => {
                if token.session_key.is_some() {
                    log_on.key = token.session_key;
                }
                if stage == TokenStage::Final {
                    if let Err(cause) = self.logged_on() {
                        self.fail(cause);
                    }
                } else {
                    self.send_token(stage, &token.bytes);
                }
            }
        }
        self.fail_if_stuck();
    }

    /// Asks the driver for a token.
    pub(super) fn want_token(&mut self, input: &[u8], stage: TokenStage) {
        self.token_wanted = Some(stage);
        self.emit(Event::NeedToken { input: TokenInput(input.to_vec()), stage });
    }

    fn send_token(&mut self, stage: TokenStage, token: &[u8]) {
        let header = self.channel.header(Expect::SessionSetup(stage), 0);
        let security_mode = SecurityMode::SIGNING_REQUIRED.0.to_le_bytes();
        let [security_mode, _] = security_mode;
        let message = encode(&header, &SessionSetupRequest { security_mode, token });
        self.preauth.update(&message);
        self.channel.submit(vec![message]);
    }

    /// Takes an answer to SESSION_SETUP (\[MS-SMB2\] 3.2.5.3).
    pub(super) fn session_set_up(&mut self, reply: Reply) -> Result<(), Cause> {
        let status = reply.header.status;
        if status != NtStatus::SUCCESS && status != NtStatus::MORE_PROCESSING_REQUIRED {
            return Err(if self.may_demand_encryption(status) {
                Cause::EncryptionDemanded(Some(status))
            } else {
                Cause::LogOnRefused(status)
            });
        }
        let State::LogOn(log_on) = &mut self.state else { return Ok(()) };
        let response = SessionSetupResponse::decode(&reply.message).map_err(Cause::Malformed)?;
        let (flags, input) = (response.flags, response.token.to_vec());
        match self.channel.session_id() {
            0 => self.channel.set_session_id(reply.header.session_id),
            known if known == reply.header.session_id => {}
            _ => return Err(Cause::Misbehaved("another session in the middle of the log-on")),
        }
        let stage = if status == NtStatus::SUCCESS {
            if flags.intersects(SessionFlags(SessionFlags::GUEST.0 | SessionFlags::NULL.0)) {
                return Err(Cause::Guest);
            }
            log_on.accepted = Some((reply.message, flags));
            TokenStage::Final
        } else {
            log_on.rounds = log_on.rounds.saturating_add(1);
            if log_on.rounds > MAX_ROUNDS {
                return Err(Cause::Misbehaved("a log-on without end"));
            }
            self.preauth.update(&reply.message);
            TokenStage::Continue
        };
        self.want_token(&input, stage);
        Ok(())
    }

    /// A server that demands encryption refuses with ACCESS_DENIED whoever does not offer it, from 3.0 on.
    pub(super) fn may_demand_encryption(&self, status: NtStatus) -> bool {
        status == NtStatus::ACCESS_DENIED
            && self.config.encryption == Encryption::Off
            && self.agreement.as_ref().is_some_and(|agreement| agreement.dialect.is_smb3())
    }

    /// The server is satisfied and so is the mechanism: derives the keys and verifies the last answer.
    fn logged_on(&mut self) -> Result<(), Cause> {
        let State::LogOn(log_on) = &mut self.state else { return Ok(()) };
        let (Some(agreement), Some((message, flags))) = (&self.agreement, log_on.accepted.take()) else {
            return Ok(());
        };
        let key = log_on.key.take().ok_or(Cause::Misbehaved("a log-on that ends without a session key"))?;
        let keys = derive_keys(
            Role::Client,
            agreement.dialect,
            &key,
            &self.preauth,
            agreement.signing,
            agreement.cipher,
        );
        if !keys.signer.verify(&message) {
            return Err(Cause::Integrity("the last answer of the log-on has a wrong or missing signature"));
        }
        if flags.intersects(SessionFlags::ENCRYPT_DATA) && keys.sealer.is_none() {
            return Err(match self.config.encryption {
                Encryption::Off => Cause::EncryptionDemanded(None),
                _ => Cause::Misbehaved("encryption demanded where none was agreed on"),
            });
        }
        self.channel.protect(match keys.sealer {
            Some(sealer) => Protection::Sealed(Box::new(sealer), keys.signer),
            None => Protection::Signed(keys.signer),
        });
        tracing::debug!(encrypted = agreement.cipher.is_some(), "logged on");
        self.emit(Event::Phase(Phase::Bind));
        self.open_pipe();
        Ok(())
    }
}
