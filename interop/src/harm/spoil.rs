//! What is done to a frame.

use std::iter;

use fastrand::Rng;

const HEADER: usize = 64;
const FLAG_SIGNED: u8 = 0x08;

/// How a frame is harmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// One bit is flipped.
    Bit,
    /// It ends in the middle, and the connection with it.
    CutOff,
    /// A number is another one: a length, an offset, a count, an identifier.
    Field,
    /// The status is another one.
    Status,
    /// It is replaced by noise.
    Garbage,
    /// The length before it is another one.
    Length,
    /// The signature is taken away.
    Unsigned,
}

/// What goes to the client instead, the length before it included.
pub(super) struct Spoilt {
    pub(super) bytes: Vec<u8>,
    pub(super) close: bool,
}

impl Harm {
    pub(super) const ALL: [Self; 7] =
        [Self::Bit, Self::CutOff, Self::Field, Self::Status, Self::Garbage, Self::Length, Self::Unsigned];

    /// Harms a frame, whose first four bytes are its length. `number` is its place among the server's frames.
    pub(super) fn apply(self, frame: &[u8], number: usize, random: &mut Rng) -> Spoilt {
        let mut bytes = frame.to_vec();
        let mut close = false;
        match self {
            Self::Bit => flip_a_bit(&mut bytes, random),
            Self::CutOff => {
                bytes.truncate(random.usize(..frame.len()));
                close = true;
            }
            Self::Field => lie(&mut bytes, random),
            Self::Status => bytes = other_status(frame, number, random),
            Self::Garbage => bytes = noise(random),
            Self::Length => other_length(&mut bytes, random),
            Self::Unsigned => take_signature(&mut bytes),
        }
        if bytes == frame {
            flip_a_bit(&mut bytes, random);
        }
        Spoilt { bytes, close }
    }
}

/// Whether the frame is encrypted, or its first message signed.
pub(super) fn is_protected(frame: &[u8]) -> bool {
    is_encrypted(frame) || frame.get(4 + 16).is_some_and(|flags| flags & FLAG_SIGNED != 0)
}

/// The command of its first message, if that can be read.
pub(super) fn command(frame: &[u8]) -> Option<u16> {
    let bytes = frame.get(4 + 12..4 + 14).filter(|_| !is_encrypted(frame))?;
    Some(u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn is_encrypted(frame: &[u8]) -> bool {
    frame.get(4..8) == Some(b"\xFDSMB")
}

fn flip_a_bit(bytes: &mut [u8], random: &mut Rng) {
    let bit = random.usize(..8 * bytes.len().saturating_sub(4).max(1));
    if let Some(byte) = bytes.get_mut(4 + bit / 8) {
        *byte ^= 1 << (bit % 8);
    }
}

fn lie(bytes: &mut [u8], random: &mut Rng) {
    const VALUES: [u64; 7] = [0, 1, 0x7fff, 0x8000, 0x7fff_ffff, 0x8000_0000, u64::MAX];
    // Offset and width: of the header first, then of the bodies, then of the header of an encrypted frame.
    const PLAIN: [(usize, usize); 20] = [
        (4, 2),
        (6, 2),
        (12, 2),
        (14, 2),
        (16, 4),
        (20, 4),
        (24, 8),
        (32, 4),
        (36, 4),
        (40, 8),
        (64, 2),
        (66, 2),
        (68, 2),
        (70, 2),
        (72, 4),
        (76, 4),
        (80, 4),
        (96, 4),
        (112, 4),
        (120, 2),
    ];
    const SEALED: [(usize, usize); 6] = [(4, 8), (20, 8), (36, 4), (40, 2), (42, 2), (44, 8)];
    let (mut at, width) = one_of(if is_encrypted(bytes) { &SEALED } else { &PLAIN }, random);
    // Half of the lies are somewhere in the body, where RPC and NDR are.
    if random.bool() && bytes.len() > 4 + HEADER + 8 {
        at = HEADER + 2 * random.usize(..(bytes.len() - 4 - HEADER - 4) / 2);
    }
    let value = one_of(&VALUES, random).to_le_bytes();
    bytes.iter_mut().skip(4 + at).zip(&value[..width]).for_each(|(byte, new)| *byte = *new);
}

fn other_status(frame: &[u8], number: usize, random: &mut Rng) -> Vec<u8> {
    const STATUSES: [u32; 12] = [
        0x0000_0000,
        0x0000_0103,
        0x8000_0005,
        0xC000_0016,
        0xC000_0022,
        0xC000_000D,
        0xC000_006D,
        0xC000_00BB,
        0xC000_00E5,
        0xC000_0128,
        0xC000_0203,
        0xC000_035C,
    ];
    let status = one_of(&STATUSES, random);
    if is_encrypted(frame) {
        return forged_error(status, number);
    }
    let mut bytes = frame.to_vec();
    bytes.iter_mut().skip(4 + 8).zip(status.to_le_bytes()).for_each(|(byte, new)| *byte = new);
    bytes
}

/// An error in the clear, in place of an encrypted reply, with the number that the message most likely has.
fn forged_error(status: u32, number: usize) -> Vec<u8> {
    let mut message = b"\xFESMB\x40\x00\x01\x00".to_vec();
    message.extend(status.to_le_bytes());
    message.extend([
        11, 0, /* IOCTL */
        1, 0, /* credits */
        1, 0, 0, 0, /* a response */
        0, 0, 0, 0,
    ]);
    message.extend((number as u64 + 2).to_le_bytes());
    message.resize(HEADER, 0);
    message.extend([9, 0, 0, 0, 0, 0, 0, 0, 0]);
    let mut bytes = (message.len() as u32).to_be_bytes().to_vec();
    bytes.append(&mut message);
    bytes
}

fn noise(random: &mut Rng) -> Vec<u8> {
    let length = random.usize(1..=3000);
    let mut bytes: Vec<u8> = iter::repeat_with(|| random.u8(..)).take(length).collect();
    match random.u8(..4) {
        // Not even a frame.
        0 => return bytes,
        // Noise that looks like a message, or like an encrypted one.
        1 => bytes.splice(..4.min(length), *b"\xFESMB").for_each(drop),
        2 => bytes.splice(..4.min(length), *b"\xFDSMB").for_each(drop),
        _ => {}
    }
    let mut frame = (bytes.len() as u32).to_be_bytes().to_vec();
    frame.append(&mut bytes);
    frame
}

fn other_length(bytes: &mut [u8], random: &mut Rng) {
    let length = bytes.len() as u32 - 4;
    let others = [
        0,
        1,
        length - 1,
        length + 1,
        length / 2,
        length + 1000,
        0x0010_0000,
        0x00ff_ffff,
        length | 0x8100_0000,
    ];
    let other = one_of(&others, random).to_be_bytes();
    bytes[..4].copy_from_slice(&other);
}

fn take_signature(bytes: &mut [u8]) {
    if is_encrypted(bytes) || bytes.len() < 4 + HEADER {
        return;
    }
    bytes[4 + 16] &= !FLAG_SIGNED;
    bytes[4 + 48..4 + HEADER].fill(0);
}

fn one_of<T: Copy>(values: &[T], random: &mut Rng) -> T {
    values[random.usize(..values.len())]
}
