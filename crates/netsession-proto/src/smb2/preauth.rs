use sha2::{Digest, Sha512};

/// The pre-authentication integrity hash of SMB 3.1.1 (\[MS-SMB2\] 3.1.4.4.1).
///
/// Every byte that was exchanged before there were keys goes into it, and it goes into the keys: who
/// changed one of those bytes on the way leaves both sides with different keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreauthHash([u8; 64]);

impl PreauthHash {
    /// The hash of nothing yet.
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
        self.0 = Sha512::new().chain_update(self.0).chain_update(message).finalize().into();
    }

    /// The value as it stands.
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
