use netsession_proto::client::Encryption;
use netsession_proto::smb2::Dialect;

use crate::error::Error;
use crate::settings::Settings;
use crate::{Credentials, Kerberos, ServerName};

/// What asks the server.
///
/// | | who asks | what it needs |
/// |---|---|---|
/// | [`Smb`](Self::Smb) | the [`Credentials`] given | TCP port 445, or the one that is named |
/// | [`Windows`](Self::Windows) | whoever is logged on to Windows | what Windows itself needs to reach the server |
///
/// The same [`Session`](crate::Session) and [`Error`](crate::Error) come out of both.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Backend, Credentials, blocking::Client};
///
/// let who = Credentials::ntlm("LAB", "admin", "Passw0rd!");
/// let client = Client::builder(server).backend(Backend::Smb).credentials(who).connect()?;
/// assert!(!client.sessions().list()?.is_empty());
/// assert_eq!(Backend::default(), Backend::Auto);
/// assert_eq!(Backend::Windows.is_available(), cfg!(windows));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Backend {
    /// On Windows the system, unless something is set that only the wire can do: credentials, a port,
    /// encryption, Kerberos, the range of dialects. On other systems the wire.
    #[default]
    Auto,
    /// The wire: this library's own SMB2 client.
    Smb,
    /// The system: `NetSessionEnum` of `netapi32`, on Windows only.
    Windows,
}

impl Backend {
    /// Whether this system has it.
    #[must_use]
    pub const fn is_available(self) -> bool {
        cfg!(windows) || !matches!(self, Self::Windows)
    }
}

/// Whether the system is to ask.
pub(super) fn system_asks(settings: &Settings, is_windows: bool) -> Result<bool, Error> {
    let wire_only = wire_only(settings);
    match settings.backend {
        Backend::Smb => Ok(false),
        Backend::Auto => Ok(is_windows && wire_only.is_none()),
        Backend::Windows => {
            let invalid = |text: String| Err(Error::invalid(text).at(settings.server.clone()));
            match wire_only {
                _ if !is_windows => invalid("the backend of Windows is not to be had on this system".into()),
                Some(what) => invalid(format!("{what}, which the backend of Windows cannot take")),
                None => Ok(true),
            }
        }
    }
}

/// What is set that Windows' own call has no parameter for.
fn wire_only(settings: &Settings) -> Option<&'static str> {
    let port = settings.server.parse::<ServerName>().map_or(ServerName::DEFAULT_PORT, |name| name.port());
    let named = |_: &Credentials| "credentials are given";
    let is_set = |is_set: bool, what| is_set.then_some(what);
    settings
        .credentials
        .as_ref()
        .map(named)
        .or_else(|| is_set(port != ServerName::DEFAULT_PORT, "a port is named"))
        .or_else(|| is_set(settings.encryption != Encryption::Auto, "encryption is set"))
        .or_else(|| is_set(settings.kerberos != Kerberos::Auto, "Kerberos is set"))
        .or_else(|| {
            let all = (Dialect::Smb202, Dialect::Smb311);
            is_set((settings.min_dialect, settings.max_dialect) != all, "dialects are set")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(server: &str, change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = Settings::new(server.into());
        change(&mut settings);
        settings
    }

    type Change = fn(&mut Settings);
    const WIRE_ONLY: [(&str, Change); 7] = [
        ("fs1", |settings| settings.credentials = Some(Credentials::ntlm("", "admin", "secret"))),
        ("fs1:4455", |_| ()),
        ("fs1", |settings| settings.encryption = Encryption::Required),
        ("fs1", |settings| settings.encryption = Encryption::Off),
        ("fs1", |settings| settings.kerberos = Kerberos::Required),
        ("fs1", |settings| settings.kerberos = Kerberos::Off),
        ("fs1", |settings| settings.min_dialect = Dialect::Smb300),
    ];

    #[test]
    fn auto_is_the_system_where_it_can_do_what_is_wanted() {
        for server in ["fs1", r"\\fs1", "fs1:445", "::1", ""] {
            assert!(system_asks(&settings(server, |_| ()), true).unwrap(), "{server}");
            assert!(!system_asks(&settings(server, |_| ()), false).unwrap(), "{server}");
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
