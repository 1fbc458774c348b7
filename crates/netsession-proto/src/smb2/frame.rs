use super::{PROTOCOL_ID, SMB1_PROTOCOL_ID, TRANSFORM_PROTOCOL_ID};
use crate::wire::{Reader, to_usize};

/// A NetBIOS session keep-alive (RFC 1002 4.3.6), which some servers send on port 445, too.
const KEEP_ALIVE: [u8; 4] = [0x85, 0, 0, 0];
/// A negative session response (RFC 1002 4.3.4), up to its error code.
const NEGATIVE_SESSION_RESPONSE: [u8; 4] = [0x83, 0, 0, 1];

/// Bytes of the length that goes before each frame (\[MS-SMB2\] 2.1: zero, then 24 bits, big-endian).
const PREFIX: usize = 1 /* Zero */ + 3 /* StreamProtocolLength */;

/// A frame as it is sent: the length, then one or more messages, in one buffer and thus in one write.
#[must_use]
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PREFIX.saturating_add(message.len()));
    // The first byte stays zero: no message of this crate comes near 16 MiB.
    bytes.extend_from_slice(&u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(message);
    bytes
}

/// Cuts a TCP stream into frames.
///
/// It holds at most one frame of the allowed size and what was read along with it, and refuses a frame
/// that is too large, or that is not SMB at all, as soon as its first bytes say so. NetBIOS keep-alives are
/// skipped wherever a frame can begin.
pub struct FrameBuffer {
    bytes: Vec<u8>,
    /// How much of `bytes` has been handed out.
    taken: usize,
    max_frame: usize,
}

/// Why a stream cannot be cut into frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameError {
    /// What comes is not SMB; its first bytes.
    NotSmb(Vec<u8>),
    /// SMB1 answers.
    Smb1,
    /// A NetBIOS negative session response, with its error code (RFC 1002 4.3.4): Samba's answer to a host that
    /// its `hosts deny` names.
    SessionRefused(u8),
    /// A frame that is larger than allowed, in bytes.
    TooLarge {
        /// The size that the wire gave.
        size: usize,
    },
}

/// Without the bytes: tokens may be among them.
impl std::fmt::Debug for FrameBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FrameBuffer({})", crate::plural::bytes(self.bytes.len().saturating_sub(self.taken)))
    }
}

impl FrameBuffer {
    /// An empty buffer that takes frames of up to `max_frame` bytes.
    #[must_use]
    pub const fn new(max_frame: usize) -> Self {
        Self { bytes: Vec::new(), taken: 0, max_frame }
    }

