//! What other clients ask that ours does not: the double is for them, too.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::time::Instant;

use netsession_proto::auth::Authenticator;
use netsession_proto::auth::ntlm::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
use netsession_proto::client::TokenStage;
use netsession_proto::erref::NtStatus;
use netsession_proto::rpce::{Bind, Fault, FaultStatus, Pdu, Request, fragments};
use netsession_proto::smb2::*;
use netsession_proto::srvs::{self, Level, SessionEnumRequest, SessionEnumResponse};
use netsession_testserver::Scenario;
use netsession_testserver::core::{self, ServerConnection, Start, Transmit};
use netsession_testserver::scenario::{Encryption, shipped};

/// A client that says whatever it is told to, unsigned.
struct Raw {
    server: ServerConnection,
    now: Instant,
    next: u64,
    session_id: u64,
    tree_id: u32,
}

/// A reply: its header and the whole message.
type Reply = (Header, Vec<u8>);

impl Raw {
    fn new() -> Self {
        let mut scenario = shipped("samba").unwrap();
        scenario.rpc.overflow_between_fragments = false;
        Self::of(scenario)
    }

    fn of(scenario: Scenario) -> Self {
        let now = Instant::now();
        let entropy = core::Entropy { server_challenge: [1; 8], preauth_salt: [2; 32] };
        let start = Start { now, filetime: 0, peer: None };
        let server = ServerConnection::new(Arc::new(scenario), entropy, start);
        Self { server, now, next: 0, session_id: 0, tree_id: 0 }
    }

    /// Logged on with SMB 2.1, without signing, and connected to `IPC$`.
    fn on_ipc() -> Self {
        let mut raw = Self::new();
        raw.negotiate();
        raw.log_on();
        raw.connect("IPC$");
        raw
    }

    fn negotiate(&mut self) -> Reply {
        self.one(&NegotiateRequest {
            dialects: vec![0x0210],
            security_mode: SecurityMode::SIGNING_ENABLED,
            capabilities: Capabilities::default(),
            client_guid: [3; 16],
            contexts: Vec::new(),
        })
    }

    fn log_on(&mut self) -> Reply {
        let reply = self.try_log_on();
        assert_eq!(reply.0.status, NtStatus::SUCCESS);
        reply
    }

    fn try_log_on(&mut self) -> Reply {
        let identity = NtlmIdentity {
            domain: String::new(),
            user: "admin@lab.example".to_owned(),
            password: "Passw0rd!".to_owned().into(),
            workstation: String::new(),
        };
        let entropy = NtlmEntropy { client_challenge: [7; 8], exported_session_key: [9; 16] };
        let mut authenticator = NtlmAuthenticator::new(identity, "fs1", entropy, 0).unwrap();
        self.session_id = 0;
        let token = authenticator.step(TokenStage::Initial, &[]).unwrap().bytes;
        let (header, message) = self.one(&SessionSetupRequest { security_mode: 1, token: &token });
        assert_eq!(header.status, NtStatus::MORE_PROCESSING_REQUIRED);
        self.session_id = header.session_id;
        let challenge = SessionSetupResponse::decode(&message).unwrap().token;
        let token = authenticator.step(TokenStage::Continue, challenge).unwrap().bytes;
        self.one(&SessionSetupRequest { security_mode: 1, token: &token })
    }

    fn connect(&mut self, share: &str) -> NtStatus {
        let (header, _) = self.one(&TreeConnectRequest { path: format!(r"\\fs1\{share}") });
        self.tree_id = header.tree_id();
        header.status
    }

    fn open(&mut self, pipe: &str) -> Result<FileId, NtStatus> {
        let (header, message) = self.one(&CreateRequest { name: pipe.to_owned() });
        match header.status {
            NtStatus::SUCCESS => Ok(CreateResponse::decode(&message).unwrap().file_id),
            status => Err(status),
        }
    }

    fn write(&mut self, file_id: FileId, data: &[u8]) -> Vec<Reply> {
        self.all(&WriteRequest { file_id, data })
    }

    fn read(&mut self, file_id: FileId, length: u32) -> (NtStatus, Vec<u8>) {
        let (header, message) = self.one(&ReadRequest { file_id, length });
        (header.status, ReadResponse::decode(&message).unwrap().data.to_vec())
    }

    fn transceive(&mut self, file_id: FileId, input: &[u8]) -> Vec<u8> {
        let request = IoctlRequest { code: FSCTL_PIPE_TRANSCEIVE, file_id, input, max_output: 4280 };
        let (header, message) = self.one(&request);
        assert_eq!(header.status, NtStatus::SUCCESS);
        IoctlResponse::decode(&message).unwrap().output.to_vec()
    }

