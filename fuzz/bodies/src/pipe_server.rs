//! A server that answers calls on an open pipe: it cuts its answers into fragments, deals them out to READs and gives
//! hints as the input says. It is honest, or it lies.

use std::collections::VecDeque;
use std::time::Duration;

use netsession_proto::erref::NtStatus;
use netsession_proto::rpce::{Fault, FaultStatus, Pdu, Request, Response, fragments};
use netsession_proto::smb2::{
    Body, Command, FSCTL_PIPE_TRANSCEIVE, Flags, FrameBuffer, Header, IoctlRequest, IoctlResponse,
    ReadResponse, WriteRequest, WriteResponse, encode, encode_error, frame, split,
};

use crate::client::Client;
use crate::input::Input;
use crate::opening::{FILE_ID, MAX_FRAGMENT};
use crate::peer::{Peer, Protection, overwrite};

/// The most interim replies, so that an honest server comes to an end.
const MAX_INTERIM: usize = 20;

/// What it answers to a call, by opnum and stub.
pub(crate) type Respond<'a> = &'a mut dyn FnMut(u16, &[u8]) -> Result<Vec<u8>, FaultStatus>;

/// How it answers, and how far it has come.
pub(crate) struct PipeServer {
    max_fragment: u16,
    hints: u8,
    /// Into how many bytes its answers are cut where it does not keep to fragments.
    chunk: Option<usize>,
    /// Whether READs may be answered in another order than they were sent in.
    shuffles: bool,
    /// Nothing about it is wrong.
    pub(crate) is_honest: bool,
    /// Whether interim replies, credits and protection vary as well.
    varies: Option<Varied>,
    /// Bytes of NDR in its answers so far.
    pub(crate) bytes: usize,
    /// Whether it has sent what a client cannot tell from the truth.
    pub(crate) is_altered: bool,
    open: Vec<Open>,
    /// The call whose fragments are coming in.
    request: Option<(u32, u16, Vec<u8>)>,
    /// What the next READs get.
    unread: VecDeque<Vec<u8>>,
}

/// A request without an answer.
#[derive(Debug, Clone)]
struct Open {
    header: Header,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Transceive,
    Read,
    Write(u32),
    Other,
}

/// What varies beside the fragments.
#[derive(Debug, Default)]
struct Varied {
    /// Credits that the client has been granted, over the whole connection.
    granted: u64,
    interim: usize,
}

impl PipeServer {
    /// A server as the input says. `is_asked_again`: a second call may follow on the same pipe.
    pub(crate) fn new(input: &mut Input<'_>, is_asked_again: bool) -> Self {
        let chunk = [None, None, None, Some(100), Some(1_432), Some(2_000), Some(3_333)];
        let chunk = chunk[usize::from(input.u8() % 7)];
        Self {
            max_fragment: input.pick(&[1_432, 1_440, 5_840]),
            hints: input.u8() % 4,
            chunk,
            shuffles: chunk.is_none() && input.one_in(2),
            // Where pieces are no fragments, READs stay open beyond the answer, and the next call finds them.
            is_honest: input.u8() % 4 < 2 && (chunk.is_none() || !is_asked_again),
            varies: None,
            bytes: 0,
            is_altered: false,
            open: Vec::new(),
            request: None,
            unread: VecDeque::new(),
        }
    }

    /// Lets interim replies, credits and protection vary as well. `granted` is what the client has had so far.
    pub(crate) fn varied(self, granted: u64) -> Self {
        Self { varies: Some(Varied { granted, interim: 0 }), ..self }
    }

    /// Takes what the client asks.
    pub(crate) fn listen(&mut self, client: &mut Client, peer: &mut Peer, respond: Respond<'_>) {
        for bytes in client.transmits() {
            let mut frames = FrameBuffer::new(1 << 20);
            frames.push(&bytes);
            while let Ok(Some(frame)) = frames.next_frame() {
                for message in split(&frame).expect("the client sends messages") {
                    peer.saw_requests(message);
                    let header = Header::decode(message).expect("the client sends headers");
                    if let Some(Varied { granted, .. }) = &self.varies {
                        // In SMB 2.0.2 each request costs one, and MessageIds follow each other.
                        assert!(header.message_id < *granted, "sends without a credit");
                    }
                    let kind = self.take(&header, message, &mut *respond);
                    self.open.push(Open { header, kind });
                }
            }
        }
    }

