use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use super::protection::Protection;
use super::{Cause, Limit, Misbehaviour, SessionRefusal, Tampering};
use crate::erref::NtStatus;
use crate::smb2::{
    Body, Command, Flags, FrameBuffer, FrameError, Header, PreauthHash, TRANSFORM_PROTOCOL_ID, encode, frame,
    join, split,
};

/// Credits requested with each request (\[MS-SMB2\] 3.2.4.1.2): enough for the largest batch of READs after a few
/// answers. macOS grants exactly the number that was asked for.
const WANTED_CREDITS: u16 = 256;

/// Carries requests out and replies in: frames, message numbers, credits, signatures, encryption, matching.
///
/// Each layer hands it on to the next, with the bytes that have come in and were not read yet.
pub(super) struct Channel {
    inbox: FrameBuffer,
    max_frame: usize,
    /// Replies of the frame that was split last, in order.
    replies: VecDeque<Reply>,
    next_message_id: u64,
    credits: u32,
    /// What one request costs: 0 in SMB 2.0.2, where the field does not exist; `None` until NEGOTIATE is answered.
    charge: Option<u16>,
    session_id: u64,
    protection: Protection,
    pending: BTreeMap<u64, Pending>,
    /// Frames that wait for credits, each with its cost.
    backlog: VecDeque<(u32, Vec<u8>)>,
    outbox: VecDeque<Vec<u8>>,
}

/// A request that is not answered yet.
#[derive(Debug, Clone, Copy)]
struct Pending {
    command: Command,
    /// Whether the credits of a protected interim reply have been counted.
    granted: bool,
}

/// A reply that belongs to an open request, and is signed or encrypted as the session requires.
pub(super) struct Reply {
    pub(super) header: Header,
    /// The whole message.
    pub(super) message: Vec<u8>,
}

impl Reply {
    /// The number of the request that this answers.
    pub(super) fn message_id(&self) -> u64 {
        self.header.message_id
    }

    pub(super) fn status(&self) -> NtStatus {
        self.header.status
    }

    /// The body of a reply that succeeded.
    pub(super) fn body<'a, B: Body<'a>>(&'a self) -> Result<B, Cause> {
        B::decode(&self.message).map_err(Cause::Malformed)
    }
}

impl Channel {
    /// A channel over a new connection, which takes frames of up to `max_frame` bytes.
    pub(super) fn new(max_frame: usize) -> Self {
        Self {
            inbox: FrameBuffer::new(max_frame),
            max_frame,
            replies: VecDeque::new(),
            next_message_id: 0,
            // A connection begins with one credit, for NEGOTIATE.
            credits: 1,
            charge: None,
            session_id: 0,
            protection: Protection::None,
            pending: BTreeMap::new(),
            backlog: VecDeque::new(),
            outbox: VecDeque::new(),
        }
    }

    pub(super) fn credits(&self) -> u32 {
        self.credits
    }

    pub(super) fn session_id(&self) -> u64 {
        self.session_id
    }

    pub(super) fn set_session_id(&mut self, session_id: u64) {
        self.session_id = session_id;
    }

    /// NEGOTIATE is answered: from now on a request costs this much, and SMB1 is no answer.
    pub(super) fn negotiated(&mut self, charge: u16) {
        self.charge = Some(charge);
    }

    pub(super) fn protect(&mut self, protection: Protection) {
        self.protection = protection;
    }

