use netsession::{Dialect, Encryption, Kerberos, ServerName, ServicePrincipal};

use crate::args::AskArgs;
use crate::model::Configuration;

/// How to connect and to log on: as the command line says, else the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) kerberos: Kerberos,
    pub(crate) encryption: Encryption,
    pub(crate) min_dialect: Option<Dialect>,
    /// The service that a ticket is for, if not that of the server's name.
    pub(crate) service: Option<ServicePrincipal>,
}

impl Connection {
    /// `by_login`: the command line or the environment says who asks, so that the credentials of the configuration and
    /// what they require do not count.
    pub(super) fn new(
        args: &AskArgs,
        server: &ServerName,
        configuration: &Configuration,
        by_login: bool,
    ) -> Self {
        let configured = match by_login {
            true => configuration.own_requirements_of(server),
            false => configuration.requirements_of(server),
        };
        Self {
            kerberos: args.login.kerberos_or(configured.kerberos),
            encryption: args.connection.encryption_or(configured.encryption),
            min_dialect: args.connection.min_dialect.or(configured.min_dialect),
            service: args.login.spn.as_ref().or(configuration.service_of(server)).cloned(),
        }
    }
}
