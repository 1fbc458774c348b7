//! The double's core under a client that says what it likes, and that has the keys once it has logged on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Command, FrameBuffer, Header, Role, frame, split};
use netsession_testserver::core::{Entropy, ServerConnection, Start, Transmit};

use crate::client::SESSION_KEY;
use crate::input::Input;
use crate::peer::{Peer, Protection};
use crate::scenarios::scenario;

/// The moment at which everything in here happens, as a FILETIME.
pub(crate) const FILETIME: u64 = 0x01dc_5b00_1234_5678;
const MAX_STEPS: usize = 500;
/// What one step may make it send: a server can be asked much with few bytes, but not without end.
const MAX_FRAMES: usize = 4_000;

/// Says whether a log-on succeeded.
pub(crate) fn run(data: &[u8]) -> bool {
    let mut input = Input::new(data);
    let scenario = scenario(&mut input);
    let mut now = Instant::now();
    let mut server = connection(Arc::new(scenario), now);
    let mut peer = Peer::new(Role::Client, SESSION_KEY, true);
    let mut heard = FrameBuffer::new(1 << 24);
    for _ in 0..MAX_STEPS {
        if input.is_empty() {
            break;
        }
        match input.u8() % 8 {
            0 => server.handle_input(input.chunk(), now),
            1 => say(&mut server, &mut peer, input.chunk(), Protection::None, now),
            2 => say(&mut server, &mut peer, input.chunk(), Protection::Signed, now),
            3 => now += Duration::from_millis(u64::from(input.u16())),
            _ => {
                let how = peer.usual_protection();
                say(&mut server, &mut peer, input.chunk(), how, now);
            }
        }
        if listen(&mut server, &mut peer, &mut heard, now) {
            break;
        }
    }
    peer.has_keys()
}

pub(crate) fn connection(scenario: Arc<netsession_testserver::Scenario>, now: Instant) -> ServerConnection {
    let entropy =
        Entropy { server_challenge: *b"\x01\x23\x45\x67\x89\xab\xcd\xef", preauth_salt: [0x5a; 32] };
    ServerConnection::new(scenario, entropy, Start { now, filetime: FILETIME, peer: None })
}

fn say(server: &mut ServerConnection, peer: &mut Peer, requests: &[u8], how: Protection, now: Instant) {
    peer.saw_requests(requests);
    let bytes = frame(&peer.protect(requests.to_vec(), how));
    server.handle_input(&bytes, now);
}

/// Takes what the server sends, and says whether that is the end.
fn listen(server: &mut ServerConnection, peer: &mut Peer, heard: &mut FrameBuffer, now: Instant) -> bool {
    for _ in 0..MAX_FRAMES {
        match server.poll_transmit(now) {
            None => return false,
            Some(Transmit::Bytes(bytes)) => heard.push(&bytes),
            Some(_) => {
                assert_eq!(server.poll_transmit(now), None, "sends after the end");
                return true;
            }
        }
        while let Some(frame) = heard.next_frame().expect("the server sends frames") {
            // Two log-ons on one connection have two keys; the peer knows the first.
            let Some((replies, _)) = peer.open(frame) else { continue };
            let welcome = peer.has_keys();
            for reply in split(&replies).expect("the server sends messages") {
                let header = Header::decode(reply).expect("the server sends headers");
                let free =
                    [Command::NEGOTIATE, Command::SESSION_SETUP, Command::ECHO].contains(&header.command);
                let granted = header.status == NtStatus::SUCCESS && !free;
                assert!(welcome || !granted, "{:?} without a log-on", header.command);
            }
            peer.saw_replies(&replies);
        }
    }
    panic!("answers without end");
}
