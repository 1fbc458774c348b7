//! What may happen to the answer to AUTHENTICATE, and how many of them the server has seen.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::{Action, Tamper};

/// What becomes of the answer to a log-on.
#[derive(Clone, Copy, Debug)]
pub enum LogOnAnswer {
    /// It comes that much later, as newer Windows does with a refusal.
    Late(Duration),
    /// As above, and a success comes at once.
    LateRefusal(Duration),
    /// It never comes.
    Lost,
    /// It is an unsigned STATUS_LOGON_FAILURE.
    ForgedRefusal,
}

/// Counts the log-ons of one connection, and does this to the answers.
pub struct LogOns {
    answer: LogOnAnswer,
    seen: Arc<AtomicUsize>,
    is_sent: bool,
}

impl LogOns {
    /// For one connection; `seen` may be shared by many.
    pub fn new(answer: LogOnAnswer, seen: &Arc<AtomicUsize>) -> Self {
        Self { answer, seen: Arc::clone(seen), is_sent: false }
    }
}

/// \[MS-NLMP\] 2.2.1.3.
const AUTHENTICATE: &[u8] = b"NTLMSSP\0\x03\0\0\0";
/// \[MS-SMB2\] 2.2.1.2, of a message that is not encrypted.
const SMB2: &[u8] = b"\xFESMB";
const SESSION_SETUP: u8 = 1;

fn is_session_setup(frame: &[u8]) -> bool {
    frame.starts_with(SMB2) && frame.len() > 64 && frame[12] == SESSION_SETUP && frame[13] == 0
}

impl Tamper for LogOns {
    fn client_frame(&mut self, frame: Vec<u8>) -> Action {
        if is_session_setup(&frame) && frame.windows(AUTHENTICATE.len()).any(|part| part == AUTHENTICATE) {
            self.seen.fetch_add(1, Ordering::SeqCst);
            self.is_sent = true;
        }
        Action::Pass(frame)
    }

    fn server_frame(&mut self, mut frame: Vec<u8>) -> Action {
        if !self.is_sent || !is_session_setup(&frame) {
            return Action::Pass(frame);
        }
        self.is_sent = false;
        match self.answer {
            LogOnAnswer::LateRefusal(_) if frame[8..12] == [0; 4] => Action::Pass(frame),
            LogOnAnswer::Late(delay) | LogOnAnswer::LateRefusal(delay) => {
                thread::sleep(delay);
                Action::Pass(frame)
            }
            LogOnAnswer::Lost => Action::Stall,
            LogOnAnswer::ForgedRefusal => {
                frame[8..12].copy_from_slice(&0xC000_006D_u32.to_le_bytes());
                // SMB2_FLAGS_SIGNED, and the signature.
                frame[16] &= !0x08;
                frame[48..64].fill(0);
                frame.truncate(64);
                // [MS-SMB2] 2.2.2: an ERROR response without data.
                frame.extend([9, 0, 0, 0, 0, 0, 0, 0, 0]);
                Action::Pass(frame)
            }
        }
    }
}
