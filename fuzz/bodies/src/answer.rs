//! RPC fragments: a server in half a page that cuts its answers, deals them out to READs and gives hints as the
//! input says. An honest one must be understood, in whatever order READs are answered; a dishonest one must do no
//! harm.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use netsession_proto::client::{Config, Encryption, Limits, ListRequest, WantedLevel};
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::rpce::{Pdu, Response, fragments};
use netsession_proto::smb2::{Body, FileId, FrameBuffer, frame};
use netsession_proto::smb2::{
    Command, Dialect, FSCTL_PIPE_TRANSCEIVE, Flags, Header, IoctlRequest, IoctlResponse, ReadResponse, Role,
    encode, encode_error, split,
};
use netsession_proto::srvs::{Level, SessionEnumRequest, SessionEnumResponse, SessionInfo};

use crate::client::{Client, SESSION_KEY, TIMEOUT};
use crate::input::Input;
use crate::opening::open;
use crate::peer::Peer;

const MAX_STEPS: usize = 600;
const MAX_ENTRIES: usize = 200;
const MAX_BYTES: usize = 20_000;

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let now = Instant::now();
    let mut server = Server::new(&mut input);
    let mut config = Config::new("fs1", now + TIMEOUT);
    // The cheapest dialect: what matters here comes after it.
    (config.min_dialect, config.max_dialect) = (Dialect::Smb202, Dialect::Smb202);
    config.encryption = Encryption::Off;
    config.limits = Limits { entries: MAX_ENTRIES, answer_bytes: MAX_BYTES, frame_bytes: 70_000, pages: 8 };
    let mut client = Client::new(config, None, now);
    let mut peer = Peer::new(Role::Server, SESSION_KEY, false);
    open(&mut client, &mut peer);
    assert!(client.is_ready(), "{:?}", client.outcome);
    client.list(&ListRequest { level: WantedLevel::Named(server.level), ..ListRequest::default() });
    for _ in 0..MAX_STEPS {
        server.listen(&mut client, &mut peer);
        if !client.is_busy() || !server.step(&mut input, &mut client, &mut peer) {
            break;
        }
    }
    let outcome = client.finish();
    match outcome.listings.as_slice() {
        [(rows, Ok(_))] if server.is_honest => {
            assert_eq!(*rows, server.sessions);
            assert!(server.bytes <= MAX_BYTES, "{} bytes taken", server.bytes);
        }
        [(rows, Ok(_))] if !server.is_altered => assert_eq!(*rows, server.sessions),
        _ if server.is_honest && server.sessions.len() <= MAX_ENTRIES && server.bytes <= MAX_BYTES => {
            panic!("honest, and {outcome:?}")
        }
        _ => {}
    }
}

/// How it answers.
struct Server {
    level: Level,
    sessions: Vec<SessionInfo>,
    page: usize,
    max_fragment: u16,
    hints: u8,
    /// Into how many bytes its answers are cut where it does not keep to fragments.
    chunk: Option<usize>,
    /// Whether READs may be answered in another order than they were sent in.
    shuffles: bool,
    /// Bytes of NDR in its answers so far.
    bytes: usize,
    /// Whether it has sent what nobody can tell from the truth.
    is_altered: bool,
    /// Nothing about it is wrong.
    is_honest: bool,
    open: Vec<(Header, u32)>,
    /// What the next READs get.
    unread: VecDeque<Vec<u8>>,
}

impl Server {
    fn new(input: &mut Input<'_>) -> Self {
        let level = input.pick(&Level::ALL);
        let count = usize::from(input.u8());
        let page = [usize::MAX, 40, 70][usize::from(input.u8() % 3)];
        let chunk = [None, None, None, Some(100), Some(1_432), Some(2_000), Some(3_333)];
        let chunk = chunk[usize::from(input.u8() % 7)];
        let name =
            |n: usize| ["", "a", "\\\\10.0.0.5", "ü-with-a-longer-name-€", "\u{202e}x"][n % 5].to_owned();
        let session = |n: usize| {
            SessionInfo {
                client: name(n),
                user: Some(name(n / 2)),
                opens: Some(1),
                time: Some(n.try_into().unwrap_or(0)),
                idle_time: Some(u32::MAX),
                flags: Some(3),
                client_type: Some(String::new()),
                transport: Some(name(n + 1)),
            }
            .reduced_to(level)
        };
        Self {
            level,
            sessions: (0..count).map(session).collect(),
            page,
            max_fragment: input.pick(&[1_432, 1_440, 5_840]),
            hints: input.u8() % 4,
            chunk,
            shuffles: chunk.is_none() && input.one_in(2),
            is_honest: input.u8() % 4 < 2 && (chunk.is_none() || page == usize::MAX),
            bytes: 0,
            is_altered: false,
            open: Vec::new(),
            unread: VecDeque::new(),
        }
    }

    /// Takes what the client asks.
    fn listen(&mut self, client: &mut Client, peer: &mut Peer) {
        for bytes in client.transmits() {
            let mut frames = FrameBuffer::new(1 << 20);
            frames.push(&bytes);
            while let Ok(Some(frame)) = frames.next_frame() {
                for message in split(&frame).expect("the client sends messages") {
                    peer.saw_requests(message);
                    let header = Header::decode(message).expect("the client sends headers");
                    let mut code = 0;
                    if header.command == Command::IOCTL {
                        let request = IoctlRequest::decode(message).expect("the client sends requests");
                        code = request.code;
                        if code == FSCTL_PIPE_TRANSCEIVE {
                            self.call(request.input);
                        }
                    }
                    self.open.push((header, code));
                }
            }
        }
    }

