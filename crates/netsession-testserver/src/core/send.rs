use netsession_proto::smb2::{Sealer, Signer, frame, join};

use super::connection::ServerConnection;
use super::faults;
use super::outbox::Transmit;
use super::reply::{Protection, Reply};
use crate::scenario::{CompoundReplies, Layer, Step};

impl ServerConnection {
    /// Sends the replies to one frame, in as many frames as the scenario has it.
    pub(super) fn send(&mut self, replies: Vec<Reply>) {
        let mut spoilt = Vec::with_capacity(replies.len());
        for mut reply in replies {
            for kind in self.faults.firing(Layer::Message, reply.step, reply.in_compound) {
                if let Some(interim) = faults::spoil_message(&kind, &mut reply) {
                    self.send_frame(&[interim]);
                }
            }
            self.remember(&reply);
            if reply.repeat.is_some() {
                // Alone: what stands in the same frame would be repeated with it.
                self.send_frame(&[reply]);
            } else {
                spoilt.push(reply);
            }
        }
        match self.scenario.smb.compound_replies {
            CompoundReplies::Joined => self.send_joined(&spoilt),
            CompoundReplies::Separate => spoilt.chunks(1).for_each(|one| self.send_frame(one)),
            CompoundReplies::Reversed => spoilt.rchunks(1).for_each(|one| self.send_frame(one)),
            CompoundReplies::FirstAlone => {
                let (first, rest) = spoilt.split_at(spoilt.len().min(1));
                // An encrypted compound is answered in one frame.
                if first.iter().any(|reply| matches!(reply.protection, Protection::Sealed(_))) {
                    self.send_joined(&spoilt);
                } else {
                    self.send_frame(first);
                    self.send_frame(rest);
                }
            }
        }
    }

    /// Sends replies in one frame, as far as they are protected alike.
    fn send_joined(&mut self, replies: &[Reply]) {
        for alike in replies.chunk_by(|a, b| sealed(a) == sealed(b)) {
            self.send_frame(alike);
        }
    }

    fn send_frame(&mut self, replies: &[Reply]) {
        let Some(first) = replies.first() else { return };
        let messages = replies.iter().map(Reply::message).collect();
        let bytes = match sealed(first) {
            Some(session_id) => {
                let whole = join(messages, |_| ());
                let sealer = self.sealer(session_id);
                sealer.and_then(|sealer| sealer.seal(session_id, &whole)).unwrap_or(whole)
            }
            None => {
                let mut protections = replies.iter().map(|reply| reply.protection);
                join(messages, |message| {
                    if let Some(Protection::Signed(session_id)) = protections.next()
                        && let Some(signer) = self.signer(session_id)
                    {
                        signer.sign(message);
                    }
                })
            }
        };
        let at = self.now + self.scenario.delay();
        let mut framed = Some(frame(&bytes));
        if let Some(every) = replies.iter().find_map(|reply| reply.repeat) {
            self.outbox.repeat(at, every, framed.take().unwrap_or_default());
        }
        for reply in replies {
            for kind in self.faults.firing(Layer::Frame, reply.step, reply.in_compound) {
                framed = framed.and_then(|framed| faults::spoil_frame(&kind, framed, at, &mut self.outbox));
            }
        }
        if let Some(framed) = framed {
            self.outbox.push(at, Transmit::Bytes(framed));
        }
    }

    /// Adds what is sent before there are keys to the pre-authentication hash.
    fn remember(&mut self, reply: &Reply) {
        match reply.step {
            Step::Negotiate => self.preauth.update(&reply.message()),
            Step::Challenge => {
                if let Some(session) = self.sessions.get_mut(&reply.header.session_id) {
                    session.preauth.update(&reply.message());
                }
            }
            _ => {}
        }
    }

    fn sealer(&mut self, session_id: u64) -> Option<&mut Sealer> {
        self.sessions.get_mut(&session_id)?.keys.as_mut()?.sealer.as_mut()
    }

    fn signer(&self, session_id: u64) -> Option<&Signer> {
        Some(&self.sessions.get(&session_id)?.keys.as_ref()?.signer)
    }
}

fn sealed(reply: &Reply) -> Option<u64> {
    match reply.protection {
        Protection::Sealed(session_id) => Some(session_id),
        Protection::None | Protection::Signed(_) => None,
    }
}