    fn header(&mut self) -> Header {
        self.next += 1;
        Header { credits: 8, ..Header::request(self.next - 1, self.session_id, self.tree_id) }
    }

    fn one<'a, B: Body<'a>>(&mut self, body: &B) -> Reply {
        let replies = self.all(body);
        assert_eq!(replies.len(), 1);
        replies.into_iter().next().unwrap()
    }

    fn all<'a, B: Body<'a>>(&mut self, body: &B) -> Vec<Reply> {
        let message = encode(&self.header(), body);
        self.say(&message)
    }

    /// A command whose body is nothing but its size.
    fn bare(&mut self, command: Command) -> Vec<Reply> {
        self.with_body(command, &[4, 0, 0, 0])
    }

    fn with_body(&mut self, command: Command, body: &[u8]) -> Vec<Reply> {
        let header = Header { command, ..self.header() };
        let mut message = encode_error(&header, &ErrorResponse::default());
        message.truncate(Header::SIZE);
        message.extend_from_slice(body);
        self.say(&message)
    }

    fn say(&mut self, message: &[u8]) -> Vec<Reply> {
        self.server.handle_input(&frame(message), self.now);
        self.hear()
    }

    fn hear(&mut self) -> Vec<Reply> {
        let mut frames = FrameBuffer::new(1 << 24);
        while let Some(transmit) = self.server.poll_transmit(self.now) {
            match transmit {
                Transmit::Bytes(bytes) => frames.push(&bytes),
                Transmit::Close | Transmit::Reset => return Vec::new(),
            }
        }
        let mut replies = Vec::new();
        while let Some(frame) = frames.next_frame().unwrap() {
            let messages = split(&frame).unwrap();
            replies.extend(messages.iter().map(|one| (Header::decode(one).unwrap(), one.to_vec())));
        }
        replies
    }
}

fn bind() -> Vec<u8> {
    Bind::new(1, srvs::INTERFACE, 4280).encode()
}

fn call(call_id: u32, opnum: u16) -> Vec<u8> {
    let stub = SessionEnumRequest::new(Level::L1).encode();
    let part = fragments(&stub, 4280).next().unwrap();
    Request { opnum, ..part.request(call_id, 0, 12) }.encode()
}

fn sessions(pdu: &[u8]) -> usize {
    let Ok(Pdu::Response(response)) = Pdu::decode(pdu) else { return usize::MAX };
    SessionEnumResponse::decode(response.stub, Level::L1, 100).unwrap().sessions.len()
}

#[test]
fn write_and_read_do_what_transceive_does() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open("srvsvc").unwrap();
    raw.write(pipe, &bind());
    let (status, ack) = raw.read(pipe, 4280);
    assert_eq!(status, NtStatus::SUCCESS);
    assert!(matches!(Pdu::decode(&ack), Ok(Pdu::BindAck(_))));
    // In two halves, and read in small pieces.
    let question = call(2, 12);
    assert_eq!(raw.write(pipe, &question[..30])[0].0.status, NtStatus::SUCCESS);
    raw.write(pipe, &question[30..]);
    let mut answer = Vec::new();
    loop {
        let (status, piece) = raw.read(pipe, 50);
        answer.extend(piece);
        if status == NtStatus::SUCCESS {
            break;
        }
        assert_eq!(status, NtStatus::BUFFER_OVERFLOW);
    }
    assert_eq!(sessions(&answer), 3);
}

#[test]
fn a_read_with_nothing_to_read_waits() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open("srvsvc").unwrap();
    assert!(raw.all(&ReadRequest { file_id: pipe, length: 4280 }).is_empty());
    let waiting = raw.next - 1;
    let replies = raw.write(pipe, &bind());
    let answered: Vec<(Command, u64)> =
        replies.iter().map(|(header, _)| (header.command, header.message_id)).collect();
    assert_eq!(answered, [(Command::WRITE, waiting + 1), (Command::READ, waiting)]);
    let ack = ReadResponse::decode(&replies[1].1).unwrap();
    assert!(matches!(Pdu::decode(ack.data), Ok(Pdu::BindAck(_))));
}

#[test]
fn a_read_that_waits_can_be_cancelled() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open("srvsvc").unwrap();
    assert!(raw.all(&ReadRequest { file_id: pipe, length: 4280 }).is_empty());
    // CANCEL bears the number of what it cancels.
    raw.next -= 1;
    let replies = raw.bare(Command::CANCEL);
    assert_eq!((replies.len(), replies[0].0.status), (1, NtStatus::CANCELLED));
    assert_eq!(replies[0].0.command, Command::READ);
    raw.next -= 1;
    assert!(raw.bare(Command::CANCEL).is_empty(), "there is nothing left to cancel");
}

