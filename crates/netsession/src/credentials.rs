use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{Cause, Error, Step};
use crate::kerberos::{self, CachedCredential};
use crate::logon_guard::Secret;
use crate::{Account, Password};

/// An account, and its secret or ticket.
///
/// Passwords are wiped from memory on drop, and `Debug` hides them. Clones share the tickets of a domain controller, so
/// that one request serves all servers.
///
/// | made by | proved with |
/// |---|---|
/// | [`password`](Self::password) | a ticket of that account, the password by Kerberos, or NTLMv2, as set by [`Kerberos`](crate::Kerberos) |
/// | [`ntlm`](Self::ntlm) | NTLMv2 alone |
/// | [`ticket`](Self::ticket), [`ticket_of`](Self::ticket_of) | a Kerberos ticket in the user's cache |
/// | [`keytab`](Self::keytab) | a key in a file, for unattended use |
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Credentials, Password, blocking::Client};
///
/// let credentials = Credentials::ntlm(r"LAB\admin".parse()?, Password::new("Passw0rd!"));
/// assert_eq!(credentials.account().to_string(), r"LAB\admin");
/// assert!(!format!("{credentials:?}").contains("Passw0rd!"));
/// let client = Client::builder(server).credentials(credentials).connect()?;
/// assert!(!client.sessions().list()?.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Credentials {
    account: Account,
    proof: Proof,
}

/// What proves an account.
#[derive(Clone)]
pub(crate) enum Proof {
    /// A password, by NTLM alone.
    Ntlm(Password),
    /// A password, by Kerberos or NTLM.
    Password(Password, Arc<CachedCredential>),
    /// A ticket that is in the cache already.
    Ticket,
    /// A key in a file.
    Keytab(PathBuf, Arc<CachedCredential>),
}

impl Credentials {
    /// An account with a password, proved with NTLMv2 (\[MS-NLMP\]) only.
    ///
    /// `user@REALM` goes whole into the user name of NTLM, with an empty domain.
    #[must_use]
    pub fn ntlm(account: Account, password: Password) -> Self {
        Self { account, proof: Proof::Ntlm(password) }
    }

    /// An account with a password, proved as set by the builder's `kerberos`: by default with a ticket of
    /// that account if the user's cache has one, else, for `user@REALM`, with a ticket that the password gets
    /// from a domain controller, else with NTLMv2: see [`Kerberos::Auto`](crate::Kerberos::Auto).
    ///
    /// A ticket that the password gets is kept in memory. With a ticket of the user's cache the system's library
    /// adds the ticket for each server to that cache, as it does for every program.
    #[must_use]
    pub fn password(account: Account, password: Password) -> Self {
        Self { account, proof: Proof::Password(password, Arc::default()) }
    }

    /// The account of the Kerberos ticket in the user's cache, such as `kinit` puts there.
    ///
    /// Reads the cache that `KRB5CCNAME` or the system's configuration names. Contacts no domain controller, unless
    /// there is no ticket and the system's configuration names a client keytab: then MIT's library gets one, and
    /// may block for as long as that takes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Kerberos`](crate::ErrorKind::Kerberos): there is no ticket, it has expired, or this system
    /// has no Kerberos.
    pub fn ticket() -> Result<Self, Error> {
        let principal =
            kerberos::ticket_principal().map_err(|error| Error::new(Step::Ticket, Cause::Kerberos(error)))?;
        Ok(Self::ticket_of(Account::new(principal)))
    }

    /// This account, with its Kerberos ticket in the user's caches.
    #[must_use]
    pub fn ticket_of(account: Account) -> Self {
        Self { account, proof: Proof::Ticket }
    }

    /// Checks that the user's caches have a ticket of this account that has not expired. Contacts no domain
    /// controller, with the exception that [`ticket`](Self::ticket) names.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Kerberos`](crate::ErrorKind::Kerberos), with the reason: there is none, it has expired, it is
    /// of another account, or this system has no Kerberos.
    pub fn has_ticket(&self) -> Result<(), Error> {
        kerberos::has_ticket(&self.account).map_err(|error| {
            Error::new(Step::Ticket, Cause::Kerberos(error)).with_account(Some(self.account()))
        })
    }

    /// An account, `user@REALM`, with its key in a keytab.
    #[must_use]
    pub fn keytab(account: Account, keytab: impl Into<PathBuf>) -> Self {
        Self { account, proof: Proof::Keytab(keytab.into(), Arc::default()) }
    }

    /// The account that is logged on.
    #[must_use]
    pub fn account(&self) -> Account {
        self.account.clone()
    }

    pub(crate) fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The secret by which the log-on guard distinguishes credentials.
    pub(crate) fn secret(&self) -> Secret {
        match &self.proof {
            Proof::Ntlm(password) | Proof::Password(password, _) => Secret::Password(password.clone()),
            Proof::Ticket => Secret::Ticket,
            Proof::Keytab(..) => Secret::Keytab,
        }
    }

    /// The password; a ticket and a keytab have none.
    pub(crate) fn as_password(&self) -> Option<&Password> {
        match &self.proof {
            Proof::Ntlm(password) | Proof::Password(password, _) => Some(password),
            Proof::Ticket | Proof::Keytab(..) => None,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proof = match &self.proof {
            Proof::Ntlm(_) => "password by NTLM",
            Proof::Password(..) => "password",
            Proof::Ticket => "ticket",
            Proof::Keytab(..) => "keytab",
        };
        f.debug_struct("Credentials").field("account", &self.account).field("proof", &proof).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_secrets() {
        let password = || Password::new("hunter2");
        for credentials in [
            Credentials::ntlm(Account::new("admin"), password()),
            Credentials::password(Account::new("admin"), password()),
        ] {
            assert!(!format!("{credentials:?}").contains("hunter2"));
        }
    }
}
