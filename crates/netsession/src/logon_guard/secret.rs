use sha2::{Digest as _, Sha256};

use crate::Password;

/// What proves an account. The guard tells secrets apart, and keeps none of them.
#[derive(Debug, Clone)]
pub(crate) enum Secret {
    Password(Password),
    /// A ticket in the user's cache.
    Ticket,
    /// A key in a file.
    Keytab,
}

/// A hash of a secret under a key that never leaves the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; 32]);

/// The key of the fingerprints.
pub(super) struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut key = [0; 32];
        getrandom::fill(&mut key)?;
        Ok(Self(key))
    }

    /// Where only the equality of fingerprints counts.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn fixed() -> Self {
        Self([0; 32])
    }

    pub(super) fn fingerprint(&self, secret: &Secret) -> Fingerprint {
        let (kind, text) = match secret {
            Secret::Password(password) => (0, password.expose()),
            Secret::Ticket => (1, ""),
            Secret::Keytab => (2, ""),
        };
        let mut hash = Sha256::new();
        // Key and kind have a fixed length: they cannot run into the secret.
        hash.update(self.0);
        hash.update([kind]);
        hash.update(text.as_bytes());
        Fingerprint(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_tell_secrets_apart() {
        let key = FingerprintKey::random().unwrap();
        let password = |text| key.fingerprint(&Secret::Password(Password::new(text)));
        assert_eq!(password("a"), password("a"));
        let mut all =
            [password("a"), password(""), key.fingerprint(&Secret::Ticket), key.fingerprint(&Secret::Keytab)]
                .map(|fingerprint| fingerprint.0)
                .to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
        assert_ne!(
            password("a"),
            FingerprintKey::random().unwrap().fingerprint(&Secret::Password(Password::new("a")))
        );
    }
}
