//! A client that sends whatever a test wants, and protects it as the test wants.

use std::sync::Arc;
use std::time::Instant;

use netsession_proto::auth::ntlm::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
use netsession_proto::auth::{Authenticator, SessionKey, TokenStage};
use netsession_proto::erref::NtStatus;
use netsession_proto::rpce::{Bind, Request, fragments};
use netsession_proto::smb2::*;
use netsession_proto::srvs::{self, Level, RpcCall as _, SessionEnumRequest, SessionEnumResponse};
use netsession_proto::wire::Reader;
use netsession_testserver::core::{Entropy, ServerConnection, Start, Transmit};
use netsession_testserver::scenario::shipped;
use netsession_testserver::{Host, Scenario};

const SESSION_KEY: [u8; 16] = [9; 16];
const CIPHER: Cipher = Cipher::Aes128Gcm;

/// A client logged on with a dialect of its choice, 2.1 at first.
pub(crate) struct Raw {
    pub(crate) server: ServerConnection,
    pub(crate) now: Instant,
    /// The next MessageId.
    pub(crate) next: u64,
    pub(crate) session_id: u64,
    pub(crate) tree_id: u32,
    pub(crate) dialect: Dialect,
    /// How requests are protected; before the log-on there are no keys.
    pub(crate) protection: Protection,
    /// Whether the server has closed the connection.
    pub(crate) closed: bool,
    preauth: PreauthHash,
    keys: Option<SessionKeys>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    Plain,
    Signed,
    Sealed,
}

/// A reply: its header and the whole message.
pub(crate) type Reply = (Header, Vec<u8>);

/// Like Samba, but each fragment is a message of the pipe.
pub(crate) fn scenario() -> Scenario {
    let mut scenario = shipped("samba").unwrap();
    scenario.rpc.overflow_between_fragments = false;
    scenario
}

impl Raw {
    pub(crate) fn new() -> Self {
        Self::with(scenario(), Dialect::Smb210)
    }

    pub(crate) fn with(scenario: Scenario, dialect: Dialect) -> Self {
        Self::on_host(Host::from(Arc::new(scenario)), dialect)
    }

    pub(crate) fn on_host(host: Host, dialect: Dialect) -> Self {
        let now = Instant::now();
        let entropy = Entropy { server_challenge: [1; 8], preauth_salt: [2; 32] };
        let server = ServerConnection::new(host, entropy, Start { now, filetime: 0, peer: None });
        Self {
            server,
            now,
            next: 0,
            session_id: 0,
            tree_id: 0,
            dialect,
            protection: Protection::Plain,
            closed: false,
            preauth: PreauthHash::new(),
            keys: None,
        }
    }

    /// Logged on with SMB 2.1, without signing, and connected to `IPC$`.
    pub(crate) fn on_ipc() -> Self {
        let mut raw = Self::logged_on(scenario(), Dialect::Smb210);
        assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
        raw
    }

    /// Logged on, from then on unprotected.
    pub(crate) fn logged_on(scenario: Scenario, dialect: Dialect) -> Self {
        let mut raw = Self::with(scenario, dialect);
        assert_eq!(raw.negotiate().0.status, NtStatus::SUCCESS);
        raw.log_on();
        raw
    }

    pub(crate) fn negotiate_request(&self) -> NegotiateRequest {
        let contexts = vec![
            NegotiateContext::Preauth { hashes: vec![NegotiateContext::SHA_512], salt: vec![4; 32] },
            NegotiateContext::encryption(&[CIPHER]),
            NegotiateContext::signing(&[SigningAlgorithm::AesCmac]),
        ];
        NegotiateRequest {
            dialects: vec![self.dialect.number()],
            security_mode: SecurityMode::SIGNING_ENABLED,
            capabilities: Capabilities::default(),
            client_guid: [3; 16],
            contexts: if self.dialect == Dialect::Smb311 { contexts } else { Vec::new() },
        }
    }

    pub(crate) fn negotiate(&mut self) -> Reply {
        let message = encode(&self.header(), &self.negotiate_request());
        let reply = self.only(&message);
        self.preauth.update(&message);
        self.preauth.update(&reply.1);
        reply
    }

    pub(crate) fn log_on(&mut self) -> Reply {
        let reply = self.try_log_on();
        assert_eq!(reply.0.status, NtStatus::SUCCESS);
        reply
    }

