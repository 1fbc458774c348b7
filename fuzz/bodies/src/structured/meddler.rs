use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{Command, Flags, FrameBuffer, Header, Role, TRANSFORM_PROTOCOL_ID, frame};
use netsession_proto::wire::Writer;

use super::conversation::{Between, Direction, Passed};
use super::mutation::{Kind, Mutation};
use crate::client::SESSION_KEY;
use crate::peer::{Peer, Protection};

const MAX_FRAME: usize = 1 << 24;
/// Frames that are remembered, to be replayed.
const HISTORY: usize = 16;

/// Changes frames as the mutations say.
#[derive(Debug)]
pub(crate) struct Meddler {
    mutations: Vec<Mutation>,
    /// Frames that passed, over all connections.
    seen: [usize; 2],
    inboxes: [FrameBuffer; 2],
    history: Vec<Vec<u8>>,
    held: Option<Vec<u8>>,
    /// Whether what the client gets is still cut into frames as the server cut it.
    in_step: bool,
    keys: Option<Keys>,
    recorded: Option<Vec<(Direction, Vec<u8>)>>,
}

/// With the keys it is the server to the client, and the client to the server.
#[derive(Debug)]
struct Keys {
    offers_encryption: bool,
    to_client: Peer,
    to_server: Peer,
}

impl Keys {
    fn new(offers_encryption: bool) -> Self {
        Self {
            offers_encryption,
            to_client: Peer::new(Role::Server, SESSION_KEY, offers_encryption),
            to_server: Peer::new(Role::Client, SESSION_KEY, offers_encryption),
        }
    }
}

impl Meddler {
    /// With keys where it is said whether the client offers encryption.
    pub(crate) fn new(mutations: Vec<Mutation>, keys: Option<bool>) -> Self {
        Self {
            mutations,
            seen: [0; 2],
            inboxes: inboxes(),
            history: Vec::new(),
            held: None,
            in_step: true,
            keys: keys.map(Keys::new),
            recorded: None,
        }
    }

    fn frame(&mut self, direction: Direction, content: Vec<u8>) -> Vec<Passed> {
        let number = self.seen[index(direction)];
        self.seen[index(direction)] += 1;
        let kinds: Vec<Kind> = (self.mutations.iter())
            .filter(|mutation| mutation.direction == direction && mutation.frame == number)
            .map(|mutation| mutation.kind.clone())
            .collect();
        let Some((mut content, mut how)) = self.open(direction, content) else { return Vec::new() };
        if let Some(recorded) = &mut self.recorded {
            recorded.push((direction, content.clone()));
        }
        let whole = content.clone();
        let (mut before, mut after, mut copies) = (Vec::new(), Vec::new(), 1);
        let mut length = None;
        let mut hold = false;
        for kind in kinds {
            match kind {
                Kind::Change(change) => change.apply(&mut content),
                Kind::Drop => copies = 0,
                Kind::Repeat => copies += 1,
                Kind::Hold => hold = true,
                Kind::Replay(which) => {
                    let old = which.checked_rem(self.history.len()).map(|which| self.history[which].clone());
                    before.extend(old.map(|old| self.wrap(direction, old, how)));
                }
                Kind::CloseBefore => before.push(Passed::Close),
                Kind::CloseAfter => after.push(Passed::Close),
                Kind::Wait(time) => before.push(Passed::Wait(time)),
                Kind::ForgedInterim(credits) => {
                    before.extend(interim(&whole, credits).map(|interim| Passed::Bytes(frame(&interim))));
                }
                Kind::Garbage(bytes) => {
                    self.in_step &= bytes.is_empty();
                    before.push(Passed::Bytes(bytes));
                }
                Kind::Length(other) => length = Some(other),
                Kind::Reprotect(number) => {
                    how = [Protection::None, Protection::Signed, Protection::Sealed][usize::from(number % 3)];
                }
            }
        }
        if self.history.len() < HISTORY && direction == Direction::ToClient {
            self.history.push(whole.clone());
        }
        let wrong = match &self.keys {
            None => content != whole && is_protected(&whole) && !is_interim(&content),
            Some(keys) => keys.to_client.has_keys() && keys.to_client.is_too_weak(&content, how),
        };
        let harmed = wrong && self.in_step && direction == Direction::ToClient;
        let mut passed = before;
        for _ in 0..copies {
            let Passed::Bytes(mut bytes) = self.wrap(direction, content.clone(), how) else { continue };
            if let Some(length) = length {
                bytes.iter_mut().zip(length.to_be_bytes()).for_each(|(to, from)| *to = from);
                self.in_step = false;
            }
            passed.push(if harmed && length.is_none() {
                Passed::Harmed(bytes)
            } else {
                Passed::Bytes(bytes)
            });
        }
        if hold && direction == Direction::ToClient && passed.len() == 1 && self.held.is_none() {
            if let Some(Passed::Bytes(bytes)) = passed.pop() {
                self.held = Some(bytes);
            }
        } else if direction == Direction::ToClient {
            passed.extend(self.held.take().map(Passed::Bytes));
        }
        passed.extend(after);
        passed
    }

