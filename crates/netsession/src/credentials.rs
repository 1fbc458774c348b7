use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use crate::Account;
use crate::error::{Cause, Error, Step};
use crate::kerberos::{self, Kept};

/// What the log-on guard knows a keytab and a ticket by: neither is a password, and a NUL is in none.
pub(crate) const OF_KEYTAB: &str = "\0keytab";
pub(crate) const OF_TICKET: &str = "\0ticket";

/// Who asks: an account, and what proves it.
///
/// Passwords are wiped from memory on drop, and `Debug` hides them. Clones share what a domain controller has
/// handed out for them, so that it is asked once for all servers.
///
/// | made by | proved with |
/// |---|---|
/// | [`password`](Self::password) | a ticket of that account, the password by Kerberos, or NTLMv2, as [`Kerberos`](crate::Kerberos) has it |
/// | [`ntlm`](Self::ntlm) | NTLMv2 alone |
/// | [`ticket`](Self::ticket), [`ticket_of`](Self::ticket_of) | a Kerberos ticket in the user's cache |
/// | [`keytab`](Self::keytab) | a key in a file, for unattended use |
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let server = address.to_string();
/// use netsession::{Credentials, blocking::Client};
///
/// let who = Credentials::ntlm("LAB", "admin", "Passw0rd!");
/// assert_eq!(who.account().to_string(), r"LAB\admin");
/// assert!(!format!("{who:?}").contains("Passw0rd!"));
/// let client = Client::builder(server).credentials(who).connect()?;
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
    Ntlm(SecretString),
    /// A password, by Kerberos or NTLM.
    Password(SecretString, Arc<Kept>),
    /// A ticket that is there already.
    Ticket,
    /// A key in a file.
    Keytab(PathBuf, Arc<Kept>),
}

impl Credentials {
    /// A user with a password, proved with NTLMv2 (\[MS-NLMP\]) and nothing else.
    ///
    /// An empty domain is for an account of the server itself, and for `user@REALM`, which goes whole into
    /// the user name. `DOMAIN\user` in place of the user, with an empty domain, is taken apart.
    pub fn ntlm(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Self {
        Self { account: account(domain.into(), user.into()), proof: Proof::Ntlm(password.into()) }
    }

    /// A user with a password, proved as the builder's `kerberos` says: by default with a ticket of
    /// that account where the user's cache has one, else, for `user@REALM`, with one that the password gets
    /// from a domain controller, else with NTLMv2.
    ///
    /// Names are written as for [`ntlm`](Self::ntlm). What a password gets is kept in memory. With a ticket of the
    /// user's cache the system's library keeps the ticket for each server there, as it does for every program.
    pub fn password(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Self {
        let proof = Proof::Password(password.into(), Arc::default());
        Self { account: account(domain.into(), user.into()), proof }
    }

    /// Whoever the Kerberos ticket in the user's cache is of, as `kinit` has left it there.
    ///
    /// Reads the cache that `KRB5CCNAME` or the system's configuration names. Asks no domain controller, unless
    /// there is no ticket and the system's configuration names a client keytab: then MIT's library gets one, and
    /// takes its time.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Kerberos`](crate::ErrorKind::Kerberos): there is no ticket, it has expired, or this system
    /// has no Kerberos.
    pub fn ticket() -> Result<Self, Error> {
        let principal =
            kerberos::ticket_principal().map_err(|error| Error::new(Step::Ticket, Cause::Kerberos(error)))?;
        Ok(Self::ticket_of(Account::new("", principal)))
    }

    /// This account, with its Kerberos ticket in the user's caches.
    #[must_use]
    pub fn ticket_of(account: Account) -> Self {
        Self { account, proof: Proof::Ticket }
    }

    /// Looks whether the user's caches have a ticket of this account that is still good. Asks no domain
    /// controller, but as [`ticket`](Self::ticket) has it.
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

    /// `user@REALM`, with its key in a keytab.
    pub fn keytab(principal: impl Into<String>, keytab: impl Into<PathBuf>) -> Self {
        let account = Account::new("", principal);
        Self { account, proof: Proof::Keytab(keytab.into(), Arc::default()) }
    }

    /// Whose credentials these are.
    #[must_use]
    pub fn account(&self) -> Account {
        self.account.clone()
    }

    pub(crate) fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The password, or what stands for a ticket or a key in the log-on guard.
    pub(crate) fn secret(&self) -> &str {
        match &self.proof {
            Proof::Ntlm(password) | Proof::Password(password, _) => password.expose_secret(),
            Proof::Ticket => OF_TICKET,
            Proof::Keytab(..) => OF_KEYTAB,
        }
    }
}

fn account(domain: String, user: String) -> Account {
    match user.split_once('\\') {
        Some((domain_of_user, user)) if domain.is_empty() => Account::new(domain_of_user, user),
        _ => Account::new(domain, user),
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
    fn an_account_is_the_same_however_it_is_written() {
        let account = |domain: &str, user: &str| Credentials::ntlm(domain, user, "").account();
        assert_eq!(account("", r"LAB\admin"), account("LAB", "admin"));
        assert_eq!(account("", "admin").domain(), "");
        assert_eq!(account("", "admin@LAB").user(), "admin@LAB");
    }

    #[test]
    fn secrets_are_not_shown() {
        for credentials in
            [Credentials::ntlm("", "admin", "hunter2"), Credentials::password("", "admin", "hunter2")]
        {
            assert!(!format!("{credentials:?}").contains("hunter2"));
        }
    }
}
