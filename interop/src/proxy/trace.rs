//! What went over a connection, as its client saw it.

use std::fmt;

/// Who sent a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Recorded when it came from the client.
    Client,
    /// Recorded when it was handed to the client, so after the delay.
    Server,
}

/// One frame.
#[derive(Clone)]
pub struct Event {
    /// The sender.
    pub from: Side,
    /// Without the four bytes of length, and from the server as the tamperer left it.
    pub frame: Vec<u8>,
}

/// All frames of a connection in order.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The frames.
    pub events: Vec<Event>,
    /// How many of them the tamperer did not pass on as they were.
    pub tampered: usize,
}

impl Event {
    /// The command of the first message of the frame; `None` when it is encrypted.
    pub fn command(&self) -> Option<u16> {
        let bytes = self.frame.get(12..14)?;
        self.frame.starts_with(b"\xFESMB").then(|| u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    /// SMB2_FLAGS_SIGNED
    pub fn is_signed(&self) -> bool {
        self.frame.starts_with(b"\xFESMB") && self.frame.get(16).is_some_and(|flags| flags & 0x08 != 0)
    }

    /// An interim answer, STATUS_PENDING: Samba sends one when the final answer takes longer than a millisecond, and
    /// does not sign it.
    pub fn is_interim(&self) -> bool {
        is_interim(&self.frame)
    }

    /// An SMB2 TRANSFORM_HEADER
    pub fn is_encrypted(&self) -> bool {
        self.frame.starts_with(b"\xFDSMB")
    }
}

impl fmt::Debug for Event {
    /// As a failed test shows it; a frame can be a megabyte.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = &self.frame[..self.frame.len().min(80)];
        write!(f, "{:?}, {} bytes, {start:02x?}", self.from, self.frame.len())
    }
}

impl Trace {
    pub(super) fn record(&mut self, from: Side, frame: &[u8]) {
        self.events.push(Event { from, frame: frame.to_vec() });
    }

    /// How often the client had to wait: data of its own, followed by data of the server.
    pub fn round_trips(&self) -> usize {
        round_trips(&self.events)
    }

    /// The same up to the last answer to one of these commands, for clients that say farewell.
    /// Nothing encrypted counts as an answer.
    pub fn round_trips_until(&self, commands: &[u16]) -> usize {
        let answers = |event: &Event| {
            event.from == Side::Server && event.command().is_some_and(|command| commands.contains(&command))
        };
        self.events.iter().rposition(answers).map_or(0, |last| round_trips(&self.events[..=last]))
    }

    /// The frames of one side.
    pub fn frames(&self, from: Side) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.from == from)
    }

    /// What came after this many frames of one side.
    #[must_use]
    pub fn after_frames(&self, from: Side, frames: usize) -> Self {
        let last = self.events.iter().enumerate().filter(|(_, event)| event.from == from).nth(frames);
        let start = last.map_or(self.events.len(), |(index, _)| index);
        Self { events: self.events[start..].to_vec(), tampered: self.tampered }
    }

    /// How many bytes the server sent, lengths included.
    pub fn server_bytes(&self) -> usize {
        self.frames(Side::Server).map(|event| 4 + event.frame.len()).sum()
    }
}

/// Of a frame that is not encrypted.
pub(super) fn is_interim(frame: &[u8]) -> bool {
    frame.starts_with(b"\xFESMB") && frame.get(8..12) == Some(&0x103_u32.to_le_bytes())
}

fn round_trips(events: &[Event]) -> usize {
    events.windows(2).filter(|pair| pair[0].from == Side::Client && pair[1].from == Side::Server).count()
}
