use std::sync::Arc;

use super::Guard;
use crate::Account;

/// A guard for some of a process' connections, in place of the one that the process has.
///
/// For a program that loads its credentials anew while it runs: with a guard for each load, what becomes of a
/// log-on from before blocks nobody after. Clones are the same guard. Give it to
/// [`ClientBuilder::logon_guard`](crate::blocking::ClientBuilder::logon_guard).
///
/// ```
/// use netsession::{Account, logon_guard::LogonGuard};
///
/// let guard = LogonGuard::default();
/// assert!(!guard.is_blocked(&Account::new("LAB", "admin")));
/// ```
#[derive(Debug, Clone, Default)]
pub struct LogonGuard(pub(crate) Arc<Guard>);

impl LogonGuard {
    /// Whether a server has refused `account`, so that nobody tries it again.
    #[must_use]
    pub fn is_blocked(&self, account: &Account) -> bool {
        self.0.check(account).is_err()
    }

    /// Lets `account` log on again after a refusal: its credentials have been corrected.
    pub fn allow_again(&self, account: &Account) {
        self.0.allow_again(account);
    }
}