    /// Adds what was read from the connection.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.bytes.drain(..self.taken.min(self.bytes.len()));
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether anything has come and not been handed out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.taken >= self.bytes.len()
    }

    /// The next whole frame, without its length, or `None` until more has come.
    ///
    /// # Errors
    /// The stream is no SMB2 stream, or the frame is too large.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let mut waiting = self.bytes.get(self.taken..).unwrap_or_default();
        while let Some(rest) = waiting.strip_prefix(&KEEP_ALIVE) {
            self.taken = self.taken.saturating_add(KEEP_ALIVE.len());
            waiting = rest;
        }
        if KEEP_ALIVE.starts_with(waiting) || NEGATIVE_SESSION_RESPONSE.starts_with(waiting) {
            return Ok(None);
        }
        if let Some(code) = waiting.strip_prefix(&NEGATIVE_SESSION_RESPONSE).and_then(<[u8]>::first) {
            return Err(FrameError::SessionRefused(*code));
        }
        if waiting.first().is_some_and(|first| *first != 0) {
            return Err(FrameError::NotSmb(waiting.iter().copied().take(32).collect()));
        }
        let mut reader = Reader::new(waiting);
        let Ok(prefix) = reader.take_array::<PREFIX>("StreamProtocolLength") else { return Ok(None) };
        let size = to_usize(u32::from_be_bytes(prefix));
        if size > self.max_frame {
            return Err(FrameError::TooLarge { size });
        }
        if let Some(start) =
            reader.clone().take(size.min(4), "ProtocolId").ok().filter(|start| start.len() == 4)
        {
            if start == SMB1_PROTOCOL_ID {
                return Err(FrameError::Smb1);
            }
            if start != PROTOCOL_ID && start != TRANSFORM_PROTOCOL_ID {
                return Err(FrameError::NotSmb(waiting.iter().copied().take(32).collect()));
            }
        }
        let Ok(message) = reader.take(size, "message") else { return Ok(None) };
        let message = message.to_vec();
        self.taken = self.taken.saturating_add(reader.position());
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Vec<u8> {
        let mut message = PROTOCOL_ID.to_vec();
        message.resize(length, 7);
        message
    }

    #[test]
    fn frames_come_out_however_they_are_cut() {
        let stream: Vec<u8> = [4, 70, 300].into_iter().flat_map(|length| frame(&message(length))).collect();
        for step in [1, 3, 4, 5, 71, stream.len()] {
            let mut buffer = FrameBuffer::new(1000);
            let mut lengths = Vec::new();
            for chunk in stream.chunks(step) {
                buffer.push(chunk);
                while let Some(frame) = buffer.next_frame().unwrap() {
                    lengths.push(frame.len());
                }
            }
            assert_eq!(lengths, [4, 70, 300], "in steps of {step}");
            assert!(buffer.is_empty());
        }
    }

    #[test]
    fn keep_alives_are_skipped_before_between_and_after_frames() {
        let mut stream = KEEP_ALIVE.repeat(3);
        for length in [4, 70, 300] {
            stream.extend(frame(&message(length)));
            stream.extend(KEEP_ALIVE.repeat(length % 3));
        }
        for step in [1, 2, 3, 4, 5, 71, stream.len()] {
            let mut buffer = FrameBuffer::new(1000);
            let mut lengths = Vec::new();
            for chunk in stream.chunks(step) {
                buffer.push(chunk);
                while let Some(frame) = buffer.next_frame().unwrap() {
                    lengths.push(frame.len());
                }
            }
            assert_eq!(lengths, [4, 70, 300], "in steps of {step}");
            assert!(buffer.is_empty(), "in steps of {step}");
        }
    }

    #[test]
    fn flood_of_keep_alives_is_not_kept() {
        let mut buffer = FrameBuffer::new(1000);
        for _ in 0..1000 {
            buffer.push(&KEEP_ALIVE.repeat(1000)[..3999]);
            assert_eq!(buffer.next_frame(), Ok(None));
            buffer.push(&KEEP_ALIVE[3..]);
            assert_eq!(buffer.next_frame(), Ok(None));
        }
        assert!(buffer.bytes.len() <= 8000, "{}", buffer.bytes.len());
    }

    #[test]
    fn keep_alive_with_a_length_is_not_one() {
        let mut buffer = FrameBuffer::new(1000);
        buffer.push(&[0x85, 0, 0, 1]);
        assert_eq!(buffer.next_frame(), Err(FrameError::NotSmb(vec![0x85, 0, 0, 1])));
    }

    #[test]
    fn negative_session_response_is_told_with_its_code() {
        for code in [0x80, 0x81, 0x82, 0x83, 0x8f, 0x00] {
            let mut buffer = FrameBuffer::new(1000);
            buffer.push(&KEEP_ALIVE);
            for byte in NEGATIVE_SESSION_RESPONSE {
                buffer.push(&[byte]);
                assert_eq!(buffer.next_frame(), Ok(None), "more of it may come");
            }
            buffer.push(&[code]);
            assert_eq!(buffer.next_frame(), Err(FrameError::SessionRefused(code)));
        }
    }

    #[test]
    fn what_is_not_smb2_is_refused_at_once() {
        let mut http = FrameBuffer::new(1000);
        http.push(b"HTTP/1.1 400 Bad Request");
        assert_eq!(http.next_frame(), Err(FrameError::NotSmb(b"HTTP/1.1 400 Bad Request".to_vec())));
        let mut smb1 = FrameBuffer::new(1000);
        smb1.push(&[0, 0, 0, 90, 0xff, b'S', b'M', b'B']);
        assert_eq!(smb1.next_frame(), Err(FrameError::Smb1));
        let mut large = FrameBuffer::new(1000);
        large.push(&[0, 0, 3, 0xe9]);
        assert_eq!(large.next_frame(), Err(FrameError::TooLarge { size: 1001 }));
    }
}
