use std::time::{Duration, Instant};

use super::super::outbox::{Outbox, Transmit};
use crate::scenario::FaultKind;

/// The length before a frame.
const PREFIX: usize = 4;

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
        _ => return Some(frame),
    }
    None
}

fn end(outbox: &mut Outbox, at: Instant, how: Transmit) {
    outbox.push(at, how);
    outbox.shut();
}
