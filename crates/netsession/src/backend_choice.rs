use std::fmt;

use netsession_proto::client::Encryption;
use netsession_proto::smb2::Dialect;

use crate::{Kerberos, ServerName};

/// The implementation that queries the server.
///
/// | | account | needs |
/// |---|---|---|
/// | [`Smb`](Self::Smb) | the [`Credentials`](crate::Credentials) given | TCP port 445, or the given port |
/// | [`Windows`](Self::Windows) | the user who is logged on to Windows | what Windows needs to reach the server |
///
/// Both return the same [`Session`](crate::Session) and [`Error`](crate::Error).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Backend, Credentials, Password, blocking::Client};
///
/// let credentials = Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!"));
/// let client = Client::builder(server).backend(Backend::Smb).credentials(credentials).connect()?;
/// assert!(!client.sessions().list()?.is_empty());
/// assert_eq!(Backend::default(), Backend::Auto);
/// assert_eq!(Backend::Windows.is_available(), cfg!(windows));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Backend {
    /// [`Windows`](Self::Windows) on Windows, unless a setting needs the SMB backend: credentials, a port, encryption,
    /// Kerberos, the range of dialects. [`Smb`](Self::Smb) on other systems.
    #[default]
    Auto,
    /// The SMB2 client of this library.
    Smb,
    /// The calls of `netapi32` (`NetSessionEnum` and those of the other questions), on Windows only.
    Windows,
}

impl Backend {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Auto, Self::Smb, Self::Windows];

    /// Its name on command lines: `auto`, `smb` or `windows`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Smb => "smb",
            Self::Windows => "windows",
        }
    }

    /// Whether the backend is available on this system.
    #[must_use]
    pub const fn is_available(self) -> bool {
        cfg!(windows) || !matches!(self, Self::Windows)
    }

    /// What asks: [`Smb`](Self::Smb) or [`Windows`](Self::Windows), never [`Auto`](Self::Auto). For programs that need
    /// to know before they connect, for example whether to prompt for a password. A builder makes the same choice.
    ///
    /// `wire_only` is what is wanted that only the SMB client can do, and `is_windows` is `cfg!(windows)` outside of
    /// tests.
    ///
    /// # Errors
    ///
    /// [`Windows`](Self::Windows) is wanted and cannot ask.
    pub const fn choose(
        self,
        wire_only: Option<WireOnly>,
        is_windows: bool,
    ) -> Result<Self, BackendConflict> {
        match (self, wire_only) {
            (Self::Smb, _) => Ok(Self::Smb),
            (Self::Auto, None) if is_windows => Ok(Self::Windows),
            (Self::Auto, _) => Ok(Self::Smb),
            (Self::Windows, _) if !is_windows => Err(BackendConflict::OtherSystem),
            (Self::Windows, Some(what)) => Err(BackendConflict::WireOnly(what)),
            (Self::Windows, None) => Ok(Self::Windows),
        }
    }
}

/// Why the Windows backend cannot ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackendConflict {
    /// This is not Windows.
    OtherSystem,
    /// Something is wanted that it cannot do.
    WireOnly(WireOnly),
}

/// All settings of which [`WireOnly::first_in`] finds the one that only the SMB client has. Each of them has to be given: a program
/// that is told less says the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireSettings {
    /// Whether there are credentials.
    pub has_credentials: bool,
    /// The TCP port. Default 445.
    pub port: u16,
    /// Default [`Encryption::Auto`].
    pub encryption: Encryption,
    /// Default [`Kerberos::Auto`].
    pub kerberos: Kerberos,
    /// The lowest dialect. Default SMB 2.0.2.
    pub min_dialect: Dialect,
    /// The highest dialect. Default SMB 3.1.1.
    pub max_dialect: Dialect,
    /// Whether the service of a Kerberos ticket is named.
    pub has_service: bool,
}

/// A setting that Windows' own calls have no parameter for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WireOnly {
    /// Another account than that of the user who is logged on.
    Credentials,
    /// Another port than 445.
    Port,
    /// Encryption on or off.
    Encryption,
    /// Kerberos on or off.
    Kerberos,
    /// A range of dialects.
    Dialects,
    /// The service of a Kerberos ticket.
    Service,
}

impl WireOnly {
    /// The first of the settings that is not the default.
    #[must_use]
    pub fn first_in(settings: &WireSettings) -> Option<Self> {
        let WireSettings {
            has_credentials,
            port,
            encryption,
            kerberos,
            min_dialect,
            max_dialect,
            has_service,
        } = *settings;
        [
            (has_credentials, Self::Credentials),
            (port != ServerName::DEFAULT_PORT, Self::Port),
            (encryption != Encryption::Auto, Self::Encryption),
            (kerberos != Kerberos::Auto, Self::Kerberos),
            ((min_dialect, max_dialect) != (Dialect::Smb202, Dialect::Smb311), Self::Dialects),
            (has_service, Self::Service),
        ]
        .into_iter()
        .find_map(|(is_set, what)| is_set.then_some(what))
    }
}

impl fmt::Display for WireOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Credentials => "credentials are given",
            Self::Port => "a port is named",
            Self::Encryption => "encryption is set",
            Self::Kerberos => "Kerberos is set",
            Self::Dialects => "dialects are set",
            Self::Service => "the service of a ticket is named",
        })
    }
}
