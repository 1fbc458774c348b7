use netsession_proto::smb2::{Sealer, Signer, frame, join};

use super::faults;
use super::outbox::Transmit;
use super::reply::{Protection, Reply};
use super::state::State;
use crate::scenario::{CompoundReplies, Layer, Step};

/// Sends the replies to one frame, in the number of frames that the scenario has.
pub(super) fn send(state: &mut State, replies: Vec<Reply>) {
    let mut spoilt = Vec::with_capacity(replies.len());
    for mut reply in replies {
        for kind in state.faults.firing(Layer::Message, reply.step, reply.in_compound) {
            if let Some(interim) = faults::spoil_message(&kind, &mut reply) {
                send_frame(state, &[interim]);
            }
        }
        update_preauth(state, &reply);
        if reply.repeat.is_some() {
            // Alone: other replies in the same frame would be repeated, too.
            send_frame(state, &[reply]);
        } else {
            spoilt.push(reply);
        }
    }
    match state.smb().compound_replies {
        CompoundReplies::Joined => send_joined(state, &spoilt),
        CompoundReplies::Separate => spoilt.chunks(1).for_each(|one| send_frame(state, one)),
        CompoundReplies::Reversed => spoilt.rchunks(1).for_each(|one| send_frame(state, one)),
        CompoundReplies::FirstAlone => {
            let (first, rest) = spoilt.split_at(spoilt.len().min(1));
            // An encrypted compound is answered in one frame.
            if first.iter().any(|reply| matches!(reply.protection, Protection::Sealed(_))) {
                send_joined(state, &spoilt);
            } else {
                send_frame(state, first);
                send_frame(state, rest);
            }
        }
    }
}

/// Sends replies in one frame for each kind of protection.
fn send_joined(state: &mut State, replies: &[Reply]) {
    for alike in replies.chunk_by(|a, b| sealed(a) == sealed(b)) {
        send_frame(state, alike);
    }
}

fn send_frame(state: &mut State, replies: &[Reply]) {
    let Some(first) = replies.first() else { return };
    let messages = replies.iter().map(Reply::message).collect();
    let bytes = match sealed(first) {
        Some(session_id) => {
            let whole = join(messages, |_| ());
            let sealer = sealer(state, session_id);
            sealer.and_then(|sealer| sealer.seal(session_id, &whole)).unwrap_or(whole)
        }
        None => {
            let mut protections = replies.iter().map(|reply| reply.protection);
            join(messages, |message| {
                if let Some(Protection::Signed(session_id)) = protections.next()
                    && let Some(signer) = signer(state, session_id)
                {
                    signer.sign(message);
                }
            })
        }
    };
    let at = state.now + state.scenario().delay();
    let mut framed = Some(frame(&bytes));
    if let Some(every) = replies.iter().find_map(|reply| reply.repeat) {
        state.outbox.repeat(at, every, framed.take().unwrap_or_default());
    }
    for reply in replies {
        for kind in state.faults.firing(Layer::Frame, reply.step, reply.in_compound) {
            framed = framed.and_then(|framed| faults::spoil_frame(&kind, framed, at, &mut state.outbox));
        }
    }
    if let Some(framed) = framed {
        state.outbox.push(at, Transmit::Bytes(framed));
    }
}

/// Adds the replies before the keys exist to the pre-authentication hash.
fn update_preauth(state: &mut State, reply: &Reply) {
    match reply.step {
        Step::Negotiate => state.preauth.update(&reply.message()),
        Step::Challenge => {
            if let Some(session) = state.sessions.get_mut(&reply.header.session_id) {
                session.preauth.update(&reply.message());
            }
        }
        _ => {}
    }
}

fn sealer(state: &mut State, session_id: u64) -> Option<&mut Sealer> {
    state.sessions.get_mut(&session_id)?.keys.as_mut()?.sealer.as_mut()
}

fn signer(state: &State, session_id: u64) -> Option<&Signer> {
    Some(&state.sessions.get(&session_id)?.keys.as_ref()?.signer)
}

fn sealed(reply: &Reply) -> Option<u64> {
    match reply.protection {
        Protection::Sealed(session_id) => Some(session_id),
        Protection::None | Protection::Signed(_) => None,
    }
}
