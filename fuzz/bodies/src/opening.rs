//! The shortest way to an open pipe, for targets that begin there: SMB 2.0.2, a log-on in one step.

use std::time::Instant;

use netsession_proto::client::{Config, Encryption, Limits};
use netsession_proto::rpce::{BindAck, ContextResult, SyntaxId};
use netsession_proto::smb2::{
    Capabilities, CreateResponse, Dialect, FSCTL_PIPE_TRANSCEIVE, FileId, Flags, Header, IoctlResponse,
    NegotiateResponse, Role, SecurityMode, SessionFlags, SessionSetupResponse, ShareType,
    TreeConnectResponse, encode, frame, join,
};

use crate::client::{Client, SESSION_KEY, TIMEOUT, fixed_token};
use crate::peer::Peer;
use crate::raw::listen;

const SESSION: u64 = 0x29;
const TREE: u32 = 1;

/// The handle of the pipe.
pub(crate) const FILE_ID: FileId = FileId { persistent: 1, volatile: 2 };
/// The longest fragment that the server takes, in bytes.
pub(crate) const MAX_FRAGMENT: u16 = 5840;

/// How many credits the server grants on the way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Credits {
    log_on: u16,
    /// With each of the three answers after it.
    each: u16,
}

impl Credits {
    pub(crate) const PLENTY: Self = Self { log_on: 64, each: 8 };
    /// No more than the requests on the way cost.
    pub(crate) const SCARCE: Self = Self { log_on: 3, each: 1 };

    /// How many the client has had when the pipe is open, with the one that every connection begins with.
    pub(crate) fn granted(self) -> u64 {
        let first = 1 + 1;
        first + u64::from(self.log_on) + 3 * u64::from(self.each)
    }
}

/// A client with an open and bound pipe, and its server's keys.
pub(crate) fn open_pipe(limits: Limits, credits: Credits, now: Instant) -> (Client, Peer) {
    let mut config = Config::new("fs1", now + TIMEOUT);
    // The cheapest dialect: what matters comes after it.
    (config.min_dialect, config.max_dialect) = (Dialect::Smb202, Dialect::Smb202);
    config.encryption = Encryption::Off;
    config.limits = limits;
    let mut client = Client::new(config, None, now);
    let mut peer = Peer::new(Role::Server, SESSION_KEY, false);
    open(&mut client, &mut peer, credits);
    assert!(client.is_ready(), "{:?}", client.outcome);
    (client, peer)
}

fn open(client: &mut Client, peer: &mut Peer, credits: Credits) {
    let negotiate = NegotiateResponse {
        security_mode: SecurityMode::SIGNING_ENABLED,
        dialect: Dialect::Smb202.number(),
        server_guid: [3; 16],
        capabilities: Capabilities::default(),
        max_transact_size: 0x1_0000,
        max_read_size: 0x1_0000,
        max_write_size: 0x1_0000,
        system_time: 0,
        token: &[],
        contexts: Vec::new(),
    };
    say(client, peer, 1, |header| encode(&Header { session_id: 0, ..header }, &negotiate));
    client.token(fixed_token());
    let welcome = SessionSetupResponse { flags: SessionFlags::default(), token: &[] };
    say(client, peer, credits.log_on, |header| encode(&header, &welcome));
    client.token(fixed_token());
    let tree = TreeConnectResponse {
        share_type: ShareType::PIPE,
        share_flags: 0,
        capabilities: 0,
        maximal_access: 0x001f_01ff,
    };
    let ack = BindAck {
        call_id: 1,
        max_xmit_frag: MAX_FRAGMENT,
        max_recv_frag: MAX_FRAGMENT,
        assoc_group: 1,
        secondary_address: b"\\PIPE\\ntsvcs\0".to_vec(),
        results: vec![ContextResult::Acceptance(SyntaxId::NDR)],
    }
    .encode();
    let bound = IoctlResponse { code: FSCTL_PIPE_TRANSCEIVE, file_id: FILE_ID, output: &ack };
    say(client, peer, credits.each, |header| {
        let created = encode(&header, &CreateResponse { file_id: FILE_ID });
        join(vec![encode(&header, &tree), created, encode(&header, &bound)], |_| ())
    });
}

fn say(client: &mut Client, peer: &mut Peer, credits: u16, replies: impl FnOnce(Header) -> Vec<u8>) {
    listen(client, peer);
    let header = Header { flags: Flags::RESPONSE, credits, ..Header::request(0, SESSION, TREE) };
    let mut replies = replies(header);
    peer.address(&mut replies);
    peer.saw_replies(&replies);
    let how = peer.usual_protection();
    client.input(&frame(&peer.protect(replies, how)));
}
