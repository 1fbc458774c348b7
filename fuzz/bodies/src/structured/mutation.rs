use crate::client::TIMEOUT;
use crate::input::Input;
use crate::peer::overwrite;
use std::time::Duration;

use super::conversation::Direction;

/// The most that happen in one conversation.
const MOST: usize = 12;

/// What happens to one frame.
#[derive(Debug, Clone)]
pub(super) struct Mutation {
    pub(super) direction: Direction,
    /// Which one, counted in its direction.
    pub(super) frame: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// The content is changed.
    Change(Change),
    Drop,
    Repeat,
    /// It comes after the one that follows.
    Hold,
    /// One that passed before comes once more.
    Replay(usize),
    CloseBefore,
    CloseAfter,
    Wait(Duration),
    /// STATUS_PENDING comes before it, unsigned, with these credits.
    ForgedInterim(u16),
    /// Bytes that are no frame come before it.
    Garbage(Vec<u8>),
    /// The length before it is another one.
    Length(u32),
    /// Where there are keys: it is protected in another way.
    Reprotect(u8),
}

#[derive(Debug, Clone)]
pub(super) enum Change {
    Flip(usize),
    Write {
        anchor: Anchor,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut(usize),
    Extend(Vec<u8>),
    /// Bytes are taken out; those after them move up.
    Remove {
        at: usize,
        length: usize,
    },
}

/// From where an offset counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Frame,
    /// What follows the first SMB2 header.
    Body,
    /// The first RPC PDU.
    Rpc,
    /// The stub of an RPC response.
    Stub,
    /// The second and third message of a compound.
    Second,
    Third,
}

impl Mutation {
    pub(super) fn list(input: &mut Input<'_>) -> Vec<Self> {
        let mut list = Vec::new();
        while !input.is_empty() && list.len() < MOST {
            list.push(Self::new(input));
        }
        list
    }

    fn new(input: &mut Input<'_>) -> Self {
        let place = input.u8();
        let direction = if place & 0xc0 == 0xc0 { Direction::ToServer } else { Direction::ToClient };
        Self { direction, frame: usize::from(place & 0x3f), kind: Kind::new(input) }
    }
}

impl Kind {
    fn new(input: &mut Input<'_>) -> Self {
        match input.u8() % 24 {
            0 => Self::Drop,
            1 => Self::Repeat,
            2 => Self::Hold,
            3 => Self::Replay(usize::from(input.u8())),
            4 => Self::CloseBefore,
            5 => Self::CloseAfter,
            6 => Self::Wait(Duration::from_millis(u64::from(input.u16())).min(TIMEOUT)),
            7 => Self::ForgedInterim(input.u16()),
            8 => Self::Garbage(short(input)),
            9 => Self::Length(u32::from_be_bytes(input.array()) & 0x00ff_ffff),
            10 => Self::Reprotect(input.u8()),
            number => Self::Change(Change::new(number, input)),
        }
    }
}

impl Change {
    fn new(number: u8, input: &mut Input<'_>) -> Self {
        const STATUS: usize = 8;
        const CREDITS: usize = 14;
        const MESSAGE_ID: usize = 24;
        let write = |at, bytes: Vec<u8>| Self::Write { anchor: Anchor::Frame, at, bytes };
        match number {
            11..=13 => Self::Flip(usize::from(input.u16())),
            14 => Self::Cut(usize::from(input.u16())),
            15 => Self::Extend(short(input)),
            16 => Self::Remove { at: usize::from(input.u16()), length: usize::from(input.u8()) },
            17 => write(STATUS, status(input).to_le_bytes().to_vec()),
            18 => write(MESSAGE_ID, vec![input.u8()]),
            19 => write(CREDITS, input.u16().to_le_bytes().to_vec()),
            _ => {
                let anchor = input.pick(&[
                    Anchor::Frame,
                    Anchor::Body,
                    Anchor::Rpc,
                    Anchor::Stub,
                    Anchor::Second,
                    Anchor::Third,
                ]);
                let at = usize::from(if number < 23 { u16::from(input.u8()) } else { input.u16() });
                Self::Write { anchor, at, bytes: value(input) }
            }
        }
    }

    pub(super) fn apply(&self, frame: &mut Vec<u8>) {
        match self {
            Self::Flip(bit) => {
                if let Some(place) = (bit / 8).checked_rem(frame.len()) {
                    frame[place] ^= 1 << (bit % 8);
                }
            }
            Self::Write { anchor, at, bytes } => {
                let start = anchor.find(frame);
                overwrite(frame, start.saturating_add(*at), bytes);
            }
            Self::Cut(length) => frame.truncate(*length),
            Self::Extend(bytes) => frame.extend_from_slice(bytes),
            Self::Remove { at, length } => {
                let at = (*at).min(frame.len());
                frame.drain(at..at.saturating_add(*length).min(frame.len()));
            }
        }
    }
}

impl Anchor {
    fn find(self, frame: &[u8]) -> usize {
        const HEADER: usize = 64;
        const RESPONSE: usize = 24;
        let rpc = || frame.windows(3).position(|start| start == [5, 0, 2] || start == [5, 0, 12]);
        let next = |at: usize| {
            let bytes = frame.get(at.saturating_add(20)..)?.first_chunk()?;
            at.checked_add(usize::try_from(u32::from_le_bytes(*bytes)).ok()?)
        };
        match self {
            Self::Frame => Some(0),
            Self::Body => Some(HEADER),
            Self::Rpc => rpc(),
            Self::Stub => rpc().map(|at| at + RESPONSE),
            Self::Second => next(0),
            Self::Third => next(0).and_then(next),
        }
        .unwrap_or(0)
    }
}

fn short(input: &mut Input<'_>) -> Vec<u8> {
    let length = usize::from(input.u8() % 32);
    input.bytes(length).to_vec()
}

/// One, two, four or eight bytes, often such that lie at a limit.
fn value(input: &mut Input<'_>) -> Vec<u8> {
    let size = input.pick(&[1, 2, 4, 8]);
    let value: u64 = match input.u8() % 8 {
        0 => 0,
        1 => u64::MAX,
        2 => 1 << (size * 8 - 1),
        3 => (1 << (size * 8 - 1)) - 1,
        4 => u64::from(input.u8()),
        5 => u64::from(input.u16()),
        _ => u64::from_le_bytes(input.array()),
    };
    value.to_le_bytes()[..size].to_vec()
}

/// Statuses that mean something somewhere.
fn status(input: &mut Input<'_>) -> u32 {
    input.pick(&[
        0,
        0x103,
        0x8000_0005,
        0xc000_0016,
        0xc000_000d,
        0xc000_00e5,
        0xc000_00bb,
        0xc000_0008,
        0xc000_0128,
        0xc000_0022,
        0xc000_0034,
        0xc000_006d,
        0xc000_00cc,
        0xc000_014b,
        0x0000_0105,
    ])
}
