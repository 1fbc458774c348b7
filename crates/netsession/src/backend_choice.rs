use std::fmt;

use crate::{ConnectionSettings, ServerName};

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
    /// `wire_only` is what is wanted that only the SMB client can do: see [`WireOnly::first_in`].
    ///
    /// # Errors
    ///
    /// [`Windows`](Self::Windows) is wanted and cannot ask.
    pub const fn choose(self, wire_only: Option<WireOnly>) -> Result<Self, BackendConflict> {
        self.choose_on(wire_only, cfg!(windows))
    }

    /// For tests, which hold the rules of both systems on each.
    pub(crate) const fn choose_on(
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BackendConflict {
    /// This is not Windows.
    #[error("the Windows backend is only available on Windows")]
    OtherSystem,
    /// Something is wanted that it cannot do.
    #[error("{0}, and the Windows backend does not support that")]
    WireOnly(WireOnly),
}

/// What a connection is to have, among which [`WireOnly::first_in`] looks for what only the SMB client can do. Credentials
/// need not be read for it: a program asks the user for a password only where one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct WireSettings<'a> {
    connection: &'a ConnectionSettings,
    has_credentials: bool,
    port: u16,
}

impl<'a> WireSettings<'a> {
    /// A connection to port 445 without credentials.
    pub fn new(connection: &'a ConnectionSettings) -> Self {
        Self { connection, has_credentials: false, port: ServerName::DEFAULT_PORT }
    }

    /// Sets whether there are credentials, or will be.
    pub fn has_credentials(mut self, has_credentials: bool) -> Self {
        self.has_credentials = has_credentials;
        self
    }

    /// Sets the TCP port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }
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
    ///
    /// ```
    /// use netsession::{ConnectionSettings, Encryption, WireOnly, WireSettings};
    ///
    /// let encrypted = ConnectionSettings::default().encryption(Encryption::Required);
    /// assert_eq!(WireOnly::first_in(&WireSettings::new(&encrypted)), Some(WireOnly::Encryption));
    /// ```
    #[must_use]
    pub fn first_in(settings: &WireSettings<'_>) -> Option<Self> {
        let WireSettings { connection, has_credentials, port } = *settings;
        // Each field is named, so that none is forgotten.
        let ConnectionSettings { kerberos, encryption, min_dialect: _, max_dialect: _, service } = connection;
        let default = ConnectionSettings::default();
        [
            (has_credentials, Self::Credentials),
            (port != ServerName::DEFAULT_PORT, Self::Port),
            (*encryption != default.encryption, Self::Encryption),
            (*kerberos != default.kerberos, Self::Kerberos),
            (connection.dialects() != default.dialects(), Self::Dialects),
            (service.is_some(), Self::Service),
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