    /// Opens a frame where there are keys.
    fn open(&mut self, direction: Direction, content: Vec<u8>) -> Option<(Vec<u8>, Protection)> {
        let Some(keys) = &mut self.keys else { return Some((content, Protection::None)) };
        Some(match direction {
            Direction::ToServer => {
                let (content, how) = keys.to_client.open(content)?;
                keys.to_client.saw_requests(&content);
                (content, how)
            }
            Direction::ToClient => {
                let (content, how) = keys.to_server.open(content)?;
                keys.to_server.saw_replies(&content);
                (content, how)
            }
        })
    }

    /// A frame as it goes on, protected where there are keys.
    fn wrap(&mut self, direction: Direction, content: Vec<u8>, how: Protection) -> Passed {
        let Some(keys) = &mut self.keys else { return Passed::Bytes(frame(&content)) };
        let content = match direction {
            Direction::ToServer => {
                keys.to_server.saw_requests(&content);
                keys.to_server.protect(content, how)
            }
            Direction::ToClient => {
                if how != Protection::None || !keys.to_client.has_keys() {
                    keys.to_client.saw_replies(&content);
                }
                keys.to_client.protect(content, how)
            }
        };
        Passed::Bytes(frame(&content))
    }
}

impl Between for Meddler {
    fn pass(&mut self, direction: Direction, bytes: Vec<u8>) -> Vec<Passed> {
        self.inboxes[index(direction)].push(&bytes);
        let mut passed = Vec::new();
        loop {
            match self.inboxes[index(direction)].next_frame() {
                Ok(None) => return passed,
                Ok(Some(content)) => passed.extend(self.frame(direction, content)),
                Err(_) => {
                    // A server that sends what is no frame: it goes on as it is.
                    self.inboxes[index(direction)] = FrameBuffer::new(MAX_FRAME);
                    self.in_step = false;
                    passed.push(Passed::Bytes(bytes));
                    return passed;
                }
            }
        }
    }

    fn reconnected(&mut self) {
        self.inboxes = inboxes();
        self.held = None;
        self.in_step = true;
        self.keys = self.keys.take().map(|keys| Keys::new(keys.offers_encryption));
    }

    fn confirms(&self) -> bool {
        // Unknown without keys; what is false shows in another way then.
        self.keys.as_ref().is_none_or(|keys| keys.to_client.validated)
    }

    fn makes_guest(&self) -> bool {
        self.keys.as_ref().is_some_and(|keys| keys.to_client.is_guest)
    }
}

/// Writes down what both said, without signatures and encryption.
#[derive(Debug)]
pub(crate) struct Recorder(Meddler);

impl Recorder {
    pub(crate) fn new(offers_encryption: bool) -> Self {
        let meddler = Meddler::new(Vec::new(), Some(offers_encryption));
        Self(Meddler { recorded: Some(Vec::new()), ..meddler })
    }

    pub(crate) fn between(&mut self) -> &mut dyn Between {
        &mut self.0
    }

    pub(crate) fn into_frames(self) -> Vec<(Direction, Vec<u8>)> {
        self.0.recorded.unwrap_or_default()
    }
}

fn inboxes() -> [FrameBuffer; 2] {
    [FrameBuffer::new(MAX_FRAME), FrameBuffer::new(MAX_FRAME)]
}

const fn index(direction: Direction) -> usize {
    match direction {
        Direction::ToServer => 0,
        Direction::ToClient => 1,
    }
}

/// Signed or sealed, as far as one can see from outside. The last answer of the log-on is not what is meant: it is
/// verified only after the mechanism has taken its token.
fn is_protected(content: &[u8]) -> bool {
    content.starts_with(&TRANSFORM_PROTOCOL_ID)
        || Header::decode(content).is_ok_and(|header| {
            header.flags.contains(Flags::SIGNED) && header.command != Command::SESSION_SETUP
        })
}

fn is_interim(content: &[u8]) -> bool {
    Header::decode(content).is_ok_and(|header| header.status == NtStatus::PENDING)
}

/// An interim reply before this one, which needs no keys.
fn interim(content: &[u8], credits: u16) -> Option<Vec<u8>> {
    let header = Header::decode(content).ok()?;
    let forged = Header {
        status: NtStatus::PENDING,
        credits,
        flags: Flags::RESPONSE.with(Flags::ASYNC),
        next_command: 0,
        signature: [0; 16],
        ..header
    };
    let mut out = Writer::new();
    forged.encode(&mut out);
    out.bytes(&[9, 0, 0, 0, 0, 0, 0, 0, 0]);
    Some(out.into_bytes())
}