#[test]
fn every_other_call_is_a_well_formed_fault() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open(r"\srvsvc").unwrap();
    raw.transceive(pipe, &bind());
    for opnum in (0..12).chain(13..60).chain([u16::MAX]) {
        let fault = Fault::decode(&raw.transceive(pipe, &call(u32::from(opnum), opnum))).unwrap();
        assert_eq!((fault.status, fault.call_id), (FaultStatus::OP_RNG_ERROR, u32::from(opnum)));
        assert_eq!(fault.status.0, 0x1c01_0002);
    }
    assert_eq!(sessions(&raw.transceive(pipe, &call(2, 12))), 3, "the pipe is as good as before");
}

#[test]
fn a_pipe_is_bound_once_and_before_it_is_asked() {
    let mut raw = Raw::on_ipc();
    let pipe = raw.open("srvsvc").unwrap();
    let fault = Fault::decode(&raw.transceive(pipe, &call(1, 12))).unwrap();
    assert_eq!(fault.status, FaultStatus::INVALID_PRES_CONTEXT_ID);
    raw.transceive(pipe, &bind());
    assert!(matches!(Pdu::decode(&raw.transceive(pipe, &bind())), Ok(Pdu::BindNak(_))));
    let garbage = raw.transceive(pipe, &[5, 0, 99, 3, 16, 0, 0, 0, 16, 0, 0, 0, 7, 0, 0, 0]);
    assert_eq!(Fault::decode(&garbage).unwrap().call_id, 7);
}

#[test]
fn pipes_and_trees_are_apart() {
    let mut raw = Raw::on_ipc();
    let (first, second) = (raw.open("srvsvc").unwrap(), raw.open("SRVSVC").unwrap());
    assert_ne!(first, second);
    raw.transceive(first, &bind());
    raw.transceive(second, &bind());
    raw.write(first, &call(2, 12));
    raw.write(second, &call(3, 13));
    assert!(matches!(Pdu::decode(&raw.read(second, 4280).1), Ok(Pdu::Fault(_))));
    assert_eq!(sessions(&raw.read(first, 4280).1), 3);

    let tree = raw.tree_id;
    raw.connect("ipc$");
    assert_ne!(raw.tree_id, tree);
    // The pipe belongs to the other tree.
    assert_eq!(raw.write(first, &bind())[0].0.status, NtStatus::FILE_CLOSED);
    raw.tree_id = tree;
    assert_eq!(raw.all(&CloseRequest { file_id: second })[0].0.status, NtStatus::SUCCESS);
    assert_eq!(raw.write(second, &bind())[0].0.status, NtStatus::FILE_CLOSED);
    assert_eq!(raw.bare(Command::TREE_DISCONNECT)[0].0.status, NtStatus::SUCCESS);
    assert_eq!(raw.open("srvsvc"), Err(NtStatus::NETWORK_NAME_DELETED));
}

#[test]
fn other_shares_pipes_commands_and_codes_do_not_exist() {
    let mut raw = Raw::on_ipc();
    assert_eq!(raw.open("lsarpc"), Err(NtStatus::OBJECT_NAME_NOT_FOUND));
    let ioctl = IoctlRequest { code: 0x0006_0194, file_id: FileId::ANY, input: &[], max_output: 100 };
    assert_eq!(raw.one(&ioctl).0.status, NtStatus::FS_DRIVER_REQUIRED);
    let ioctl = IoctlRequest { code: 0x0014_01fc, ..ioctl };
    assert_eq!(raw.one(&ioctl).0.status, NtStatus::NOT_SUPPORTED);
    let mut query = vec![0; 40];
    query[0] = 41; // StructureSize
    assert_eq!(raw.with_body(Command::QUERY_INFO, &query)[0].0.status, NtStatus::NOT_SUPPORTED);
    assert_eq!(raw.connect("C$"), NtStatus::BAD_NETWORK_NAME);
}

#[test]
fn echo_log_off_and_a_second_log_on() {
    let mut raw = Raw::new();
    raw.negotiate();
    assert_eq!(raw.bare(Command::ECHO)[0].0.status, NtStatus::SUCCESS);
    assert_eq!(raw.connect("IPC$"), NtStatus::USER_SESSION_DELETED);
    raw.log_on();
    assert_eq!(raw.bare(Command::ECHO)[0].0.status, NtStatus::SUCCESS);
    let first = raw.session_id;
    raw.log_on();
    assert_ne!(raw.session_id, first);
    assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
    let tree = raw.tree_id;
    raw.session_id = first;
    assert_eq!(raw.open("srvsvc"), Err(NtStatus::NETWORK_NAME_DELETED), "the tree of another session");
    assert_eq!(raw.bare(Command::LOGOFF)[0].0.status, NtStatus::SUCCESS);
    assert_eq!(raw.connect("IPC$"), NtStatus::USER_SESSION_DELETED);
    raw.session_id += 1 << 32;
    raw.tree_id = tree;
    assert!(raw.open("srvsvc").is_ok(), "the second session is still there");
}

