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
    /// the user name. `DOMAIN\user` in place of the user, with an empty domain, is taken apart.
    pub fn ntlm(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Self {
        let (domain, user) = (domain.into(), user.into());
        let account = match user.split_once('\\') {
            Some((domain_of_user, user)) if domain.is_empty() => Account::new(domain_of_user, user),
            _ => Account::new(domain, user),
        };
        Self { account, password: password.into() }
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
}
