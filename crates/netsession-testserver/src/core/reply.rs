use std::time::Duration;

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Body, ErrorResponse, Flags, Header, encode, encode_error};
use netsession_proto::wire::Writer;

use crate::scenario::Step;

/// A reply before it is signed or encrypted.
#[derive(Debug)]
pub(super) struct Reply {
    /// The kind of request that it answers.
    pub(super) step: Step,
    pub(super) header: Header,
    /// The bytes after the header.
    pub(super) body: Vec<u8>,
    pub(super) protection: Protection,
    /// Whether the request came in a compound.
    pub(super) in_compound: bool,
    /// The pause between repetitions of its frame, where it is repeated.
    pub(super) repeat: Option<Duration>,
}

/// The protection of a reply, and the session with the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protection {
    None,
    Signed(u64),
    Sealed(u64),
}

impl Reply {
    /// The message as it stands.
    pub(super) fn message(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(Header::SIZE.saturating_add(self.body.len()));
        self.header.encode(&mut out);
        out.bytes(&self.body);
        out.into_bytes()
    }

    /// Turns it into an error.
    pub(super) fn fail(&mut self, status: NtStatus) {
        self.header.status = status;
        self.body = error_body();
    }

    /// The interim reply before this one.
    pub(super) fn interim(&self) -> Self {
        let header = Header {
            status: NtStatus::PENDING,
            flags: self.header.flags.with(Flags::ASYNC),
            async_or_tree_id: self.header.message_id,
            ..self.header.clone()
        };
        Self { header, body: error_body(), ..*self }
    }
}

/// A body without its header.
pub(super) fn body_of<'a, B: Body<'a>>(body: &B) -> Vec<u8> {
    let mut message = encode(&Header::request(0, 0, 0), body);
    message.drain(..Header::SIZE.min(message.len()));
    message
}

/// The body of an error, without its header.
pub(super) fn error_body() -> Vec<u8> {
    let mut message = encode_error(&Header::request(0, 0, 0), &ErrorResponse::default());
    message.drain(..Header::SIZE.min(message.len()));
    message
}

/// The body of LOGOFF, TREE_DISCONNECT and ECHO (\[MS-SMB2\] 2.2.8, 2.2.12, 2.2.29): its own size.
pub(super) fn bare_body() -> Vec<u8> {
    vec![4, 0, 0, 0]
}
