use netsession_proto::auth::SessionKey;
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, Capabilities, Cipher, Command, Dialect, FSCTL_VALIDATE_NEGOTIATE_INFO, Flags, Header, IoctlRequest,
    NegotiateContext, NegotiateResponse, PreauthHash, Role, SessionFlags, SessionKeys, SessionSetupResponse,
    SigningAlgorithm, derive_keys, split,
};

use super::message::{for_each_message, overwrite};

/// What is known of a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    /// As whom it speaks.
    role: Role,
    session_key: SessionKey,
    offers_encryption: bool,
    preauth: PreauthHash,
    agreed: Option<(Dialect, SigningAlgorithm, Option<Cipher>)>,
    pub(crate) session_id: u64,
    pub(super) keys: Option<SessionKeys>,
    /// Requests without an answer, by MessageId.
    outstanding: Vec<(u64, Command)>,
    /// The MessageId of FSCTL_VALIDATE_NEGOTIATE_INFO.
    validation: Option<u64>,
    /// Whether it has been answered.
    pub(crate) validated: bool,
    /// Whether the log-on was accepted as a guest or an anonymous user.
    pub(crate) is_guest: bool,
    /// Whether all that was said in its name were whole frames.
    pub(crate) in_step: bool,
}

impl Peer {
    pub(crate) fn new(role: Role, session_key: [u8; 16], offers_encryption: bool) -> Self {
        Self {
            role,
            session_key: SessionKey::new(session_key.to_vec()),
            offers_encryption,
            preauth: PreauthHash::new(),
            agreed: None,
            session_id: 0,
            keys: None,
            outstanding: Vec::new(),
            validation: None,
            validated: false,
            is_guest: false,
            in_step: true,
        }
    }

    pub(crate) fn has_keys(&self) -> bool {
        self.keys.is_some()
    }

    /// Takes note of requests, a frame that has been opened.
    pub(crate) fn saw_requests(&mut self, frame: &[u8]) {
        for message in split(frame).unwrap_or_default() {
            let Ok(header) = Header::decode(message) else { continue };
            self.outstanding.push((header.message_id, header.command));
            match header.command {
                Command::NEGOTIATE | Command::SESSION_SETUP if self.keys.is_none() => {
                    self.preauth.update(message);
                }
                Command::IOCTL => {
                    let code = IoctlRequest::decode(message).map(|request| request.code);
                    if code == Ok(FSCTL_VALIDATE_NEGOTIATE_INFO) {
                        self.validation = Some(header.message_id);
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes note of replies, a frame that has been opened.
    pub(crate) fn saw_replies(&mut self, frame: &[u8]) {
        for message in split(frame).unwrap_or_default() {
            let Ok(header) = Header::decode(message) else { continue };
            if header.status == NtStatus::PENDING {
                continue;
            }
            self.outstanding.retain(|(message_id, _)| *message_id != header.message_id);
            self.validated |= self.validation == Some(header.message_id);
            match header.command {
                Command::NEGOTIATE if self.keys.is_none() => self.negotiated(message),
                Command::SESSION_SETUP if self.keys.is_none() => self.session_set_up(&header, message),
                _ => {}
            }
        }
    }

    /// Makes replies the answers to requests that are open: the oldest with that command, else the oldest.
    pub(crate) fn address(&self, frame: &mut [u8]) {
        const FLAGS: usize = 16;
        const MESSAGE_ID: usize = 24;
        const SESSION_ID: usize = 40;
        let mut open = self.outstanding.clone();
        for_each_message(frame, |message| {
            let Ok(header) = Header::decode(message) else { return };
            let index = open.iter().position(|(_, command)| *command == header.command).unwrap_or(0);
            if index < open.len() {
                let (message_id, _) = open.remove(index);
                overwrite(message, MESSAGE_ID, &message_id.to_le_bytes());
            }
            overwrite(message, FLAGS, &header.flags.with(Flags::RESPONSE).0.to_le_bytes());
            if self.session_id != 0 {
                overwrite(message, SESSION_ID, &self.session_id.to_le_bytes());
            }
        });
    }

    fn negotiated(&mut self, message: &[u8]) {
        self.preauth.update(message);
        let Ok(response) = NegotiateResponse::decode(message) else { return };
        let Some(dialect) = Dialect::from_number(response.dialect) else { return };
        self.agreed = Some(match dialect {
            Dialect::Smb202 | Dialect::Smb210 => (dialect, SigningAlgorithm::HmacSha256, None),
            Dialect::Smb300 | Dialect::Smb302 => {
                let encrypts =
                    self.offers_encryption && response.capabilities.contains(Capabilities::ENCRYPTION);
                (dialect, SigningAlgorithm::AesCmac, encrypts.then_some(Cipher::Aes128Ccm))
            }
            Dialect::Smb311 => {
                let mut agreed = (dialect, SigningAlgorithm::AesCmac, None);
                for context in &response.contexts {
                    match context {
                        NegotiateContext::Signing(chosen) => {
                            let chosen = chosen.first().copied().and_then(SigningAlgorithm::from_number);
                            agreed.1 = chosen.unwrap_or(agreed.1);
                        }
                        NegotiateContext::Encryption(chosen) => {
                            agreed.2 = chosen.first().copied().and_then(Cipher::from_number);
                        }
                        _ => {}
                    }
                }
                agreed
            }
        });
    }

    fn session_set_up(&mut self, header: &Header, message: &[u8]) {
        if self.session_id == 0 {
            self.session_id = header.session_id;
        }
        match (header.status, self.agreed) {
            (NtStatus::SUCCESS, Some((dialect, signing, cipher))) => {
                let no_user = SessionFlags(SessionFlags::GUEST.0 | SessionFlags::NULL.0);
                self.is_guest = SessionSetupResponse::decode(message)
                    .is_ok_and(|response| response.flags.intersects(no_user));
                self.keys =
                    Some(derive_keys(self.role, dialect, &self.session_key, &self.preauth, signing, cipher));
            }
            (NtStatus::MORE_PROCESSING_REQUIRED, _) => self.preauth.update(message),
            _ => {}
        }
    }
}
