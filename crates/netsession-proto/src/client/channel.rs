use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use super::{Cause, TokenStage};
use crate::erref::NtStatus;
use crate::smb2::{
    Command, Flags, Header, OpenError, Sealer, Signer, TRANSFORM_PROTOCOL_ID, encode, frame, join, split,
};

/// Credits asked for with each request: enough for the largest batch of READs after very few answers.
const WANTED_CREDITS: u16 = 256;

/// Carries requests out and replies in: message numbers, credits, signatures, encryption, matching.
pub(super) struct Channel {
    next_message_id: u64,
    credits: u32,
    /// What one request costs: 0 in SMB 2.0.2, where the field does not exist.
    charge: u16,
    session_id: u64,
    protection: Protection,
    pending: BTreeMap<u64, Pending>,
    /// Frames that wait for a credit, each with what it costs.
    backlog: VecDeque<(u32, Vec<u8>)>,
    outbox: VecDeque<Vec<u8>>,
}

/// How messages are protected.
#[derive(Debug)]
pub(super) enum Protection {
    /// Not yet: there are no keys.
    None,
    /// Each message is signed.
    Signed(Signer),
    /// Each frame is encrypted; the signer verifies what may come unencrypted.
    Sealed(Box<Sealer>, Signer),
}

/// A request that is not answered yet.
#[derive(Debug, Clone, Copy)]
struct Pending {
    expect: Expect,
    /// Whether the credits of a protected interim reply have been taken.
    granted: bool,
}

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    Negotiate,
    SessionSetup(TokenStage),
    TreeConnect,
    Create,
    Bind,
    Validate,
    Write,
    Transceive,
    Read,
    /// Its answer changes nothing.
    Nothing(Command),
}

/// A reply that belongs to a request, and is what its protection demands.
pub(super) struct Reply {
    pub(super) expect: Expect,
    pub(super) header: Header,
    /// The whole message.
    pub(super) message: Vec<u8>,
}

