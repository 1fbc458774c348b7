use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use crate::Account;

/// Who asks: an account and its secret.
///
/// The password is wiped from memory on drop, and `Debug` hides it.
///
/// ```
/// use netsession::Credentials;
///
/// let credentials = Credentials::ntlm("LAB", "admin", "secret");
/// assert_eq!(credentials.account().to_string(), r"LAB\admin");
/// assert!(!format!("{credentials:?}").contains("secret"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    account: Account,
    password: SecretString,
}

impl Credentials {
    /// A user with a password, proved with NTLMv2 (\[MS-NLMP\]).
    ///
    /// An empty domain is for an account of the server itself, and for `user@REALM`, which goes whole into
    /// the user name.
    pub fn ntlm(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Self {
        Self { account: Account::new(domain, user), password: password.into() }
    }

    /// Whose credentials these are.
    #[must_use]
    pub fn account(&self) -> Account {
        self.account.clone()
    }

    pub(crate) fn password(&self) -> &str {
        self.password.expose_secret()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("account", &self.account).finish_non_exhaustive()
    }
}
