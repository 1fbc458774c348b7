use crate::logon_guard::{LogonGuard, Secret};
use crate::{Account, Credentials};

impl LogonGuard {
    /// Whether a server has refused these credentials: they are not tried again, or not at that server.
    ///
    /// Other than [`is_blocked`](Self::is_blocked) it tells the secrets of an account apart.
    #[must_use]
    pub fn has_block(&self, credentials: &Credentials) -> bool {
        self.0.has_block(&credentials.account(), &credentials.secret())
    }

    /// The credentials in use, which others [replace](CredentialsInUse::replace_with), as when a program loads its configuration again.
    ///
    /// ```
    /// use netsession::logon_guard::LogonGuard;
    /// use netsession::{Credentials, Password};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let guard = LogonGuard::long_running();
    /// let old = Credentials::ntlm(r"LAB\svc".parse()?, Password::new("Passw0rd!"));
    /// let new = Credentials::ntlm(r"LAB\svc".parse()?, Password::new("Passw1rd!"));
    /// guard.in_use([&old]).replace_with([&new]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn in_use<'a>(&self, credentials: impl IntoIterator<Item = &'a Credentials>) -> CredentialsInUse<'_> {
        CredentialsInUse { guard: self, credentials: credentials.into_iter().map(parts).collect() }
    }
}

/// The credentials that a program logs on with so far; by [`LogonGuard::in_use`].
#[derive(Debug)]
#[must_use = "nothing changes without `replace_with`"]
pub struct CredentialsInUse<'g> {
    guard: &'g LogonGuard,
    credentials: Vec<(Account, Secret)>,
}

impl CredentialsInUse<'_> {
    /// From now on these are in use.
    ///
    /// An account and secret that was not in use before may log on again. What is known of all others stays, and so do
    /// their blocks: to load the same wrong password again sends no log-on.
    pub fn replace_with<'a>(self, credentials: impl IntoIterator<Item = &'a Credentials>) {
        self.guard.0.change_credentials(self.credentials, credentials.into_iter().map(parts));
    }
}

fn parts(credentials: &Credentials) -> (Account, Secret) {
    (credentials.account(), credentials.secret())
}
