use netsession_proto::client::Encryption;
use netsession_proto::smb2::Dialect;

use crate::{Kerberos, ServicePrincipal};

/// How to connect to a server, and how to log on. The default requires nothing.
///
/// For programs that read it from their configuration, and connect later or to many servers: a builder has the same
/// setters, and takes all of it with `connection_settings`.
///
/// ```
/// use netsession::{ConnectionSettings, Dialect, Encryption, blocking::Client};
///
/// let of_each = ConnectionSettings::default().encryption(Encryption::Required).min_dialect(Dialect::Smb300);
/// let builders = ["fs1", "fs2"].map(|server| Client::builder(server).connection_settings(of_each.clone()));
/// # let _ = builders;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionSettings {
    /// Whether to log on with Kerberos.
    pub kerberos: Kerberos,
    /// Whether to encrypt the session. The default encrypts if the server can.
    pub encryption: Encryption,
    /// Lowest SMB dialect to offer (\[MS-SMB2\] 2.2.3). `None` is 2.0.2.
    pub min_dialect: Option<Dialect>,
    /// Highest SMB dialect to offer. `None` is 3.1.1.
    pub max_dialect: Option<Dialect>,
    /// The service that a Kerberos ticket is for, if not that of the server's name.
    pub service: Option<ServicePrincipal>,
}

impl ConnectionSettings {
    /// Sets whether to log on with Kerberos.
    #[must_use]
    pub fn kerberos(mut self, kerberos: Kerberos) -> Self {
        self.kerberos = kerberos;
        self
    }

    /// Sets whether to encrypt the session.
    #[must_use]
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = encryption;
        self
    }

    /// Sets the lowest SMB dialect to offer.
    #[must_use]
    pub fn min_dialect(mut self, dialect: Dialect) -> Self {
        self.min_dialect = Some(dialect);
        self
    }

    /// Sets the highest SMB dialect to offer.
    #[must_use]
    pub fn max_dialect(mut self, dialect: Dialect) -> Self {
        self.max_dialect = Some(dialect);
        self
    }

    /// Sets the service that a Kerberos ticket is for.
    #[must_use]
    pub fn spn(mut self, service: ServicePrincipal) -> Self {
        self.service = Some(service);
        self
    }

    /// The lowest dialect to offer and the highest one, defaults included.
    pub(crate) fn dialects(&self) -> (Dialect, Dialect) {
        (self.min_dialect.unwrap_or(Dialect::LOWEST), self.max_dialect.unwrap_or(Dialect::HIGHEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocking::Client;

    #[test]
    fn builder_takes_them_whole_or_each() {
        let service: ServicePrincipal = "cifs/fs1.example.com".parse().unwrap();
        let settings = ConnectionSettings::default()
            .kerberos(Kerberos::Required)
            .encryption(Encryption::Required)
            .min_dialect(Dialect::Smb300)
            .max_dialect(Dialect::Smb302)
            .spn(service.clone());
        let whole = Client::builder("fs1").encryption(Encryption::Off).connection_settings(settings.clone());
        let each = Client::builder("fs1")
            .kerberos(Kerberos::Required)
            .encryption(Encryption::Required)
            .min_dialect(Dialect::Smb300)
            .max_dialect(Dialect::Smb302)
            .spn(service);
        for builder in [whole, each] {
            let _ = builder.with_settings(|found| assert_eq!(found.connection, settings));
        }
    }

    #[test]
    fn default_is_every_dialect() {
        let dialects = ConnectionSettings::default().dialects();
        assert_eq!((Some(&dialects.0), Some(&dialects.1)), (Dialect::ALL.first(), Dialect::ALL.last()));
    }
}
