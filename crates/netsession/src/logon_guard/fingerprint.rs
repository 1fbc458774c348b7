use sha2::{Digest as _, Sha256};

/// Which secret was proved, without keeping the secret: a hash under a key that never leaves the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

/// The key of the fingerprints.
pub(super) struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self(key))
    }

    pub(super) fn fingerprint(&self, secret: &str) -> Fingerprint {
        let mut hash = Sha256::new();
        // Key and secret cannot run into each other: the key has a fixed length.
        hash.update(self.0);
        hash.update(secret.as_bytes());
        Fingerprint(hash.finalize().into())
    }
}
