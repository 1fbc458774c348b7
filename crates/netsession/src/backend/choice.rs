use crate::error::{Error, InvalidRequest};
use crate::settings::Settings;
use crate::{Backend, ServerName, WireOnly, WireSettings};

/// Whether the Windows backend sends the query.
pub(super) fn system_asks(settings: &Settings, is_windows: bool) -> Result<bool, Error> {
    let chosen = settings.backend.choose_on(wire_only(settings), is_windows);
    let backend = chosen.map_err(|conflict| settings.invalid(InvalidRequest::Backend(conflict)))?;
    Ok(backend == Backend::Windows)
}

fn wire_only(settings: &Settings) -> Option<WireOnly> {
    let port = settings.server_name().map_or(ServerName::DEFAULT_PORT, ServerName::port);
    let wanted = WireSettings::new(&settings.connection).port(port);
    WireOnly::first_in(&wanted.has_credentials(settings.credentials.is_some()))
}

#[cfg(test)]
mod tests {
    use netsession_proto::client::Encryption;
    use netsession_proto::smb2::Dialect;

    use super::*;
    use crate::{Account, Credentials, Kerberos, Password};

    fn settings(server: &str, change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = Settings::new(server);
        change(&mut settings);
        settings
    }

    type Change = fn(&mut Settings);
    const WIRE_ONLY: [(&str, Change); 9] = [
        ("fs1", |settings| {
            settings.credentials = Some(Credentials::ntlm(Account::new("admin"), Password::new("secret")))
        }),
        ("fs1:4455", |_| ()),
        ("fs1", |settings| settings.connection.encryption = Encryption::Required),
        ("fs1", |settings| settings.connection.encryption = Encryption::Off),
        ("fs1", |settings| settings.connection.kerberos = Kerberos::Required),
        ("fs1", |settings| settings.connection.kerberos = Kerberos::Off),
        ("fs1", |settings| settings.connection.min_dialect = Some(Dialect::Smb300)),
        ("fs1", |settings| settings.connection.max_dialect = Some(Dialect::Smb302)),
        ("fs1", |settings| settings.connection.service = Some("cifs/fs1".parse().unwrap())),
    ];

    #[test]
    fn auto_is_the_system_where_it_can_do_what_is_wanted() {
        let named = ["fs1", r"\\fs1", "fs1:445", "::1"].map(|server| settings(server, |_| ()));
        for settings in named.iter().chain([&Settings::this_machine()]) {
            assert!(system_asks(settings, true).unwrap(), "{settings:?}");
            assert!(!system_asks(settings, false).unwrap(), "{settings:?}");
        }
        for (server, change) in WIRE_ONLY {
            assert!(!system_asks(&settings(server, change), true).unwrap());
        }
    }

    #[test]
    fn what_is_named_is_taken_or_refused() {
        let smb = settings("fs1", |settings| settings.backend = Backend::Smb);
        assert!(!system_asks(&smb, true).unwrap());
        let system = settings("fs1", |settings| settings.backend = Backend::Windows);
        assert!(system_asks(&system, true).unwrap());
        assert!(system_asks(&system, false).is_err());
        for (server, change) in WIRE_ONLY {
            let mut settings = settings(server, change);
            settings.backend = Backend::Windows;
            assert!(system_asks(&settings, true).is_err());
        }
    }
}
