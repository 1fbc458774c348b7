use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use crate::Account;

#[cfg(not(all(unix, feature = "kerberos")))]
pub(crate) use super::absent::Kept;
#[cfg(all(unix, feature = "kerberos"))]
pub(crate) use super::kept::Kept;

/// Where a ticket comes from.
#[derive(Clone)]
pub(crate) enum Source {
    /// The user's cache, where it has one of this account.
    Cache {
        account: Account,
        /// Whether a user without a domain may be the one of the ticket.
        bare: bool,
    },
    /// The account's key in a keytab.
    Keytab { account: Account, path: PathBuf, kept: Arc<Kept> },
    /// The account's password.
    Password { account: Account, password: SecretString, kept: Arc<Kept> },
}

impl Source {
    /// What the log-on guard knows the secret by. A cache has no secret that could be wrong.
    pub(crate) fn secret(&self) -> Option<&str> {
        use secrecy::ExposeSecret as _;
        match self {
            Self::Cache { .. } => None,
            Self::Keytab { .. } => Some(crate::credentials::OF_KEYTAB),
            Self::Password { password, .. } => Some(password.expose_secret()),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cache { account, .. } => write!(f, "cache of {account}"),
            Self::Keytab { path, .. } => write!(f, "keytab {}", path.display()),
            Self::Password { account, .. } => write!(f, "password of {account}"),
        }
    }
}
