//! A conversation read with keys that its recorded log-on and the password give: each signature and each sealed frame
//! is verified, and what is inside is kept. A message of the server without either must be one that may be
//! (\[MS-SMB2\] 3.3.4.1.1): the answer to a request that the client did not protect, or an interim answer.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use netsession_proto::auth::SessionKey;
use netsession_proto::auth::ntlm::verify::{self, Exchange, LoggedOn};
use netsession_proto::auth::ntlm::{AuthenticateMessage, NegotiateFlags, NegotiateMessage, is_ntlm_message};
use netsession_proto::auth::spnego::{NegTokenInit, NegTokenResp};
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, Cipher, Command, Dialect, Flags, Header, NegotiateContext, NegotiateResponse, PreauthHash, Role,
    SMB1_PROTOCOL_ID, SessionKeys, SessionSetupRequest, SessionSetupResponse, SigningAlgorithm,
    TRANSFORM_PROTOCOL_ID, derive_keys, split,
};

use crate::conversation::Conversation;

/// What client and server have agreed on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agreed {
    pub(crate) dialect: Dialect,
    pub(crate) signing: SigningAlgorithm,
    pub(crate) cipher: Option<Cipher>,
}

impl Agreed {
    /// As the server's NEGOTIATE says.
    pub(crate) fn from_response(response: &NegotiateResponse<'_>) -> Result<Self> {
        let dialect = Dialect::from_number(response.dialect).context("no dialect")?;
        let mut agreed = Self { dialect, signing: SigningAlgorithm::AesCmac, cipher: None };
        match dialect {
            Dialect::Smb202 | Dialect::Smb210 => agreed.signing = SigningAlgorithm::HmacSha256,
            Dialect::Smb300 | Dialect::Smb302 => agreed.cipher = Some(Cipher::Aes128Ccm),
            Dialect::Smb311 => {}
        }
        for context in &response.contexts {
            match context {
                NegotiateContext::Encryption(chosen) => {
                    agreed.cipher = chosen.first().copied().and_then(Cipher::from_number);
                }
                NegotiateContext::Signing(chosen) => {
                    let chosen = chosen.first().copied().and_then(SigningAlgorithm::from_number);
                    agreed.signing = chosen.context("no signing algorithm")?;
                }
                _ => {}
            }
        }
        Ok(agreed)
    }

    /// The keys of one end.
    pub(crate) fn keys(&self, role: Role, key: &SessionKey, preauth: &PreauthHash) -> SessionKeys {
        derive_keys(role, self.dialect, key, preauth, self.signing, self.cipher)
    }
}

/// The three messages of NTLM within SPNEGO, as they go by.
#[derive(Default)]
pub(crate) struct Ntlm {
    mech_types: Vec<u8>,
    negotiate: Vec<u8>,
    challenge: Vec<u8>,
}

impl Ntlm {
    /// Takes the client's token; the second one is the proof, and gives who has logged on.
    pub(crate) fn client_token(&mut self, token: &[u8], password: &str) -> Result<Option<Proof>> {
        if self.negotiate.is_empty() {
            let init = NegTokenInit::decode(token)?;
            self.mech_types = init.mech_types.as_der().to_vec();
            self.negotiate = init.mech_token.context("no NEGOTIATE_MESSAGE")?;
            ensure!(is_ntlm_message(&self.negotiate), "not NTLM");
            return Ok(None);
        }
        let resp = NegTokenResp::decode(token)?;
        let authenticate = resp.response_token.context("no AUTHENTICATE_MESSAGE")?;
        let message = AuthenticateMessage::decode(&authenticate)?;
        let exchange =
            Exchange { negotiate: &self.negotiate, challenge: &self.challenge, authenticate: &authenticate };
        let mut logged_on = verify::verify(&exchange, &message, password).context("the proof of NTLM")?;
        if let Some(mic) = &resp.mech_list_mic {
            logged_on.verify_mech_list_mic(&self.mech_types, mic).context("the client's mechListMIC")?;
        }
        let server_mic = logged_on.mech_list_mic(&self.mech_types);
        Ok(Some(Proof { user: message.user, domain: message.domain, logged_on, server_mic }))
    }

    /// Whether the client's NEGOTIATE_MESSAGE has SIGN.
    pub(crate) fn asks_to_sign(&self) -> Result<bool> {
        Ok(NegotiateMessage::decode(&self.negotiate)?.flags.contains(NegotiateFlags::SIGN))
    }

    /// Takes the server's token with the CHALLENGE_MESSAGE.
    pub(crate) fn server_token(&mut self, token: &[u8]) -> Result<()> {
        self.challenge = NegTokenResp::decode(token)?.response_token.context("no CHALLENGE_MESSAGE")?;
        Ok(())
    }
}

