/// Whether to log on with Kerberos.
///
/// A ticket is for a name: a server that is given by its address cannot be asked with one, unless the builder's `spn`
/// names its service.
///
/// The default is [`Auto`](Self::Auto) with and without the feature `kerberos`. Without the feature, and where the
/// system has no Kerberos library, no ticket is found: `Auto` then logs on with NTLM, and `Required` is an error.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Credentials, ErrorKind, Kerberos, Password, blocking::Client};
///
/// let credentials = Credentials::password(r"LAB\admin".parse()?, Password::new("Passw0rd!"));
/// let builder = Client::builder(server).credentials(credentials);
/// let client = builder.clone().kerberos(Kerberos::Off).connect()?;
/// assert!(!client.sessions().list()?.is_empty());
/// // `server` is an address here, for which there are no tickets.
/// let error = builder.kerberos(Kerberos::Required).connect().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Kerberos);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Kerberos {
    /// With a ticket of the account if the cache has one, and then never with NTLM; else, for `user@REALM`, with a ticket
    /// that the password gets. NTLM follows for `user@REALM` only where this machine knows no domain controller of the
    /// realm, or the server is named by its address without a service, and is logged as a warning of `tracing`; for
    /// other accounts with a password it follows where there is no ticket.
    #[default]
    Auto,
    /// With a ticket only.
    Required,
    /// With NTLM only.
    Off,
}

impl Kerberos {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Auto, Self::Required, Self::Off];

    /// Its name in configurations: `auto`, `required` or `off`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Required => "required",
            Self::Off => "off",
        }
    }
}
