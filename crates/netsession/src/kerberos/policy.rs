/// Whether to log on with Kerberos.
///
/// With a ticket only a server that is named by its name can be asked: tickets are for names.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Credentials, ErrorKind, Kerberos, blocking::Client};
///
/// let who = Credentials::password("LAB", "admin", "Passw0rd!");
/// let builder = Client::builder(server).credentials(who);
/// let client = builder.clone().kerberos(Kerberos::Off).connect()?;
/// assert!(!client.sessions().list()?.is_empty());
/// // `server` is an address here, for which there are no tickets.
/// let error = builder.kerberos(Kerberos::Required).connect().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Kerberos);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Kerberos {
    /// With a ticket where there is one of the account; else, for `user@REALM`, with one that the password
    /// gets; else with NTLM.
    #[default]
    Auto,
    /// With a ticket, or not at all.
    Required,
    /// With NTLM alone.
    Off,
}
