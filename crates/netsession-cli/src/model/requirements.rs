use netsession::{Dialect, Encryption, Kerberos};

/// What a connection must have: the keys `kerberos`, `encryption` and `min_dialect`. `None` says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Requirements {
    pub(crate) kerberos: Option<Kerberos>,
    pub(crate) encryption: Option<Encryption>,
    pub(crate) min_dialect: Option<Dialect>,
}

impl Requirements {
    /// These, and where they say nothing the others.
    pub(crate) fn or(self, others: Self) -> Self {
        Self {
            kerberos: self.kerberos.or(others.kerberos),
            encryption: self.encryption.or(others.encryption),
            min_dialect: self.min_dialect.or(others.min_dialect),
        }
    }
}
