use netsession::{ConnectionSettings, Dialect, Encryption, Kerberos, ServicePrincipal};

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

    /// As the library takes them, with the service that a ticket is for. Where they say nothing its defaults stand.
    pub(crate) fn into_settings(self, service: Option<&ServicePrincipal>) -> ConnectionSettings {
        let Self { kerberos, encryption, min_dialect } = self;
        let mut settings = ConnectionSettings::default();
        settings.kerberos = kerberos.unwrap_or(settings.kerberos);
        settings.encryption = encryption.unwrap_or(settings.encryption);
        settings.min_dialect = min_dialect;
        settings.service = service.cloned();
        settings
    }
}
