use super::{Cause, Tampering};
use crate::smb2::{OpenError, Sealer, Signer};

/// How messages are protected.
#[derive(Debug)]
pub(super) enum Protection {
    /// Not yet: there are no keys.
    None,
    /// Each message is signed.
    Signed(Signer),
    /// Each frame is encrypted; the signer verifies what may come unencrypted.
    Sealed(Box<Sealer>, Signer),
}

impl Protection {
    /// The messages of an encrypted frame.
    pub(super) fn open(&self, session_id: u64, frame: Vec<u8>) -> Result<Vec<u8>, Cause> {
        let Self::Sealed(sealer, _) = self else {
            return Err(Cause::Integrity(Tampering::UnexpectedEncryption));
        };
        sealer.open(session_id, frame).map_err(|error| match error {
            OpenError::Malformed(error) => Cause::Malformed(error),
            OpenError::OtherSession => Cause::Integrity(Tampering::EncryptedForOtherSession),
            OpenError::Tag => Cause::Integrity(Tampering::EncryptionTag),
        })
    }

    /// Whether the message carries the server's signature.
    pub(super) fn is_signed(&self, message: &[u8]) -> bool {
        match self {
            Self::None => false,
            Self::Signed(signer) | Self::Sealed(_, signer) => signer.verify(message),
        }
    }
}
