use netsession::{ConnectionSettings, ServerName};

use crate::args::AskArgs;
use crate::model::{Configuration, Requirements};

/// How to connect and to log on: as the command line says, else the configuration.
///
/// `by_login`: the command line or the environment says who asks, so that the credentials of the configuration and what
/// they require do not count.
pub(super) fn connection(
    args: &AskArgs,
    server: &ServerName,
    configuration: &Configuration,
    by_login: bool,
) -> ConnectionSettings {
    let credentials = if by_login { None } else { configuration.credentials_of(server) };
    let configured = configuration.requirements_of(server, credentials);
    let required = Requirements {
        kerberos: Some(args.login.kerberos_or(configured.kerberos)),
        encryption: Some(args.connection.encryption_or(configured.encryption)),
        min_dialect: args.connection.min_dialect.or(configured.min_dialect),
    };
    required.into_settings(args.login.spn.as_ref().or(configuration.service_of(server)))
}