    pub(crate) fn try_log_on(&mut self) -> Reply {
        let mut preauth = self.preauth.clone();
        let mut authenticator = authenticator();
        self.session_id = 0;
        let token = authenticator.step(TokenStage::Initial, &[]).unwrap().bytes;
        let first = encode(&self.header(), &SessionSetupRequest { security_mode: 1, token: &token });
        let (header, message) = self.only(&first);
        assert_eq!(header.status, NtStatus::MORE_PROCESSING_REQUIRED);
        self.session_id = header.session_id;
        let challenge = SessionSetupResponse::decode(&message).unwrap().token;
        let token = authenticator.step(TokenStage::Continue, challenge).unwrap().bytes;
        let second = encode(&self.header(), &SessionSetupRequest { security_mode: 1, token: &token });
        let reply = self.only(&second);
        for part in [&first, &message, &second] {
            preauth.update(part);
        }
        let (signing, cipher) = match self.dialect {
            Dialect::Smb311 => (SigningAlgorithm::AesCmac, Some(CIPHER)),
            Dialect::Smb300 | Dialect::Smb302 => (SigningAlgorithm::AesCmac, None),
            Dialect::Smb202 | Dialect::Smb210 => (SigningAlgorithm::HmacSha256, None),
        };
        let key = SessionKey::new(SESSION_KEY.to_vec());
        self.keys = Some(derive_keys(Role::Client, self.dialect, &key, &preauth, signing, cipher));
        reply
    }

    /// Sends the first half of a log-on.
    pub(crate) fn begin_log_on(&mut self) {
        let token = authenticator().step(TokenStage::Initial, &[]).unwrap().bytes;
        self.session_id = 0;
        let (header, _) = self.one(&SessionSetupRequest { security_mode: 1, token: &token });
        assert_eq!(header.status, NtStatus::MORE_PROCESSING_REQUIRED);
        self.session_id = header.session_id;
    }

    pub(crate) fn connect(&mut self, share: &str) -> NtStatus {
        let (header, _) = self.one(&TreeConnectRequest { path: format!(r"\\fs1\{share}") });
        self.tree_id = header.tree_id();
        header.status
    }

    pub(crate) fn open(&mut self, pipe: &str) -> Result<FileId, NtStatus> {
        let (header, message) = self.one(&CreateRequest { name: pipe.to_owned() });
        match header.status {
            NtStatus::SUCCESS => Ok(CreateResponse::decode(&message).unwrap().file_id),
            status => Err(status),
        }
    }

    pub(crate) fn write(&mut self, file_id: FileId, data: &[u8]) -> Vec<Reply> {
        self.all(&WriteRequest { file_id, data })
    }

    pub(crate) fn read(&mut self, file_id: FileId, length: u32) -> (NtStatus, Vec<u8>) {
        let (header, message) = self.one(&ReadRequest { file_id, length });
        (header.status, ReadResponse::decode(&message).unwrap().data.to_vec())
    }

    pub(crate) fn transceive(&mut self, file_id: FileId, input: &[u8]) -> Vec<u8> {
        let (header, message) = self.one(&transceive(file_id, input));
        assert_eq!(header.status, NtStatus::SUCCESS);
        IoctlResponse::decode(&message).unwrap().output.to_vec()
    }

    pub(crate) fn header(&mut self) -> Header {
        self.next += 1;
        Header { credits: 8, ..Header::request(self.next - 1, self.session_id, self.tree_id) }
    }

    /// The header of a request that is related to the one before it.
    pub(crate) fn related_header(&mut self) -> Header {
        Header {
            flags: Flags::RELATED,
            session_id: u64::MAX,
            async_or_tree_id: u64::from(u32::MAX) << 32,
            ..self.header()
        }
    }

    pub(crate) fn one<'a, B: Body<'a>>(&mut self, body: &B) -> Reply {
        let message = encode(&self.header(), body);
        self.only(&message)
    }

    /// The only reply to this message.
    pub(crate) fn only(&mut self, message: &[u8]) -> Reply {
        let mut replies = self.send(vec![message.to_vec()]);
        assert_eq!(replies.len(), 1, "closed: {}", self.closed);
        replies.remove(0)
    }

