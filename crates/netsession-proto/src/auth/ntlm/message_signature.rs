use std::fmt;

use rc4::{Rc4, StreamCipher};
use subtle::ConstantTimeEq;

use super::NegotiateFlags;
use super::keys::{self, Key, Side};

/// Signs or verifies the messages of one side, one after the other, with extended session security
/// (GSS_GetMICEx, GSS_VerifyMICEx; \[MS-NLMP\] 3.4.4.2, 3.4.8, 3.4.9).
///
/// SPNEGO's mechListMIC is the first message of a new one: the keys' state does not go on to the messages of
/// the session (\[MS-SPNG\] 3.2.5.1).
pub struct MessageSigner {
    sign_key: Key,
    /// Encrypts the checksum, where keys are exchanged.
    sealing: Option<Rc4>,
    sequence: u32,
}

impl MessageSigner {
    /// The version of a signature (\[MS-NLMP\] 2.2.2.9.2).
    const VERSION: u32 = 0x0000_0001;

    /// A signer of a session with these flags, as both sides agreed on them.
    pub(super) fn new(exported_session_key: &Key, side: Side, flags: NegotiateFlags) -> Self {
        let seals = flags.contains(NegotiateFlags::KEY_EXCHANGE);
        Self {
            sign_key: keys::sign_key(exported_session_key, side),
            sealing: seals.then(|| keys::rc4(&keys::seal_key(exported_session_key, side))),
            sequence: 0,
        }
    }

    /// The signature of the next message (NTLMSSP_MESSAGE_SIGNATURE, \[MS-NLMP\] 2.2.2.9.2).
    pub fn sign(&mut self, message: &[u8]) -> [u8; 16] {
        let sequence = self.sequence.to_le_bytes();
        self.sequence = self.sequence.wrapping_add(1);
        let digest = keys::hmac_md5(&self.sign_key, &[&sequence, message]);
        let [c0, c1, c2, c3, c4, c5, c6, c7, ..] = *digest;
        let mut checksum = [c0, c1, c2, c3, c4, c5, c6, c7];
        // [MS-NLMP] 3.4.4.2: without key exchange the checksum goes out as it is.
        if let Some(sealing) = &mut self.sealing {
            sealing.apply_keystream(&mut checksum);
        }

        let parts = Self::VERSION.to_le_bytes().into_iter().chain(checksum).chain(sequence);
        let mut signature = [0; 16];
        for (to, from) in signature.iter_mut().zip(parts) {
            *to = from;
        }
        signature
    }

    /// Whether this is the signature of the next message, compared in constant time.
    #[must_use]
    pub fn verify(&mut self, message: &[u8], signature: &[u8]) -> bool {
        self.sign(message).ct_eq(signature).into()
    }

    /// Passes over key stream as sealing a message does.
    #[cfg(test)]
    pub(super) fn seal(&mut self, message: &mut [u8]) {
        if let Some(sealing) = &mut self.sealing {
            sealing.apply_keystream(message);
        }
    }
}

impl fmt::Debug for MessageSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageSigner").field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn both_ends_agree_message_by_message() {
        let key = Zeroizing::new([3; 16]);
        for flags in [NegotiateFlags::KEY_EXCHANGE, NegotiateFlags::default()] {
            let mut signer = MessageSigner::new(&key, Side::Server, flags);
            let mut verifier = MessageSigner::new(&key, Side::Server, flags);
            for message in [&b"one"[..], b"two"] {
                let signature = signer.sign(message);
                assert!(verifier.verify(message, &signature));
            }
        }
    }

    #[test]
    fn a_wrong_signature_is_refused() {
        let key = Zeroizing::new([3; 16]);
        let fresh = |side| MessageSigner::new(&key, side, NegotiateFlags::KEY_EXCHANGE);
        let signature = fresh(Side::Server).sign(b"one");
        assert!(!fresh(Side::Client).verify(b"one", &signature));
        assert!(!fresh(Side::Server).verify(b"two", &signature));
        assert!(!fresh(Side::Server).verify(b"one", &signature[..15]));
        assert!(!fresh(Side::Server).verify(b"one", &[]));
        for at in 0..signature.len() {
            let mut changed = signature;
            changed[at] ^= 0x01;
            assert!(!fresh(Side::Server).verify(b"one", &changed), "{at}");
        }
    }
}
