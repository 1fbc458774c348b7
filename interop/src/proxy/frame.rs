//! Frames of direct TCP transport: four bytes of length, then the message. [MS-SMB2] 2.1

use std::io::{Read, Result, Write};

/// The next message without its length; `None` at the end of the stream, also when that is in mid-frame.
pub(super) fn read(stream: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    if !filled(stream.read_exact(&mut head))? {
        return Ok(None);
    }
    // The first byte is the type of a NetBIOS packet: 0.
    let mut frame = vec![0; (u32::from_be_bytes(head) & 0x00FF_FFFF) as usize];
    Ok(filled(stream.read_exact(&mut frame))?.then_some(frame))
}

/// One write for length and message.
pub(super) fn write(stream: &mut impl Write, frame: &[u8]) -> Result<()> {
    stream.write_all(&with_length(frame))
}

/// The message with its length before it.
pub(super) fn with_length(frame: &[u8]) -> Vec<u8> {
    let mut bytes = (frame.len() as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(frame);
    bytes
}

fn filled(result: Result<()>) -> Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