    /// Prepares the answer to a call.
    fn call(&mut self, pdu: &[u8]) {
        let Ok(Pdu::Request(call)) = Pdu::decode(pdu) else { panic!("the client calls {pdu:?}") };
        let asked = SessionEnumRequest::decode(call.stub).expect("the client sends questions");
        let from = usize::try_from(asked.resume.unwrap_or(0)).unwrap_or(0).min(self.sessions.len());
        let to = from.saturating_add(self.page).min(self.sessions.len());
        let more = to < self.sessions.len();
        let stub = SessionEnumResponse {
            level: self.level,
            sessions: self.sessions[from..to].to_vec(),
            total_entries: 0,
            resume: Some(to.try_into().unwrap_or(0)),
            code: if more { Win32Error::MORE_DATA } else { Win32Error::SUCCESS },
        }
        .encode();
        self.bytes += stub.len();
        let pdus = fragments(&stub, self.max_fragment).map(|part| {
            let response = part.response(call.call_id, 0);
            let own = response.stub.len().try_into().unwrap_or(0);
            let alloc_hint = match self.hints {
                0 | 1 => response.alloc_hint,
                2 => 0,
                _ => own,
            };
            Response { alloc_hint, ..response }.encode()
        });
        let pdus: Vec<Vec<u8>> = pdus.collect();
        self.unread = match self.chunk {
            None => pdus.into(),
            Some(size) => pdus.concat().chunks(size).map(<[u8]>::to_vec).collect(),
        };
    }

    /// Answers one request; says whether there was any.
    fn step(&mut self, input: &mut Input<'_>, client: &mut Client, peer: &mut Peer) -> bool {
        if self.open.is_empty() {
            return false;
        }
        let what = input.u8();
        // The first answer brings the hint: READs come after it.
        let which = if self.shuffles { usize::from(what) % self.open.len() } else { 0 };
        let (header, code) = self.open.remove(which);
        let mut status = NtStatus::SUCCESS;
        let is_read = header.command == Command::READ;
        if !is_read && code != FSCTL_PIPE_TRANSCEIVE {
            say(client, peer, &header, |header| {
                encode_error(&Header { status: NtStatus::NOT_SUPPORTED, ..header }, &Default::default())
            });
            return true;
        }
        let Some(mut data) = self.unread.pop_front() else {
            // Nothing is left to be read: it waits. So does the client, if it was told of more.
            assert!(
                !self.is_honest || !client.is_busy() || !self.open.is_empty(),
                "an honest server is asked for more"
            );
            return !self.open.is_empty();
        };
        if !self.unread.is_empty() && input.one_in(2) {
            status = NtStatus::BUFFER_OVERFLOW;
        }
        if !self.is_honest {
            self.lie(input, &mut data, &mut status);
        }
        let file_id = FileId { persistent: 1, volatile: 2 };
        say(client, peer, &header, |header| {
            let header = Header { status, ..header };
            if is_read {
                encode(&header, &ReadResponse { data: &data })
            } else {
                encode(&header, &IoctlResponse { code: FSCTL_PIPE_TRANSCEIVE, file_id, output: &data })
            }
        });
        true
    }

    fn lie(&mut self, input: &mut Input<'_>, data: &mut Vec<u8>, status: &mut NtStatus) {
        let what = input.u8() % 16;
        // A fragment that comes twice, not at all or too late shows by the hints, where there are any.
        self.is_altered |= !matches!(what, 6..=8 | 11..=15) || self.hints > 1 || self.chunk.is_some();
        match what {
            0 => data.truncate(usize::from(input.u16())),
            1 => data.extend_from_slice(input.chunk()),
            2 => {
                let at = usize::from(input.u16());
                crate::peer::overwrite(data, at, &input.array::<4>());
            }
            // Flags, length, call and hint of the fragment.
            3 => crate::peer::overwrite(data, 3, &[input.u8()]),
            4 => crate::peer::overwrite(data, 8, &input.array::<2>()),
            5 => crate::peer::overwrite(data, 16, &input.array::<4>()),
            6 => self.unread.push_back(data.clone()),
            7 => drop(self.unread.pop_front()),
            8 => self.unread.rotate_left(usize::from(self.unread.len() > 1)),
            9 => *status = NtStatus(input.u32()),
            10 => *data = input.chunk().to_vec(),
            _ => {}
        }
    }
}

/// Sends a reply to this request.
fn say(client: &mut Client, peer: &mut Peer, request: &Header, reply: impl FnOnce(Header) -> Vec<u8>) {
    let header =
        Header { credits: 8, flags: Flags::RESPONSE, signature: [0; 16], next_command: 0, ..request.clone() };
    let reply = reply(header);
    peer.saw_replies(&reply);
    client.confirmed = peer.validated;
    let how = peer.usual_protection();
    client.input(&frame(&peer.protect(reply, how)));
    client.wait(Duration::ZERO);
}
