/// Which implementation asks the server.
///
/// | | account | needs |
/// |---|---|---|
/// | [`Smb`](Self::Smb) | the [`Credentials`](crate::Credentials) given | TCP port 445, or the port that is named |
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
    /// [`Windows`](Self::Windows) on Windows, unless a setting needs the wire: credentials, a port, encryption,
    /// Kerberos, the range of dialects. [`Smb`](Self::Smb) on other systems.
    #[default]
    Auto,
    /// The SMB2 client of this library.
    Smb,
    /// `NetSessionEnum` of `netapi32`, on Windows only.
    Windows,
}

impl Backend {
    /// Whether this system supports it.
    #[must_use]
    pub const fn is_available(self) -> bool {
        cfg!(windows) || !matches!(self, Self::Windows)
    }
}