/// A user who knows the password.
pub(crate) struct Proof {
    pub(crate) user: String,
    pub(crate) domain: String,
    pub(crate) logged_on: LoggedOn,
    /// What the server's mechListMIC must be.
    pub(crate) server_mic: Option<[u8; 16]>,
}

/// A conversation that has been read.
pub(crate) struct Recorded {
    pub(crate) agreed: Agreed,
    pub(crate) user: String,
    pub(crate) domain: String,
    pub(crate) session_id: u64,
    /// The server's messages in order, decrypted.
    pub(crate) answers: Vec<(Header, Vec<u8>)>,
    /// Whether the recorded client asked for SIGN in its NEGOTIATE_MESSAGE.
    pub(crate) client_asked_to_sign: bool,
    /// What each end protected, after the log-on.
    protected: Tally,
}

/// How a message is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    /// Not at all: a client that need not sign, and the answers to it.
    Plain,
    /// By a signature, which was verified.
    Signed,
    /// In a sealed frame, which was opened.
    Sealed,
    /// An interim answer, from which nothing is taken: Windows leaves the flag away and garbage in the signature.
    Interim,
}

/// Messages from the last one of the log-on on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    client: Counts,
    server: Counts,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    plain: usize,
    signed: usize,
    sealed: usize,
    interim: usize,
}

/// What each of the known conversations has. Of Windows 10 the last answer of the log-on alone is signed: its client signs
/// nothing, and need not.
const EXPECTED: [(&str, Tally); 4] = [
    ("win10-1903-smb210-hmac-no-key-exchange", Tally { client: counts(3, 0, 0), server: counts(3, 1, 0) }),
    ("ws2022-smb300-aes128ccm-impacket", Tally { client: counts(0, 0, 6), server: counts(0, 1, 6) }),
    ("ws2022-smb311-aes256gcm-metasploit", Tally { client: counts(0, 0, 12), server: counts(0, 1, 12) }),
    ("ws2022-smb311-gmac-rpcclient", Tally { client: counts(0, 6, 0), server: counts(0, 7, 0) }),
];

const fn counts(plain: usize, signed: usize, sealed: usize) -> Counts {
    Counts { plain, signed, sealed, interim: 0 }
}

impl Counts {
    fn add(&mut self, protection: Protection) {
        *match protection {
            Protection::Plain => &mut self.plain,
            Protection::Signed => &mut self.signed,
            Protection::Sealed => &mut self.sealed,
            Protection::Interim => &mut self.interim,
        } += 1;
    }
}

/// One end while the conversation is read.
struct Keys {
    /// Verifies and opens what the server sends.
    client: SessionKeys,
    /// The same of the client.
    server: SessionKeys,
}

impl Recorded {
    pub(crate) fn read(conversation: &Conversation) -> Result<Self> {
        let mut reading = Reading::default();
        for message in &conversation.messages {
            reading
                .take(message.from_client, &message.bytes, &conversation.password)
                .with_context(|| format!("frame {}", message.frame))?;
        }
        let proof = reading.proof.context("no log-on")?;
        Ok(Self {
            agreed: reading.agreed.context("no NEGOTIATE")?,
            user: proof.user,
            domain: proof.domain,
            session_id: reading.session_id,
            answers: reading.answers,
            client_asked_to_sign: reading.ntlm.asks_to_sign()?,
            protected: reading.protected,
        })
    }

    /// As much is protected as is known of the conversation, and something in any.
    pub(crate) fn check(&self, name: &str) -> Result<()> {
        let protected = &self.protected;
        // The last answer of the log-on is signed in every conversation.
        ensure!(protected.server.signed > 0, "nothing is signed: {protected:?}");
        let Some((_, expected)) = EXPECTED.iter().find(|(known, _)| *known == name) else { return Ok(()) };
        ensure!(protected == expected, "{protected:?}, not {expected:?}");
        Ok(())
    }
}

#[derive(Default)]
struct Reading {
    agreed: Option<Agreed>,
    preauth: PreauthHash,
    ntlm: Ntlm,
    proof: Option<Proof>,
    keys: Option<Keys>,
    session_id: u64,
    answers: Vec<(Header, Vec<u8>)>,
    protected: Tally,
    /// How the client's requests were protected, by MessageId.
    requests: HashMap<u64, Protection>,
}

