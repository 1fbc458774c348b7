use netsession::{ConnectionSettings, ServerName};

use crate::args::TargetArgs;
use crate::model::{Configuration, Requirements};

/// How to connect and to log on: as the command line says, else the configuration.
///
/// `by_login`: the command line or the environment says who asks, so that the credentials of the configuration and what
/// they require do not count.
pub(super) fn connection(
    args: &TargetArgs,
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use netsession::{Dialect, Encryption, Kerberos};

    use super::*;
    use crate::args::{ConnectionArgs, LoginArgs};
    use crate::config;

    const CONFIG: &str = "[servers]
        fs1 = { credentials = 'lab', min_dialect = '3.0', spn = 'dc1' }
        [credentials]
        lab = { login = 'LAB\\admin', kerberos = 'off', encryption = 'required', min_dialect = '2.1' }";

    fn of_fs1(args: &TargetArgs, by_login: bool) -> ConnectionSettings {
        let (configuration, faults) = config::parse(CONFIG, Path::new("/"));
        assert_eq!(faults, []);
        connection(args, &"FS1".parse().unwrap(), &configuration, by_login)
    }

    #[test]
    fn configuration_counts_where_the_command_line_says_nothing() {
        let of_entry =
            ConnectionSettings::default().min_dialect(Dialect::Smb300).spn("cifs/dc1".parse().unwrap());
        let of_both = of_entry.clone().kerberos(Kerberos::Off).encryption(Encryption::Required);
        assert_eq!(of_fs1(&TargetArgs::default(), false), of_both);
        let args = TargetArgs {
            login: LoginArgs { spn: Some("cifs/fs1.lab".parse().unwrap()), ..LoginArgs::default() },
            connection: ConnectionArgs { encrypt: Encryption::Off, ..ConnectionArgs::default() },
            ..TargetArgs::default()
        };
        let of_all = of_both.encryption(Encryption::Off).spn("cifs/fs1.lab".parse().unwrap());
        assert_eq!(of_fs1(&args, false), of_all);
    }

    #[test]
    fn credentials_that_are_not_used_require_nothing() {
        let of_entry =
            ConnectionSettings::default().min_dialect(Dialect::Smb300).spn("cifs/dc1".parse().unwrap());
        assert_eq!(of_fs1(&TargetArgs::default(), true), of_entry);
    }
}