    /// Takes bytes from the server, in any portions.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.inbox.push(bytes);
    }

    /// The next reply, if a whole one has come.
    ///
    /// A frame is split only when the replies of the one before it have been taken: the last answer of the log-on
    /// changes the protection of the frames after it.
    pub(super) fn next_reply(&mut self) -> Result<Option<Reply>, Cause> {
        while self.replies.is_empty() {
            match self.inbox.next_frame() {
                Ok(None) => return Ok(None),
                Ok(Some(frame)) => self.receive(frame)?,
                Err(FrameError::Smb1) if self.charge.is_some() => {
                    return Err(Cause::Misbehaved(Misbehaviour::Smb1AfterNegotiation));
                }
                Err(FrameError::Smb1) => return Err(Cause::Smb1Only),
                // It refuses a connection. After the negotiation it has no meaning, and an attacker can forge it.
                Err(FrameError::SessionRefused(_)) if self.charge.is_some() => {
                    return Err(Cause::Misbehaved(Misbehaviour::SessionRefusedAfterNegotiation));
                }
                Err(FrameError::SessionRefused(code)) => {
                    return Err(Cause::HostDenied(SessionRefusal(code)));
                }
                Err(FrameError::NotSmb(start)) => return Err(Cause::NotSmb(start)),
                Err(FrameError::TooLarge { size }) => {
                    tracing::debug!(size, "frame too large");
                    return Err(Cause::Limit(Limit::FrameBytes(self.max_frame)));
                }
            }
        }
        Ok(self.replies.pop_front())
    }

    /// The next frames to send, joined into one write. With several writes Nagle's algorithm can delay the second one
    /// for a round trip.
    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        let mut first = self.outbox.pop_front()?;
        for next in self.outbox.drain(..) {
            first.extend_from_slice(&next);
        }
        Some(first)
    }

    /// A header with the next message number, for a request that [`Channel::submit`] then sends.
    pub(super) fn header(&mut self, command: Command, tree_id: u32) -> Header {
        let message_id = self.next_message_id;
        self.next_message_id = self.next_message_id.saturating_add(1);
        self.pending.insert(message_id, Pending { command, granted: false });
        Header {
            credit_charge: self.charge.unwrap_or(0),
            credits: WANTED_CREDITS,
            ..Header::request(message_id, self.session_id, tree_id)
        }
    }

    /// Sends one request and returns its number.
    pub(super) fn send<'a, B: Body<'a>>(&mut self, tree_id: u32, body: &B) -> u64 {
        let header = self.header(B::COMMAND, tree_id);
        self.submit(vec![encode(&header, body)]);
        header.message_id
    }

    /// Sends one request that is part of the preauthentication hash.
    pub(super) fn send_hashed<'a, B: Body<'a>>(&mut self, body: &B, preauth: &mut PreauthHash) {
        let header = self.header(B::COMMAND, 0);
        let message = encode(&header, body);
        // [MS-SMB2] 3.2.5.2 and 3.2.5.3: over the message as it stands on the wire, header included. These requests are
        // never signed, because there is no key yet.
        preauth.update(&message);
        self.submit(vec![message]);
    }

    /// Signs or encrypts messages, as one compound if they are several, and queues them as one frame.
    pub(super) fn submit(&mut self, messages: Vec<Vec<u8>>) {
        let cost = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        // Each message of a compound is signed on its own, over its padding to 8 bytes ([MS-SMB2] 3.1.4.1); encryption
        // wraps the compound as a whole (3.1.4.3).
        let framed = match &mut self.protection {
            Protection::None => frame(&join(messages, |_| ())),
            Protection::Signed(signer) => frame(&join(messages, |message| signer.sign(message))),
            Protection::Sealed(sealer, _) => {
                let sealed = sealer.seal(self.session_id, &join(messages, |_| ()));
                // INVARIANT: ciphers fail only beyond 4 GiB and 2^64 messages. Nothing would be sent then.
                frame(&sealed.unwrap_or_default())
            }
        };
        self.backlog.push_back((cost, framed));
        self.release();
    }

    /// Whether the connection is stuck: frames wait for credits, and no sent request is open whose answer could grant
    /// any. Waiting for the deadline would be in vain.
    pub(super) fn is_stuck(&self) -> bool {
        // A request is pending from the moment on that it is made, also while its frame waits: as many pending ones as the
        // frames that wait have messages are these alone.
        let waiting: u32 = self.backlog.iter().map(|(cost, _)| *cost).fold(0, u32::saturating_add);
        waiting > 0 && self.pending.len() <= usize::try_from(waiting).unwrap_or(usize::MAX)
    }

    /// Splits a frame into replies, each matched with its request.
    fn receive(&mut self, frame: Vec<u8>) -> Result<(), Cause> {
        let sealed = frame.starts_with(&TRANSFORM_PROTOCOL_ID);
        let frame = if sealed { self.protection.open(self.session_id, frame)? } else { frame };
        let messages = split(&frame).map_err(Cause::Malformed)?;
        // Fast path without a copy: nearly every frame is one message.
        if let [_] = messages.as_slice() {
            let reply = self.accept(frame, sealed)?;
            self.replies.extend(reply);
            return Ok(());
        }
        let messages: Vec<Vec<u8>> = messages.into_iter().map(<[u8]>::to_vec).collect();
        for message in messages {
            let reply = self.accept(message, sealed)?;
            self.replies.extend(reply);
        }
        Ok(())
    }

    fn accept(&mut self, message: Vec<u8>, sealed: bool) -> Result<Option<Reply>, Cause> {
        let header = Header::decode(&message).map_err(Cause::Malformed)?;
        if !header.flags.contains(Flags::RESPONSE) {
            return Err(Cause::Misbehaved(Misbehaviour::RequestInsteadOfReply));
        }
        if header.status == NtStatus::PENDING {
            // Windows does not sign interim replies ([MS-SMB2] 3.3.4.2); macOS does. An unsigned one may be forged:
            // nothing of it is used, not even its credits. It keeps the request open and does not move the deadline.
            if sealed || self.protection.is_signed(&message) {
                self.grant(header.credits);
                if let Some(pending) = self.pending.get_mut(&header.message_id) {
                    pending.granted = true;
                }
            }
            return Ok(None);
        }
        match self.protection {
            _ if sealed => {}
            Protection::None => {}
            Protection::Signed(_) if self.protection.is_signed(&message) => {}
            // A server that has ended the session has no key to sign with ([MS-SMB2] 3.3.5.2.9): no tampering.
            // A forged one ends the connection, and nothing of it is used.
            _ if header.status == NtStatus::USER_SESSION_DELETED
                && self.pending.contains_key(&header.message_id) =>
            {
                return Err(Cause::Status(header.status));
            }
            Protection::Signed(_) => return Err(Cause::Integrity(Tampering::Signature)),
            Protection::Sealed(..) => return Err(Cause::Integrity(Tampering::NotEncrypted)),
        }
        let Some(Pending { command, granted }) = self.pending.remove(&header.message_id) else {
            return Err(Cause::Misbehaved(Misbehaviour::UnknownMessageId));
        };
        if header.command != command {
            return Err(Cause::Misbehaved(Misbehaviour::OtherCommand));
        }
        // Windows grants the credits of an asynchronous request with the interim reply, which it does not sign, and 0
        // with the final one ([MS-SMB2] 3.3.4.1.2). The ASYNC flag of the final reply is protected: it returns the
        // credit that the request cost. Otherwise a long listing would run out of credits
        // (docs/decisions/credits-of-interim-replies.md).
        let given_back = u16::from(header.flags.contains(Flags::ASYNC) && !granted);
        self.grant(header.credits.max(given_back));
        Ok(Some(Reply { header, message }))
    }

    fn grant(&mut self, credits: u16) {
        self.credits = self.credits.saturating_add(u32::from(credits));
        self.release();
    }

    fn release(&mut self) {
        while let Some((cost, _)) = self.backlog.front() {
            let Some(left) = self.credits.checked_sub(*cost) else { return };
            self.credits = left;
            self.outbox.extend(self.backlog.pop_front().map(|(_, frame)| frame));
        }
    }
}

/// Without the bytes: tokens are among them.
impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("next_message_id", &self.next_message_id)
            .field("credits", &self.credits)
            .field("protection", &self.protection)
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
