//! A server that says what it likes when it likes, and that has the keys: what it says can be signed and sealed.

use std::time::{Duration, Instant};

use netsession_proto::client::{Config, Encryption, Limits};
use netsession_proto::smb2::{Dialect, FrameBuffer, Role, frame};

use crate::client::{Client, ConversationReport, SESSION_KEY, TIMEOUT, fixed_token};
use crate::input::Input;
use crate::peer::{Peer, Protection};
use crate::queries::Question;

const MAX_STEPS: usize = 2_000;

pub(crate) fn run(data: &[u8]) -> ConversationReport {
    let mut input = Input::new(data);
    let now = Instant::now();
    let config = config(&mut input, now);
    let question = Question::new(&mut input);
    let offers_encryption = config.encryption != Encryption::Off;
    let new_peer = || Peer::new(Role::Server, SESSION_KEY, offers_encryption);
    let mut client = Client::new(config, None, now);
    let mut peer = new_peer();
    for _ in 0..MAX_STEPS {
        if client.wants_reconnect() {
            peer = new_peer();
            client.reconnect(None);
        }
        if client.token_wanted.is_some() {
            client.token(fixed_token());
        }
        client.ask(&question);
        listen(&mut client, &mut peer);
        if input.is_empty() {
            break;
        }
        step(&mut input, &mut client, &mut peer);
    }
    client.finish()
}

/// Gives the peer what the client sends.
pub(crate) fn listen(client: &mut Client, peer: &mut Peer) {
    for bytes in client.transmits() {
        let mut frames = FrameBuffer::new(1 << 24);
        frames.push(&bytes);
        while let Ok(Some(frame)) = frames.next_frame() {
            match peer.open(frame) {
                Some((requests, _)) => peer.saw_requests(&requests),
                None => assert!(!peer.in_step, "the keys of both ends are not the same"),
            }
        }
        assert!(frames.is_empty(), "the client sends what is no frame");
    }
}

fn step(input: &mut Input<'_>, client: &mut Client, peer: &mut Peer) {
    match input.u8() % 16 {
        0 => {
            // What is in there, perhaps right answers that were recorded, is not followed any more.
            peer.in_step = false;
            client.confirmed = true;
            client.input(input.chunk());
        }
        1 => {
            let replies = input.chunk();
            peer.saw_replies(replies);
            client.confirmed |= peer.validated;
            client.input(&frame(replies));
        }
        2 => say(client, peer, input.chunk().to_vec(), peer.usual_protection(), 0),
        3 => {
            let how = input.pick(&[Protection::None, Protection::Signed, Protection::Sealed]);
            say_addressed(client, peer, input.chunk(), Some(how), 0);
        }
        4 => {
            let cut = usize::from(input.u16());
            say_addressed(client, peer, input.chunk(), None, cut);
        }
        5 => client.wait(Duration::from_millis(u64::from(input.u16()))),
        6 => client.close(),
        7 => client.token(fixed_token()),
        8 => {
            let question = Question::new(input);
            client.ask(&question);
        }
        10 => client.reset(),
        _ => say_addressed(client, peer, input.chunk(), None, 0),
    }
}

/// As the answer to what has been asked.
fn say_addressed(client: &mut Client, peer: &mut Peer, bytes: &[u8], how: Option<Protection>, cut: usize) {
    let mut replies = bytes.to_vec();
    peer.address(&mut replies);
    let how = how.unwrap_or(peer.usual_protection());
    say(client, peer, replies, how, cut);
}

fn say(client: &mut Client, peer: &mut Peer, replies: Vec<u8>, how: Protection, cut: usize) {
    let before = peer.has_keys();
    let unprotected = how == Protection::None && before;
    if !unprotected {
        peer.saw_replies(&replies);
    }
    client.confirmed = peer.validated || !peer.in_step;
    client.is_guest = peer.is_guest;
    // The last answer of the log-on is signed with the keys that it brings.
    let how = if peer.has_keys() && !before { Protection::Signed } else { how };
    let too_weak = before && peer.is_too_weak(&replies, how);
    let listens = client.is_busy() && !client.wants_reconnect() && peer.in_step;
    let bytes = frame(&peer.protect(replies, how));
    let (start, rest) = bytes.split_at(cut.min(bytes.len()));
    client.input(start);
    client.input(rest);
    // An answer to the compound may be followed by a new connection.
    let accepted = too_weak && listens && client.outcome.failed.is_none() && !client.wants_reconnect();
    assert!(!accepted, "accepts what is not protected as it must be");
}

pub(crate) fn config(input: &mut Input<'_>, now: Instant) -> Config {
    let mut config = Config::new("fs1", now + TIMEOUT);
    let [lowest, highest] = [input.pick(Dialect::ALL), input.pick(Dialect::ALL)];
    (config.min_dialect, config.max_dialect) = (lowest.min(highest), lowest.max(highest));
    config.encryption = input.pick(&[Encryption::Auto, Encryption::Off, Encryption::Required]);
    config.limits = input.pick(&[
        Limits { entries: 1_000, answer_bytes: 1 << 18, frame_bytes: 1 << 17, pages: 50 },
        Limits { entries: 3, answer_bytes: 400, frame_bytes: 2_000, pages: 2 },
        Limits { entries: 50, answer_bytes: 20_000, frame_bytes: 10_000, pages: 3 },
    ]);
    config
}
