//! The shortest way to an open pipe, for targets that begin there: SMB 2.0.2, a log-on in one step.

use netsession_proto::rpce::{BindAck, ContextResult, SyntaxId};
use netsession_proto::smb2::{
    Capabilities, CreateResponse, Dialect, FSCTL_PIPE_TRANSCEIVE, FileId, Flags, Header, IoctlResponse,
    NegotiateResponse, SecurityMode, SessionFlags, SessionSetupResponse, ShareType, TreeConnectResponse,
    encode, frame, join,
};

use crate::client::{Client, fixed_token};
use crate::peer::Peer;
use crate::raw::listen;

const SESSION: u64 = 0x29;
const TREE: u32 = 1;

/// Brings a client that speaks 2.0.2 to an open and bound pipe.
pub(crate) fn open(client: &mut Client, peer: &mut Peer) {
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
    say(client, peer, |header| encode(&Header { credits: 1, session_id: 0, ..header }, &negotiate));
    client.token(fixed_token());
    let welcome = SessionSetupResponse { flags: SessionFlags::default(), token: &[] };
    say(client, peer, |header| encode(&Header { credits: 64, ..header }, &welcome));
    client.token(fixed_token());
    let tree = TreeConnectResponse {
        share_type: ShareType::PIPE,
        share_flags: 0,
        capabilities: 0,
        maximal_access: 0x001f_01ff,
    };
    let file_id = FileId { persistent: 1, volatile: 2 };
    let ack = BindAck {
        call_id: 1,
        max_xmit_frag: 5840,
        max_recv_frag: 5840,
        assoc_group: 1,
        secondary_address: b"\\PIPE\\ntsvcs\0".to_vec(),
        results: vec![ContextResult::Acceptance(SyntaxId::NDR)],
    }
    .encode();
    let bound = IoctlResponse { code: FSCTL_PIPE_TRANSCEIVE, file_id, output: &ack };
    say(client, peer, |header| {
        let created = encode(&header, &CreateResponse { file_id });
        join(vec![encode(&header, &tree), created, encode(&header, &bound)], |_| ())
    });
}

fn say(client: &mut Client, peer: &mut Peer, replies: impl FnOnce(Header) -> Vec<u8>) {
    listen(client, peer);
    let header = Header { flags: Flags::RESPONSE, credits: 8, ..Header::request(0, SESSION, TREE) };
    let mut replies = replies(header);
    peer.address(&mut replies);
    peer.saw_replies(&replies);
    let how = peer.usual_protection();
    client.input(&frame(&peer.protect(replies, how)));
}
