use std::fmt;

use zeroize::Zeroizing;

/// The key that a log-on ends in, of any length. Wiped on drop; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionKey(Zeroizing<Vec<u8>>);

impl SessionKey {
    /// A key as the mechanism gave it: 16 bytes from NTLM, 16 or 32 from Kerberos.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The whole key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first 16 bytes, filled with zeros on the right: Session.SessionKey of \[MS-SMB2\] 3.2.1.3.
    #[must_use]
    pub fn first_16(&self) -> Zeroizing<[u8; 16]> {
        let mut first = Zeroizing::new([0; 16]);
        for (to, from) in first.iter_mut().zip(self.0.iter()) {
            *to = *from;
        }
        first
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(hidden)")
    }
}