    fn take(&mut self, header: &Header, message: &[u8], respond: Respond<'_>) -> Kind {
        match header.command {
            Command::READ => Kind::Read,
            Command::WRITE => {
                let request = WriteRequest::decode(message).expect("the client sends requests");
                assert!(self.fragment(request.data).is_none(), "the last fragment in a WRITE");
                Kind::Write(request.data.len().try_into().unwrap_or(0))
            }
            Command::IOCTL => {
                let request = IoctlRequest::decode(message).expect("the client sends requests");
                if request.code != FSCTL_PIPE_TRANSCEIVE {
                    return Kind::Other;
                }
                let (call_id, opnum, stub) =
                    self.fragment(request.input).expect("a call that is not whole is read from");
                self.answered(call_id, respond(opnum, &stub));
                Kind::Transceive
            }
            _ => Kind::Other,
        }
    }

    /// Takes a fragment of a request; with the last one the call is whole.
    fn fragment(&mut self, pdu: &[u8]) -> Option<(u32, u16, Vec<u8>)> {
        assert!(pdu.len() <= usize::from(MAX_FRAGMENT), "a fragment of {} bytes", pdu.len());
        let Ok(Pdu::Request(Request { call_id, first, last, opnum, stub, .. })) = Pdu::decode(pdu) else {
            panic!("the client calls {pdu:?}")
        };
        assert_eq!(first, self.request.is_none(), "the first fragment");
        let (id, number, whole) = self.request.get_or_insert_with(|| (call_id, opnum, Vec::new()));
        assert_eq!((*id, *number), (call_id, opnum), "another call in the middle of one");
        whole.extend_from_slice(stub);
        if last { self.request.take() } else { None }
    }