impl Channel {
    pub(super) fn new() -> Self {
        Self {
            next_message_id: 0,
            credits: 1,
            charge: 0,
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

    pub(super) fn set_charge(&mut self, charge: u16) {
        self.charge = charge;
    }

    pub(super) fn protect(&mut self, protection: Protection) {
        self.protection = protection;
    }

    /// Frames to send; frames that wait for each other are joined into one write.
    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        let mut first = self.outbox.pop_front()?;
        for next in self.outbox.drain(..) {
            first.extend_from_slice(&next);
        }
        Some(first)
    }

    /// A header with the next message number, for a request that [`Channel::submit`] then sends.
    pub(super) fn header(&mut self, expect: Expect, tree_id: u32) -> Header {
        let message_id = self.next_message_id;
        self.next_message_id = self.next_message_id.saturating_add(1);
        self.pending.insert(message_id, Pending { expect, granted: false });
        Header {
            credit_charge: self.charge,
            credits: WANTED_CREDITS,
            ..Header::request(message_id, self.session_id, tree_id)
        }
    }

    /// Sends one request and returns its number.
    pub(super) fn send<'a, B: crate::smb2::Body<'a>>(
        &mut self,
        expect: Expect,
        tree_id: u32,
        body: &B,
    ) -> u64 {
        let header = self.header(expect, tree_id);
        self.submit(vec![encode(&header, body)]);
        header.message_id
    }

    /// Signs or encrypts messages, as one compound if they are several, and queues them as one frame.
    pub(super) fn submit(&mut self, messages: Vec<Vec<u8>>) {
        let cost = u32::try_from(messages.len()).unwrap_or(u32::MAX);
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

    /// Takes a frame apart into replies, each matched with its request.
    pub(super) fn receive(&mut self, frame: Vec<u8>) -> Result<Vec<Reply>, Cause> {
        let sealed = frame.starts_with(&TRANSFORM_PROTOCOL_ID);
        let frame = if sealed { self.open(frame)? } else { frame };
        let messages = split(&frame).map_err(Cause::Malformed)?;
        // Nearly every frame is one message, which then needs no copy.
        if let [_] = messages.as_slice() {
            return Ok(self.accept(frame, sealed)?.into_iter().collect());
        }
        let messages: Vec<Vec<u8>> = messages.into_iter().map(<[u8]>::to_vec).collect();
        messages.into_iter().filter_map(|message| self.accept(message, sealed).transpose()).collect()
    }

    /// Whether nothing can move any more because the server has granted no credit.
    pub(super) fn is_stuck(&self) -> bool {
        let waiting: u32 = self.backlog.iter().map(|(cost, _)| *cost).fold(0, u32::saturating_add);
        waiting > 0 && self.pending.len() <= usize::try_from(waiting).unwrap_or(usize::MAX)
    }

    /// The answer to every request that is still open changes nothing any more.
    pub(super) fn forget_pending(&mut self) {
        for Pending { expect, .. } in self.pending.values_mut() {
            *expect = Expect::Nothing(expect.command());
        }
    }

    /// What has not been fetched yet is not sent any more.
    pub(super) fn discard_unsent(&mut self) {
        self.backlog.clear();
        self.outbox.clear();
    }

    fn open(&self, frame: Vec<u8>) -> Result<Vec<u8>, Cause> {
        let Protection::Sealed(sealer, _) = &self.protection else {
            return Err(Cause::Integrity("an encrypted reply where no encryption was agreed on"));
        };
        sealer.open(self.session_id, frame).map_err(|error| match error {
            OpenError::Malformed(error) => Cause::Malformed(error),
            OpenError::OtherSession => Cause::Integrity("a reply that is encrypted for another session"),
            OpenError::Tag => Cause::Integrity("an encrypted reply that was changed on the way"),
        })
    }

    fn accept(&mut self, message: Vec<u8>, sealed: bool) -> Result<Option<Reply>, Cause> {
        let header = Header::decode(&message).map_err(Cause::Malformed)?;
        if !header.flags.contains(Flags::RESPONSE) {
            return Err(Cause::Misbehaved("a request where a reply was due"));
        }
        if header.status == NtStatus::PENDING {
            // Interim replies may come unsigned. Nothing is taken from one that does, credits included.
            if sealed || self.is_signed(&message) {
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
            Protection::Signed(_) if self.is_signed(&message) => {}
            Protection::Signed(_) => {
                return Err(Cause::Integrity("a reply with a wrong or missing signature"));
            }
            Protection::Sealed(..) => return Err(Cause::Integrity("a reply that is not encrypted")),
        }
        let Some(Pending { expect, granted }) = self.pending.remove(&header.message_id) else {
            return Err(Cause::Misbehaved("a reply to no request"));
        };
        if header.command != expect.command() {
            return Err(Cause::Misbehaved("a reply with another command than its request"));
        }
        // Windows grants with the interim reply, which it does not sign, and nothing with the final one
        // ([MS-SMB2] 3.3.4.1.2). That the final one is asynchronous is protected: it gives back the credit
        // that its request cost, else a long listing would run dry.
        let given_back = u16::from(header.flags.contains(Flags::ASYNC) && !granted);
        self.grant(header.credits.max(given_back));
        Ok(Some(Reply { expect, header, message }))
    }

    fn is_signed(&self, message: &[u8]) -> bool {
        match &self.protection {
            Protection::None => false,
            Protection::Signed(signer) | Protection::Sealed(_, signer) => signer.verify(message),
        }
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

impl Expect {
    fn command(self) -> Command {
        match self {
            Self::Negotiate => Command::NEGOTIATE,
            Self::SessionSetup(_) => Command::SESSION_SETUP,
            Self::TreeConnect => Command::TREE_CONNECT,
            Self::Create => Command::CREATE,
            Self::Bind | Self::Validate | Self::Transceive => Command::IOCTL,
            Self::Write => Command::WRITE,
            Self::Read => Command::READ,
            Self::Nothing(command) => command,
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