    /// The status of the only reply to this message.
    pub(crate) fn status(&mut self, message: &[u8]) -> NtStatus {
        self.only(message).0.status
    }

    pub(crate) fn all<'a, B: Body<'a>>(&mut self, body: &B) -> Vec<Reply> {
        let message = encode(&self.header(), body);
        self.send(vec![message])
    }

    /// A command whose body is nothing but its size.
    pub(crate) fn bare(&mut self, command: Command) -> Vec<Reply> {
        let message = with_body(&self.header(), command, &[4, 0, 0, 0]);
        self.send(vec![message])
    }

    /// Whether the server closes the connection at these messages, and says nothing.
    pub(crate) fn closes(&mut self, messages: Vec<Vec<u8>>) -> bool {
        self.send(messages).is_empty() && self.closed
    }

    /// Sends one message, or several as a compound.
    pub(crate) fn send(&mut self, messages: Vec<Vec<u8>>) -> Vec<Reply> {
        let bytes = match (self.protection, &mut self.keys) {
            (Protection::Signed, Some(keys)) => join(messages, |message| keys.signer.sign(message)),
            (Protection::Sealed, Some(keys)) => {
                let whole = join(messages, |_| ());
                keys.sealer.as_mut().unwrap().seal(self.session_id, &whole).unwrap()
            }
            _ => join(messages, |_| ()),
        };
        self.say(&bytes)
    }

    /// Sends these bytes as one frame.
    pub(crate) fn say(&mut self, message: &[u8]) -> Vec<Reply> {
        self.server.handle_input(&frame(message), self.now);
        let mut frames = FrameBuffer::new(1 << 24);
        while let Some(transmit) = self.server.poll_transmit(self.now) {
            match transmit {
                Transmit::Bytes(bytes) => frames.push(&bytes),
                Transmit::Close | Transmit::Reset => self.closed = true,
            }
        }
        let mut replies = Vec::new();
        while let Some(mut frame) = frames.next_frame().unwrap() {
            if frame.starts_with(&TRANSFORM_PROTOCOL_ID) {
                let session_id = TransformHeader::decode(&mut Reader::new(&frame)).unwrap().session_id;
                let sealer = self.keys.as_ref().unwrap().sealer.as_ref().unwrap();
                frame = sealer.open(session_id, frame).unwrap();
            }
            let messages = split(&frame).unwrap();
            replies.extend(messages.iter().map(|one| (Header::decode(one).unwrap(), one.to_vec())));
        }
        replies
    }
}

pub(crate) fn transceive(file_id: FileId, input: &[u8]) -> IoctlRequest<'_> {
    IoctlRequest { code: FSCTL_PIPE_TRANSCEIVE, file_id, input, max_output: 4280 }
}

/// A message with any body.
pub(crate) fn with_body(header: &Header, command: Command, body: &[u8]) -> Vec<u8> {
    let header = Header { command, ..header.clone() };
    let mut message = encode_error(&header, &ErrorResponse::default());
    message.truncate(Header::SIZE);
    message.extend_from_slice(body);
    message
}

pub(crate) fn bind() -> Vec<u8> {
    Bind::new(1, srvs::INTERFACE, 4280).encode()
}

/// A request of NetrSessionEnum at level 1, or of another call with the same stub.
pub(crate) fn call(call_id: u32, opnum: u16) -> Vec<u8> {
    let stub = SessionEnumRequest::new(Level::L1).encode();
    let part = fragments(&stub, 4280).next().unwrap();
    Request { opnum, ..part.request(call_id, 0, 12) }.encode()
}

/// How many sessions an answer lists.
pub(crate) fn sessions(pdu: &[u8]) -> usize {
    let response = netsession_proto::rpce::Response::decode(pdu).unwrap();
    SessionEnumResponse::decode(response.stub, Level::L1, 100).unwrap().sessions.len()
}

fn authenticator() -> NtlmAuthenticator {
    let identity = NtlmIdentity {
        domain: String::new(),
        user: "admin@lab.example".to_owned(),
        password: "Passw0rd!".to_owned().into(),
        workstation: String::new(),
    };
    let entropy = NtlmEntropy { client_challenge: [7; 8], exported_session_key: SESSION_KEY };
    NtlmAuthenticator::new(identity, "fs1", entropy, 0).unwrap()
}