    /// Prepares the answer to a call.
    fn answered(&mut self, call_id: u32, answer: Result<Vec<u8>, FaultStatus>) {
        let stub = match answer {
            Ok(stub) => stub,
            Err(status) => {
                let fault = Fault { call_id, context_id: 0, did_not_execute: false, status };
                self.unread = [fault.encode()].into();
                return;
            }
        };
        self.bytes += stub.len();
        let pdus = fragments(&stub, self.max_fragment).map(|part| {
            let response = part.response(call_id, 0);
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
    pub(crate) fn step(&mut self, input: &mut Input<'_>, client: &mut Client, peer: &mut Peer) -> bool {
        if self.open.is_empty() {
            return false;
        }
        let what = input.u8();
        // The first answer brings the hint: READs come after it.
        let which = if self.shuffles { usize::from(what) % self.open.len() } else { 0 };
        if self.says_something_else(which, input, client, peer) {
            return true;
        }
        let Open { header, kind } = self.open.remove(which);
        if let Kind::Other = kind {
            let credits = self.credits(input);
            self.reply(client, peer, &header, credits, |header| {
                encode_error(&Header { status: NtStatus::NOT_SUPPORTED, ..header }, &Default::default())
            });
            return true;
        }
        if let Kind::Write(count) = kind {
            let credits = self.credits(input);
            self.reply(client, peer, &header, credits, |header| encode(&header, &WriteResponse { count }));
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
        let mut status = NtStatus::SUCCESS;
        if !self.unread.is_empty() && input.one_in(2) {
            status = NtStatus::BUFFER_OVERFLOW;
        }
        if !self.is_honest {
            self.lie(input, &mut data, &mut status);
        }
        let credits = self.credits(input);
        self.reply(client, peer, &header, credits, |header| {
            let header = Header { status, ..header };
            match kind {
                Kind::Read => encode(&header, &ReadResponse { data: &data }),
                _ => encode(
                    &header,
                    &IoctlResponse { code: FSCTL_PIPE_TRANSCEIVE, file_id: FILE_ID, output: &data },
                ),
            }
        });
        true
    }

    fn lie(&mut self, input: &mut Input<'_>, data: &mut Vec<u8>, status: &mut NtStatus) {
        let what = input.u8() % 16;
        // A fragment that comes twice, not at all or too late shows by the hints, where there are any.
        self.is_altered |= !matches!(what, 6..=8 | 11..=15) || self.hints > 1 || self.chunk.is_some();
        // Where the credits allow one READ at a time, a fragment that comes twice has a hint that grows, and from there on
        // the order is that of the answers: as with a server whose hints are of no use.
        self.is_altered |= what == 6 && self.varies.is_some();
        match what {
            0 => data.truncate(usize::from(input.u16())),
            1 => data.extend_from_slice(input.chunk()),
            2 => {
                let at = usize::from(input.u16());
                overwrite(data, at, &input.array::<4>());
            }
            // Flags, length, call and hint of the fragment.
            3 => overwrite(data, 3, &[input.u8()]),
            4 => overwrite(data, 8, &input.array::<2>()),
            5 => overwrite(data, 16, &input.array::<4>()),
            6 => self.unread.push_back(data.clone()),
            7 => drop(self.unread.pop_front()),
            8 => self.unread.rotate_left(usize::from(self.unread.len() > 1)),
            9 => *status = NtStatus(input.u32()),
            10 => *data = input.chunk().to_vec(),
            _ => {}
        }
    }

    /// How many credits the next reply grants. An honest server gives back at least what the request cost.
    fn credits(&mut self, input: &mut Input<'_>) -> u16 {
        match &self.varies {
            None => 8,
            Some(_) if self.is_honest => input.pick(&[1, 1, 2, 8, 256]),
            Some(_) => input.pick(&[1, 1, 2, 8, 256, 0, 0, u16::MAX]),
        }
    }

    /// Where more than the fragments varies: an interim reply, or, from one that lies, a reply that is not protected,
    /// that answers another request, or that is anything.
    fn says_something_else(
        &mut self,
        which: usize,
        input: &mut Input<'_>,
        client: &mut Client,
        peer: &mut Peer,
    ) -> bool {
        let Some(varied) = &mut self.varies else { return false };
        let request = self.open[which].header.clone();
        match input.u8() % 16 {
            0 | 1 if varied.interim < MAX_INTERIM => {
                varied.interim += 1;
                let (credits, is_signed) = (input.pick(&[0, 1, 3]), input.one_in(2));
                // Nothing is taken from one that is not signed.
                varied.granted += if is_signed { u64::from(credits) } else { 0 };
                let header = reply_header(&request, credits);
                let flags = header.flags.with(Flags::ASYNC);
                let reply =
                    encode_error(&Header { status: NtStatus::PENDING, flags, ..header }, &Default::default());
                let how = if is_signed { peer.usual_protection() } else { Protection::None };
                deliver(client, peer, reply, how);
                true
            }
            2 if !self.is_honest => {
                let reply = encode(&reply_header(&request, 1), &ReadResponse { data: input.chunk() });
                let was_busy = client.is_busy();
                deliver(client, peer, reply, Protection::None);
                assert!(!was_busy || client.outcome.failed.is_some(), "accepts what is not signed");
                true
            }
            3 if !self.is_honest => {
                self.is_altered = true;
                let other = Header {
                    message_id: u64::from(input.u8()),
                    command: input.pick(&[Command::READ, Command::IOCTL, Command::WRITE, Command::CLOSE]),
                    ..request
                };
                let data = input.chunk();
                self.reply(client, peer, &other, 1, |header| encode(&header, &ReadResponse { data }));
                true
            }
            4 if !self.is_honest => {
                self.is_altered = true;
                varied.granted += 1 << 20;
                let mut reply = input.chunk().to_vec();
                peer.address(&mut reply);
                peer.saw_replies(&reply);
                let how = peer.usual_protection();
                deliver(client, peer, reply, how);
                true
            }
            _ => false,
        }
    }

    /// Sends a reply to this request.
    fn reply(
        &mut self,
        client: &mut Client,
        peer: &mut Peer,
        request: &Header,
        credits: u16,
        reply: impl FnOnce(Header) -> Vec<u8>,
    ) {
        if let Some(varied) = &mut self.varies {
            varied.granted += u64::from(credits);
        }
        let reply = reply(reply_header(request, credits));
        peer.saw_replies(&reply);
        let how = peer.usual_protection();
        deliver(client, peer, reply, how);
    }
}

fn reply_header(request: &Header, credits: u16) -> Header {
    Header { credits, flags: Flags::RESPONSE, signature: [0; 16], next_command: 0, ..request.clone() }
}

fn deliver(client: &mut Client, peer: &mut Peer, reply: Vec<u8>, how: Protection) {
    client.confirmed = peer.validated;
    client.input(&frame(&peer.protect(reply, how)));
    client.wait(Duration::ZERO);
}
