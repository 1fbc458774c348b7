//! The checksum over the three messages (\[MS-NLMP\] 3.1.5.1.2).

use super::AuthenticateMessage;
use super::keys::{Key, hmac_md5};
use crate::wire::{DecodeError, Reader};

/// The MIC over the three messages as they are on the wire, the third with a MIC field of any value: it
/// counts as zeros.
pub(super) fn mic(
    exported_session_key: &Key,
    negotiate: &[u8],
    challenge: &[u8],
    authenticate: &[u8],
) -> Result<[u8; 16], DecodeError> {
    let mut reader = Reader::new(authenticate);
    let before = reader.take(AuthenticateMessage::MIC_AT, "AUTHENTICATE_MESSAGE")?;
    reader.skip(AuthenticateMessage::MIC_SIZE, "MIC")?;
    let zeros = [0; AuthenticateMessage::MIC_SIZE];
    let parts = [negotiate, challenge, before, &zeros, reader.take_rest()];
    Ok(*hmac_md5(exported_session_key, &parts))
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn every_byte_counts_but_those_of_the_mic_itself() {
        let key = Zeroizing::new([1; 16]);
        let compute = |authenticate: &[u8]| mic(&key, b"N", b"C", authenticate);
        let message = [7; 100];
        let expected = compute(&message).unwrap();
        for at in 0..message.len() {
            let mut changed = message;
            changed[at] = 8;
            assert_eq!(compute(&changed).unwrap() == expected, (72..88).contains(&at), "{at}");
        }
        assert!(compute(&message[..87]).is_err());
        assert_ne!(mic(&key, b"N", b"D", &message).unwrap(), expected);
    }
}
