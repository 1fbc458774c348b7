use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::logon_guard::Secret;
use crate::{Account, Password};

#[cfg(all(unix, feature = "kerberos"))]
pub(crate) use super::cached::CachedCredential;

/// A build without Kerberos has no credentials to cache.
#[cfg(not(all(unix, feature = "kerberos")))]
#[derive(Debug, Default)]
pub(crate) struct CachedCredential;

/// Where a ticket comes from.
#[derive(Clone)]
pub(crate) enum Source {
    /// The user's cache, if it has a ticket of this account.
    Cache {
        account: Account,
        /// Whether a user without a domain may be the owner of the ticket.
        bare: bool,
    },
    /// The account's key in a keytab.
    Keytab { account: Account, path: PathBuf, cached: Arc<CachedCredential> },
    /// The account's password.
    Password { account: Account, password: Password, cached: Arc<CachedCredential> },
}

/// Equal for sources that one request to a domain controller serves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum SourceKey {
    Cache(Account, bool),
    /// The place of the credential that is cached in memory: clones of a `Credentials` share it, and another secret of
    /// the same account has another one.
    Cached(usize),
}

impl Source {
    pub(super) fn key(&self) -> SourceKey {
        match self {
            Self::Cache { account, bare } => SourceKey::Cache(account.clone(), *bare),
            Self::Keytab { cached, .. } | Self::Password { cached, .. } => {
                SourceKey::Cached(Arc::as_ptr(cached).addr())
            }
        }
    }

    /// The secret that a domain controller can refuse. A cache has none.
    pub(crate) fn secret(&self) -> Option<Secret> {
        match self {
            Self::Cache { .. } => None,
            Self::Keytab { .. } => Some(Secret::Keytab),
            Self::Password { password, .. } => Some(Secret::Password(password.clone())),
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