/// This client demands nothing itself, so it is the scenario that does.
#[test]
fn nothing_goes_unsigned_or_unencrypted_where_the_scenario_forbids_it() {
    let log_on_to = |signing_required, encryption| {
        let mut scenario = shipped("samba").unwrap();
        scenario.smb.signing_required = signing_required;
        scenario.smb.encryption = encryption;
        let mut raw = Raw::of(scenario);
        raw.negotiate();
        raw
    };
    for (signing_required, expected) in [(false, NtStatus::SUCCESS), (true, NtStatus::ACCESS_DENIED)] {
        let mut raw = log_on_to(signing_required, Encryption::Offered);
        raw.log_on();
        assert_eq!(raw.connect("IPC$"), expected, "{signing_required}");
    }
    // 2.1 has no encryption.
    let mut raw = log_on_to(false, Encryption::Required);
    assert_eq!(raw.try_log_on().0.status, NtStatus::ACCESS_DENIED);
}

#[test]
fn a_client_that_also_speaks_smb1_is_sent_on_to_smb2() {
    for (dialects, answer) in [
        (&b"\x02NT LM 0.12\0\x02SMB 2.002\0\x02SMB 2.???\0"[..], Some(0x02ff)),
        (b"\x02NT LM 0.12\0\x02SMB 2.002\0", Some(0x0202)),
        (b"\x02NT LM 0.12\0", None),
    ] {
        let mut raw = Raw::new();
        let mut smb1 = b"\xffSMB\x72".to_vec();
        smb1.resize(32 + 3, 0);
        smb1.extend_from_slice(dialects);
        let replies = raw.say(&smb1);
        let chosen = replies.first().map(|(_, message)| NegotiateResponse::decode(message).unwrap().dialect);
        assert_eq!(chosen, answer);
        if answer == Some(0x02ff) {
            raw.next = 1;
            assert_eq!(NegotiateResponse::decode(&raw.negotiate().1).unwrap().dialect, 0x0210);
            raw.log_on();
            assert_eq!(raw.connect("IPC$"), NtStatus::SUCCESS);
        }
    }
}

#[test]
fn a_related_compound_fails_as_a_whole() {
    let mut raw = Raw::on_ipc();
    let create = encode(&raw.header(), &CreateRequest { name: "lsarpc".to_owned() });
    let related = |header: Header| Header {
        flags: Flags::RELATED,
        session_id: u64::MAX,
        async_or_tree_id: u64::from(u32::MAX) << 32,
        ..header
    };
    let bind = bind();
    let request =
        IoctlRequest { code: FSCTL_PIPE_TRANSCEIVE, file_id: FileId::ANY, input: &bind, max_output: 4280 };
    let ioctl = encode(&related(raw.header()), &request);
    let replies = raw.say(&join(vec![create, ioctl], |_| ()));
    let statuses: Vec<NtStatus> = replies.iter().map(|(header, _)| header.status).collect();
    assert_eq!(statuses.len(), 2, "Samba's first reply comes alone, and both come");
    assert_eq!(statuses, [NtStatus::OBJECT_NAME_NOT_FOUND; 2]);
}

#[test]
fn what_no_client_does_ends_the_connection() {
    // A second NEGOTIATE.
    let mut raw = Raw::on_ipc();
    let message = encode(&raw.header(), &CloseRequest { file_id: FileId::ANY });
    assert_eq!(raw.say(&message)[0].0.status, NtStatus::FILE_CLOSED);
    let again = NegotiateRequest {
        dialects: vec![0x0202],
        security_mode: SecurityMode::SIGNING_ENABLED,
        capabilities: Capabilities::default(),
        client_guid: [3; 16],
        contexts: Vec::new(),
    };
    assert!(raw.all(&again).is_empty());
    // More than there is credit for.
    let mut raw = Raw::on_ipc();
    let header = Header { credit_charge: 5000, ..raw.header() };
    assert!(raw.say(&encode(&header, &CloseRequest { file_id: FileId::ANY })).is_empty());
    // A reply.
    let mut raw = Raw::on_ipc();
    let header = Header { flags: Flags::RESPONSE, ..raw.header() };
    assert!(raw.say(&encode(&header, &CloseRequest { file_id: FileId::ANY })).is_empty());
    // Something encrypted for nobody.
    let mut raw = Raw::on_ipc();
    assert!(raw.say(&[&TRANSFORM_PROTOCOL_ID[..], &[0; 100]].concat()).is_empty());
}