impl Reading {
    fn take(&mut self, from_client: bool, frame: &[u8], password: &str) -> Result<()> {
        if frame.starts_with(&SMB1_PROTOCOL_ID) {
            return Ok(());
        }
        let is_sealed = frame.starts_with(&TRANSFORM_PROTOCOL_ID);
        let plain = if is_sealed { self.open(from_client, frame)? } else { frame.to_vec() };
        for message in split(&plain)? {
            let header = Header::decode(message)?;
            ensure!(header.flags.contains(Flags::RESPONSE) != from_client, "from the wrong end");
            match (header.command, from_client) {
                (Command::NEGOTIATE, true) => self.preauth.update(message),
                (Command::NEGOTIATE, false) => {
                    let response = NegotiateResponse::decode(message)?;
                    // The answer to SMB1's NEGOTIATE: the client asks again in SMB2, and the hash begins there.
                    if response.dialect == 0x02ff {
                        continue;
                    }
                    self.preauth.update(message);
                    self.agreed = Some(Agreed::from_response(&response)?);
                }
                (Command::SESSION_SETUP, true) => {
                    self.preauth.update(message);
                    let token = SessionSetupRequest::decode(message)?.token;
                    if let Some(proof) = self.ntlm.client_token(token, password)? {
                        self.logged_on(proof)?;
                    }
                }
                (Command::SESSION_SETUP, false) if header.status == NtStatus::MORE_PROCESSING_REQUIRED => {
                    self.preauth.update(message);
                    self.session_id = header.session_id;
                    self.ntlm.server_token(SessionSetupResponse::decode(message)?.token)?;
                }
                (Command::SESSION_SETUP, false) => self.last_session_setup(message)?,
                _ if is_sealed => self.count(from_client, &header, Protection::Sealed)?,
                _ => self.verify(from_client, message)?,
            }
            if !from_client {
                self.answers.push((header, message.to_vec()));
            }
        }
        Ok(())
    }

    fn logged_on(&mut self, proof: Proof) -> Result<()> {
        let agreed = self.agreed.context("a log-on before NEGOTIATE")?;
        let key = proof.logged_on.session_key();
        self.keys = Some(Keys {
            client: agreed.keys(Role::Client, key, &self.preauth),
            server: agreed.keys(Role::Server, key, &self.preauth),
        });
        self.proof = Some(proof);
        Ok(())
    }

    /// Signed, and where the client sent a mechListMIC, the server's is right as well.
    fn last_session_setup(&mut self, message: &[u8]) -> Result<()> {
        let token = NegTokenResp::decode(SessionSetupResponse::decode(message)?.token)?;
        let proof = self.proof.as_ref().context("the end of a log-on before its proof")?;
        if let Some(mic) = token.mech_list_mic {
            ensure!(proof.server_mic.is_some_and(|expected| mic == expected), "the server's mechListMIC");
        }
        let header = Header::decode(message)?;
        ensure!(header.flags.contains(Flags::SIGNED), "the last answer of the log-on is not signed");
        self.verify(false, message)
    }

    fn verify(&mut self, from_client: bool, message: &[u8]) -> Result<()> {
        let keys = self.keys.as_ref().context("a message before the log-on")?;
        let signer = if from_client { &keys.server.signer } else { &keys.client.signer };
        let header = Header::decode(message)?;
        let protection = if header.status == NtStatus::PENDING && !from_client {
            Protection::Interim
        } else if header.flags.contains(Flags::SIGNED) {
            ensure!(signer.verify(message), "a wrong signature");
            Protection::Signed
        } else {
            Protection::Plain
        };
        self.count(from_client, &header, protection)
    }

    /// Counts a message. The server protects its answer as the client did its request.
    fn count(&mut self, from_client: bool, header: &Header, protection: Protection) -> Result<()> {
        if from_client {
            self.requests.insert(header.message_id, protection);
            self.protected.client.add(protection);
            return Ok(());
        }
        self.protected.server.add(protection);
        let request = self.requests.get(&header.message_id).copied().unwrap_or(Protection::Plain);
        let is_enough = match protection {
            Protection::Plain => request == Protection::Plain,
            Protection::Signed => request != Protection::Sealed,
            Protection::Sealed | Protection::Interim => true,
        };
        ensure!(is_enough, "the answer to a {request:?} request is {protection:?}: {header:?}");
        Ok(())
    }

    fn open(&mut self, from_client: bool, frame: &[u8]) -> Result<Vec<u8>> {
        let keys = self.keys.as_ref().context("a sealed frame before the log-on")?;
        let keys = if from_client { &keys.server } else { &keys.client };
        let sealer = keys.sealer.as_ref().context("a sealed frame without a cipher")?;
        match sealer.open(self.session_id, frame.to_vec()) {
            Ok(message) => Ok(message),
            Err(error) => bail!("a sealed frame that does not open: {error:?}"),
        }
    }
}
