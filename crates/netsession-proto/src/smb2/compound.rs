use super::Header;
use crate::wire::{DecodeError, Reader, to_u32, to_usize};

/// Splits a frame into its messages, each as long as its NextCommand says, padding included. The last one has
/// NextCommand 0, or its own size.
///
/// # Errors
/// A NextCommand that is not a multiple of 8, or points into its own header or past the end.
pub fn split(frame: &[u8]) -> Result<Vec<&[u8]>, DecodeError> {
    let mut messages = Vec::new();
    let mut reader = Reader::new(frame);
    loop {
        let at = reader.position();
        let rest = reader.sub(at, reader.remaining(), "message")?;
        let next = to_usize(Header::decode(rest)?.next_command);
        // Windows sets NextCommand of the last response, too, where credits ran short in the middle of a compound
        // ([MS-SMB2] appendix A, 3.3.4.1.3): it then points to the end of the frame.
        if next == 0 || next == rest.len() {
            messages.push(rest);
            return Ok(messages);
        }
        if next < Header::SIZE || !next.is_multiple_of(8) {
            return Err(DecodeError::wrong("NextCommand", at, "is not where a message can begin"));
        }
        messages.push(reader.take(next, "NextCommand")?);
    }
}

/// Joins messages into a compound: pads all but the last to 8 bytes and sets NextCommand.
///
/// `finish` is called with each message as it will stand on the wire, to sign it.
pub fn join(messages: Vec<Vec<u8>>, mut finish: impl FnMut(&mut [u8])) -> Vec<u8> {
    let last = messages.len().saturating_sub(1);
    let mut whole = Vec::with_capacity(messages.iter().map(|message| message.len().saturating_add(8)).sum());
    for (index, mut message) in messages.into_iter().enumerate() {
        if index != last {
            message.resize(message.len().next_multiple_of(8), 0);
            let next = to_u32(message.len()).to_le_bytes();
            for (to, from) in message.iter_mut().skip(Header::NEXT_COMMAND).zip(next) {
                *to = from;
            }
        }
        finish(&mut message);
        whole.extend_from_slice(&message);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smb2::{Body, CloseRequest, FileId, encode};

    fn close(message_id: u64) -> Vec<u8> {
        encode(&Header::request(message_id, 1, 2), &CloseRequest { file_id: FileId::ANY })
    }

    #[test]
    fn what_is_joined_is_split_again() {
        let whole = join(vec![close(1), close(2), close(3)], |_| ());
        let messages = split(&whole).unwrap();
        let ids: Vec<u64> =
            messages.iter().map(|message| Header::decode(message).unwrap().message_id).collect();
        assert_eq!(ids, [1, 2, 3]);
        for message in messages {
            assert_eq!(CloseRequest::decode(message).unwrap().file_id, FileId::ANY);
        }
    }

    #[test]
    fn a_next_command_that_lies_is_an_error() {
        for next in [1_u32, 8, 63, 65, 0x1000, u32::MAX, u32::MAX - 7] {
            let mut whole = join(vec![close(1), close(2)], |_| ());
            whole[Header::NEXT_COMMAND..][..4].copy_from_slice(&next.to_le_bytes());
            assert!(split(&whole).is_err(), "{next}");
        }
    }

    #[test]
    fn last_message_may_point_to_the_end_of_the_frame() {
        let mut last = close(2);
        let own_size = u32::try_from(last.len()).unwrap();
        last[Header::NEXT_COMMAND..][..4].copy_from_slice(&own_size.to_le_bytes());
        let mut whole = join(vec![close(1), close(3)], |_| ());
        let start = whole.len() - last.len();
        whole[start..].copy_from_slice(&last);
        let messages = split(&whole).unwrap();
        assert_eq!(messages, [&whole[..start], &last[..]]);
        assert_eq!(split(&last).unwrap(), [&last[..]]);
        // ksmbd of Linux 6.1: 73 bytes, and NextCommand is 80.
        let mut long = last[..73].to_vec();
        long[Header::NEXT_COMMAND..][..4].copy_from_slice(&80_u32.to_le_bytes());
        assert!(split(&long).is_err());
    }

    #[test]
    fn every_prefix_is_an_error_or_whole_messages() {
        let whole = join(vec![close(1), close(2)], |_| ());
        for length in 0..whole.len() {
            if let Ok(messages) = split(&whole[..length]) {
                assert!(messages.iter().map(|message| message.len()).sum::<usize>() == length);
            }
        }
    }
}
