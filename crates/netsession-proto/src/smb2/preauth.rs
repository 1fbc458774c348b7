use sha2::{Digest, Sha512};

/// The pre-authentication integrity hash of SMB 3.1.1 (\[MS-SMB2\] 3.1.4.4.1).
///
/// It covers every byte of NEGOTIATE and SESSION_SETUP, and the session's keys are derived from it: if one byte was
/// changed in transit, client and server have different keys, and the first signature fails.
///
/// The last SESSION_SETUP response is left out, because its signature is verified with keys that are derived from this
/// hash (\[MS-SMB2\] 3.2.5.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreauthHash([u8; 64]);

impl PreauthHash {
    /// The initial value, 64 zero bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self([0; 64])
    }

    #[cfg(test)]
    pub(super) const fn from_value(value: [u8; 64]) -> Self {
        Self(value)
    }

    /// Adds a whole message, header included.
    pub fn update(&mut self, message: &[u8]) {
        // Chained: hash = SHA-512(hash || message). SHA-512 is the only algorithm ([MS-SMB2] 2.2.3.1.1).
        self.0 = Sha512::new().chain_update(self.0).chain_update(message).finalize().into();
    }

    /// The current value.
    #[must_use]
    pub const fn value(&self) -> &[u8; 64] {
        &self.0
    }
}

impl Default for PreauthHash {
    fn default() -> Self {
        Self::new()
    }
}
