use std::time::{Duration, Instant};

use netsession_proto::erref::NtStatus;

use super::super::outbox::{Outbox, Transmit};
use crate::scenario::FaultKind;

/// The length before a frame.
const PREFIX: usize = 4;
/// RFC 1002 4.3.6.
const KEEP_ALIVE: [u8; 4] = [0x85, 0, 0, 0];

/// Spoils a frame that is due at `at`. `None`: there is nothing left to send.
pub(in crate::core) fn spoil_frame(
    kind: &FaultKind,
    mut frame: Vec<u8>,
    at: Instant,
    outbox: &mut Outbox,
) -> Option<Vec<u8>> {
    match kind {
        FaultKind::Stall => outbox.shut(),
        FaultKind::Close => end(outbox, at, Transmit::Close),
        FaultKind::Reset => end(outbox, at, Transmit::Reset),
        FaultKind::Garbage(text) => outbox.push(at, Transmit::Bytes(text.clone().into_bytes())),
        FaultKind::CutOff(length) => {
            frame.truncate(*length);
            outbox.push(at, Transmit::Bytes(frame));
            end(outbox, at, Transmit::Close);
        }
        FaultKind::ByteByByte(milliseconds) => {
            let mut at = at;
            for byte in frame {
                outbox.push(at, Transmit::Bytes(vec![byte]));
                at += Duration::from_millis(*milliseconds);
            }
        }
        FaultKind::FlipBit(bit) => {
            let body = frame.get_mut(PREFIX..).unwrap_or_default();
            let place = (bit / 8).checked_rem(body.len()).unwrap_or(0);
            if let Some(byte) = body.get_mut(place) {
                *byte ^= 1 << (bit % 8);
            }
            return Some(frame);
        }
        FaultKind::FrameLength(length) => {
            frame.iter_mut().zip(length.to_be_bytes()).for_each(|(to, from)| *to = from);
            return Some(frame);
        }
        FaultKind::KeepAlive => {
            outbox.push(at, Transmit::Bytes(KEEP_ALIVE.to_vec()));
            frame.extend_from_slice(&KEEP_ALIVE);
            return Some(frame);
        }
        FaultKind::KeepAlivesWithoutEnd(milliseconds) => {
            outbox.repeat(at, Duration::from_millis(*milliseconds), KEEP_ALIVE.to_vec());
        }
        FaultKind::SessionRefused(code) => {
            // RFC 1002 4.3.4: type, flags, length, error code.
            outbox.push(at, Transmit::Bytes(vec![0x83, 0, 0, 1, *code]));
            end(outbox, at, Transmit::Close);
        }
        FaultKind::NextCommandPastEnd => return Some(next_command_past_end(frame)),
        _ => return Some(frame),
    }
    None
}

/// A header and an error body without data, as long as both are, and a NextCommand that was rounded up to 8.
fn next_command_past_end(mut frame: Vec<u8>) -> Vec<u8> {
    const SIZE: u32 = 64 /* header */ + 9 /* ERROR response */;
    const STATUS: usize = PREFIX + 8;
    const NEXT_COMMAND: usize = PREFIX + 20;
    let length = usize::try_from(SIZE).unwrap_or(usize::MAX);
    frame.resize(PREFIX.saturating_add(length), 0);
    let body = [9, 0, 0, 0, 0, 0, 0, 0, 0];
    let next_command = SIZE.next_multiple_of(8).to_le_bytes();
    for (offset, bytes) in [
        (0, &SIZE.to_be_bytes()[..]),
        (STATUS, &NtStatus::INVALID_PARAMETER.0.to_le_bytes()),
        (NEXT_COMMAND, &next_command),
        (PREFIX.saturating_add(64), &body),
    ] {
        frame.iter_mut().skip(offset).zip(bytes).for_each(|(to, from)| *to = *from);
    }
    frame
}

fn end(outbox: &mut Outbox, at: Instant, how: Transmit) {
    outbox.push(at, how);
    outbox.shut();
}
