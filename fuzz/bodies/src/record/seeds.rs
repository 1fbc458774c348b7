use netsession_proto::auth::spnego::{NegTokenInit, NegTokenResp};
use netsession_proto::rpce::Pdu;
use netsession_proto::smb2::{
    Body, Command, Flags, Header, IoctlRequest, IoctlResponse, NegotiateResponse, ReadResponse,
    SessionSetupRequest, SessionSetupResponse, split,
};

use super::conversation::{Conversation, Seed};
use crate::decoders::BEFORE_CALLS;
use crate::queries::CALLS;
use crate::structured::Direction;

/// What the first byte of `decoders` chooses. Those of calls follow.
mod choice {
    pub(super) const MESSAGE: u8 = 0;
    pub(super) const COMPOUND: u8 = 7;
    pub(super) const PDU: u8 = 9;
    pub(super) const TOKEN_INIT: u8 = 11;
    pub(super) const TOKEN_RESP: u8 = 12;
    pub(super) const NTLM: [u8; 3] = [13, 14, 15];
}

/// The capability to encrypt is struck out of the answer to NEGOTIATE: bit 6 of byte 88.
const DOWNGRADE: [u8; 4] = [0, 11, 0xc6, 0x02];

/// Conversations in which each of the double's faults is tried: one that is encrypted, and one that is signed.
const FAULTY: [&str; 2] = ["double-0-5-0-5", "double-0-2-1-2"];
/// How many kinds of fault there are.
const FAULTS: u8 = 28;

pub(super) fn of_conversation(conversation: &Conversation) -> Vec<Seed> {
    let Conversation { name, head, frames } = conversation;
    let mut seeds = Vec::new();
    let mut add = |target, name: String, bytes| seeds.push(Seed { target, name, bytes });

    let steps = |to: Direction, step: u8| {
        let mut bytes = Vec::new();
        for (direction, frame) in frames.iter().filter(|(direction, _)| *direction == to) {
            debug_assert_eq!(*direction, to);
            let Ok(length) = u16::try_from(frame.len()) else { continue };
            bytes.push(step);
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(frame);
        }
        bytes
    };
    let raw = [&head.config[..], &head.questions[..3], &steps(Direction::ToClient, 9)].concat();
    add("client_raw", name.clone(), raw);
    add("server", name.clone(), [&head.scenario[..], &steps(Direction::ToServer, 4)].concat());
    for (keys, mutation) in
        [(0, &[][..]), (1, &[0]), (0, &[4, 11, 200, 1, 0]), (1, &[0, 5, 21, 3, 8, 2, 1]), (0, &DOWNGRADE)]
    {
        add(
            "client_structured",
            format!("{name}-{keys}{}", mutation.len()),
            [&head.bytes()[..], &[keys], mutation].concat(),
        );
    }
    // With limits that it does not keep to.
    for limits in [1, 2] {
        let mut bytes = head.bytes();
        if let Some(place) = bytes.get_mut(3) {
            *place = limits;
        }
        bytes.push(0);
        add("client_structured", format!("{name}-limits-{limits}"), bytes);
    }
    if FAULTY.contains(&name.as_str()) {
        for kind in 0..FAULTS {
            // With keys, one fault, at one of the nine steps, from the first time on and always.
            let fault = [1, 1, kind % 9, kind, 3, 3, 3, 3, 3, 3];
            add("client_structured", format!("{name}-fault-{kind}"), [&head.bytes()[..], &fault].concat());
        }
    }
    let mut last_call = 0;
    for (number, (direction, frame)) in frames.iter().enumerate() {
        let messages = split(frame).unwrap_or_default();
        let mut decoder = |choice: u8, what: &str, bytes: &[u8]| {
            // What is long is long because of more of the same.
            if bytes.len() <= 3_000 {
                add("decoders", format!("{name}-{number}-{what}"), [&[choice], bytes].concat());
            }
        };
        if messages.len() > 1 {
            decoder(choice::COMPOUND, "compound", frame);
        }
        for message in messages {
            decoder(choice::MESSAGE, "message", message);
            let (token, data) = inner(message, *direction);
            if !token.is_empty() {
                tokens(token, &mut decoder);
            }
            if !data.is_empty() {
                decoder(choice::PDU, "pdu", data);
                stub(data, &mut last_call, &mut decoder);
            }
        }
    }
    seeds
}

/// The token and the piece of RPC in a message.
fn inner(message: &[u8], direction: Direction) -> (&[u8], &[u8]) {
    let Ok(header) = Header::decode(message) else { return (&[], &[]) };
    let is_reply = direction == Direction::ToClient && header.flags.contains(Flags::RESPONSE);
    let found = match (header.command, is_reply) {
        (Command::NEGOTIATE, true) => NegotiateResponse::decode(message).map(|body| (body.token, &[][..])),
        (Command::SESSION_SETUP, true) => {
            SessionSetupResponse::decode(message).map(|body| (body.token, &[][..]))
        }
        (Command::SESSION_SETUP, false) => {
            SessionSetupRequest::decode(message).map(|body| (body.token, &[][..]))
        }
        (Command::IOCTL, true) => IoctlResponse::decode(message).map(|body| (&[][..], body.output)),
        (Command::IOCTL, false) => IoctlRequest::decode(message).map(|body| (&[][..], body.input)),
        (Command::READ, true) => ReadResponse::decode(message).map(|body| (&[][..], body.data)),
        _ => return (&[], &[]),
    };
    found.unwrap_or_default()
}

fn tokens(token: &[u8], add: &mut impl FnMut(u8, &str, &[u8])) {
    let message = if let Ok(init) = NegTokenInit::decode(token) {
        add(choice::TOKEN_INIT, "init", token);
        init.mech_token
    } else {
        add(choice::TOKEN_RESP, "resp", token);
        NegTokenResp::decode(token).ok().and_then(|resp| resp.response_token)
    };
    if let Some(message) = message {
        let number = usize::from(message.get(8).copied().unwrap_or_default().saturating_sub(1));
        add(choice::NTLM[number.min(2)], "ntlm", &message);
    }
}

/// The stubs of requests and responses. `last` is the call that was made last.
fn stub(pdu: &[u8], last: &mut usize, add: &mut impl FnMut(u8, &str, &[u8])) {
    // Two decoders for each call.
    let choice = |call: usize| u8::try_from(BEFORE_CALLS + 2 * call).unwrap_or_default();
    match Pdu::decode(pdu) {
        Ok(Pdu::Request(request)) => {
            *last = CALLS.iter().position(|call| call.opnum == request.opnum).unwrap_or_default();
            add(choice(*last), "request", request.stub);
        }
        Ok(Pdu::Response(response)) if response.first && response.last => {
            if let Some(first) = (CALLS[*last].response_choice)(response.stub) {
                add(choice(*last) + 1, "response", &[&[first], response.stub].concat());
            }
        }
        _ => {}
    }
}
