//! A network that loses, changes or holds back what the server says.

use super::{Action, Tamper};
use crate::proxy::frame::with_length;
use crate::proxy::trace::is_interim;

/// Closes the connection after this number of bytes of the server, lengths included.
#[derive(Clone, Copy, Debug)]
pub struct CutAfter(pub usize);

impl Tamper for CutAfter {
    fn server_frame(&mut self, frame: Vec<u8>) -> Action {
        let mut bytes = with_length(&frame);
        if bytes.len() > self.0 {
            bytes.truncate(self.0);
            self.0 = 0;
            return Action::Cut(bytes);
        }
        self.0 -= bytes.len();
        Action::Pass(frame)
    }
}

/// Changes one bit of one frame of the server. Interim answers are left alone and are not counted: they come by
/// chance, and as nothing protects them, nothing is taken from them.
#[derive(Clone, Copy, Debug)]
pub struct FlipBit {
    /// How many of the server's frames come before it.
    pub frame: usize,
    /// Counted from the beginning of the frame; past its end, it begins again.
    pub bit: usize,
}

impl Tamper for FlipBit {
    fn server_frame(&mut self, mut frame: Vec<u8>) -> Action {
        if is_interim(&frame) {
            return Action::Pass(frame);
        }
        if self.frame == 0 && !frame.is_empty() {
            let bit = self.bit % (8 * frame.len());
            frame[bit / 8] ^= 1 << (bit % 8);
        }
        // After its frame it wraps to a number that no connection reaches.
        self.frame = self.frame.wrapping_sub(1);
        Action::Pass(frame)
    }
}

/// Passes this number of frames of the server on, then nothing; the connection stays open.
#[derive(Clone, Copy, Debug)]
pub struct StallAfter(pub usize);

impl Tamper for StallAfter {
    fn server_frame(&mut self, frame: Vec<u8>) -> Action {
        if self.0 == 0 {
            return Action::Stall;
        }
        self.0 -= 1;
        Action::Pass(frame)
    }
}
