//! One wrong password must not lock an account.
//!
//! A program that logs on to a hundred servers at once with a wrong password locks the account before it has read the
//! first refusal. The guard prevents that, process-wide, for the async and the blocking API alike:
//!
//! - **Unproven.** The first log-on with a secret (account and password together) runs alone: the canary. The others
//!   connect, and wait for its success before they send a token that can be refused. After 3 s or a quarter of the
//!   timeout, whichever is more, without an answer a second one is sent.
//! - **Held.** A log-on is unanswered until its answer is there, however its owner ended: its connection is kept for up
//!   to 60 s to hear the answer (by a task, or by a thread in the blocking API). After two unanswered log-ons
//!   nothing is sent for 35 minutes, then one canary, at another server than those that stalled where one is asked for.
//!   Others get [`ErrorKind::LogOnUnanswered`](crate::ErrorKind::LogOnUnanswered), which names the server that does not
//!   answer.
//! - **Blocked.** After a refusal the secret is not tried again, on no server, level, address or protocol, until the
//!   caller allows it with [`allow_again`]. Log-ons that were waiting, and later ones, get
//!   [`ErrorKind::LogOnBlocked`](crate::ErrorKind::LogOnBlocked), which names the server that refused.
//! - **Proven**, after a success: any number of log-ons may be sent. A guard for a process that stays
//!   ([`LogonGuard::long_running`]) lets two be unanswered at a time, because the password may change at any moment: the
//!   second one is sent only where the first one stalls for 3 s, and its success shows that the secret is still right. A
//!   server that left one unanswered waits for a success elsewhere: where all others keep their connections, one of them logs
//!   on once more for that (`KeptClient`).
//! - **Suspect.** A server that refuses a proven secret which it never accepted is blocked alone. One that accepted it
//!   before, or two others in a row, make it suspect: one canary at another server decides. In one run each further
//!   server that never accepted it blocks itself alone; a process that stays asks one that accepted it before.
//! - An account that names a domain is refused, or left without an answer, three times at most without a success, whatever
//!   the secret.
//!
//! So for any delay of the answers and any timeout a wrong secret makes at most **two** log-ons in a run or between two
//! reloads (three with the canary after 35 minutes), and a password that is changed under a process that stays at most
//! two, or three where servers refuse it that never accepted it. In turn, where the first two servers that are asked
//! both stall in the log-on, no others are asked. Kerberos counts the requests that are started: libkrb5 repeats each by
//! itself over UDP, unless `udp_preference_limit = 1` is set in `krb5.conf`.
//!
//! What the status that answers SESSION_SETUP counts against:
//!
//! - **The account**, a refusal: `STATUS_LOGON_FAILURE`, `STATUS_WRONG_PASSWORD`, `STATUS_NO_SUCH_USER`,
//!   `STATUS_INVALID_ACCOUNT_NAME`, `STATUS_ACCOUNT_LOCKED_OUT`, `STATUS_ACCOUNT_DISABLED`, `STATUS_ACCOUNT_EXPIRED`,
//!   `STATUS_ACCOUNT_RESTRICTION`, `STATUS_PASSWORD_EXPIRED`, `STATUS_PASSWORD_MUST_CHANGE`,
//!   `STATUS_INVALID_LOGON_HOURS`, `STATUS_LOGIN_TIME_RESTRICTION`, `STATUS_INVALID_WORKSTATION`,
//!   `STATUS_LOGIN_WKSTA_RESTRICTION`, `STATUS_SMARTCARD_LOGON_REQUIRED`, the `STATUS_NOLOGON_…_TRUST_ACCOUNT`, and the
//!   codes of a domain controller that mean the same.
//! - **The server alone**: that it is short of resources, unavailable or being shut down (`STATUS_NO_MEMORY`,
//!   `STATUS_INSUFFICIENT_RESOURCES`, `STATUS_INSUFF_SERVER_RESOURCES`, `STATUS_IO_TIMEOUT`, `STATUS_TOO_MANY_SESSIONS`,
//!   `STATUS_REMOTE_SESSION_LIMIT`, `STATUS_REQUEST_NOT_ACCEPTED`, `STATUS_LICENSE_QUOTA_EXCEEDED`,
//!   `STATUS_SERVER_UNAVAILABLE`, `STATUS_SERVER_SHUTDOWN_IN_PROGRESS`, `STATUS_USER_SESSION_DELETED`,
//!   `STATUS_NETWORK_SESSION_EXPIRED`); that it cannot ask its domain (`STATUS_NO_LOGON_SERVERS`,
//!   `STATUS_NETLOGON_NOT_STARTED`, `STATUS_DOMAIN_CONTROLLER_NOT_FOUND`, `STATUS_NO_TRUST_LSA_SECRET`,
//!   `STATUS_NO_TRUST_SAM_ACCOUNT`, `STATUS_TRUSTED_DOMAIN_FAILURE`, `STATUS_TRUSTED_RELATIONSHIP_FAILURE`,
//!   `STATUS_TRUST_FAILURE`, `STATUS_DOMAIN_TRUST_INCONSISTENT`, `STATUS_TIME_DIFFERENCE_AT_DC`); that it refuses
//!   whatever the password is (`STATUS_NTLM_BLOCKED`, `STATUS_NOT_SUPPORTED`, `STATUS_NOT_IMPLEMENTED`,
//!   `STATUS_LOGON_TYPE_NOT_GRANTED`, `STATUS_LOGON_NOT_GRANTED`, `STATUS_AUTHENTICATION_FIREWALL_FAILED`,
//!   `STATUS_ACCESS_DENIED`, `STATUS_NETWORK_ACCESS_DENIED`); a guest session; and `STATUS_LOGON_FAILURE`,
//!   `STATUS_INVALID_PARAMETER` and `STATUS_ACCESS_DENIED` in answer to a Kerberos ticket.
//! - **Unknown**: every other status, a connection that is closed, an answer that cannot be trusted. Whether the password
//!   was checked is open: it counts as unanswered.
//!
//! ```
//! use netsession::logon_guard;
//!
//! // The administrator has corrected the password:
//! logon_guard::allow_again(&r"LAB\admin".parse()?);
//! # Ok::<(), netsession::ParseAccountError>(())
//! ```

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod guard;
mod machine;
#[cfg(any(test, feature = "fuzzing"))]
mod model;
#[cfg(test)]
mod model_tests;
mod pending;
mod permit;
mod reason;
mod rules;
mod ruling;
mod secret;
mod secret_state;
#[cfg(test)]
mod tests;

pub(crate) use guard::Guard;
pub(crate) use machine::Standing;
pub(crate) use permit::LogOnPermit;
pub(crate) use reason::{Denial, LogOnRefusal, LogOnResult, Peer, Reason};
pub(crate) use rules::Rules;
pub(crate) use secret::Secret;

use std::sync::Arc;
use std::time::Duration;

use crate::Account;

/// Lets `account` log on again after a refusal: its credentials have been corrected.
///
/// The next log-on runs alone again.
pub fn allow_again(account: &Account) {
    Guard::of_this_process().allow_again(account);
}

/// Lets every account log on again.
pub fn allow_all_again() {
    Guard::of_this_process().allow_all_again();
}

/// Maximum time that a log-on within `timeout` delays the others.
///
/// At least 3 s: newer Windows delays its answer to a wrong password by 2 s (`InvalidAuthenticationDelayTimeInMs`), and
/// a second log-on must not be sent before that refusal, however short the timeout is. At least a quarter of the
/// timeout: at most four log-ons then run within one timeout, below the usual lockout thresholds of five and ten.
pub(crate) fn patience(timeout: Duration) -> Duration {
    Duration::from_secs(3).max(timeout / 4)
}

/// A guard for some connections of a process, instead of the guard of the process.
///
/// For a program that reloads its credentials while it runs: with a guard for each load, the result of a log-on
/// with the old credentials does not block the new ones. Clones are the same guard. Give it to
/// [`ClientBuilder::logon_guard`](crate::blocking::ClientBuilder::logon_guard).
///
/// ```
/// use netsession::logon_guard::LogonGuard;
///
/// let guard = LogonGuard::default();
/// assert!(!guard.is_blocked(&r"LAB\admin".parse()?));
/// # Ok::<(), netsession::ParseAccountError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct LogonGuard(pub(crate) Arc<Guard>);

impl LogonGuard {
    /// A guard for a process that stays and asks the same servers again and again, as an exporter does. The password may
    /// change while it runs: at most two log-ons of an account are unanswered at a time.
    #[must_use]
    pub fn long_running() -> Self {
        Self::with_log_ons_at_once(2)
    }

    /// As [`long_running`](Self::long_running), with at most `log_ons_at_once` unanswered log-ons of an account at a
    /// time. At most that many wrong ones reach a domain when the password changes. Zero counts as one.
    #[must_use]
    pub fn with_log_ons_at_once(log_ons_at_once: usize) -> Self {
        Self(Arc::new(Guard::new(Rules::stays(log_ons_at_once))))
    }

    /// Whether a server has refused `account`, so that it is not tried again.
    #[must_use]
    pub fn is_blocked(&self, account: &Account) -> bool {
        self.0.is_blocked(account)
    }

    /// Whether no log-on of `account` is sent because earlier ones are unanswered: until one is answered, or for 35
    /// minutes.
    #[must_use]
    pub fn is_held(&self, account: &Account) -> bool {
        self.0.is_held(account)
    }

    /// Changes the maximum of unanswered log-ons, as [`with_log_ons_at_once`](Self::with_log_ons_at_once) sets it.
    pub fn set_log_ons_at_once(&self, log_ons_at_once: usize) {
        self.0.set_rules(Rules::stays(log_ons_at_once));
    }

    /// Lets `account` log on again after a refusal: its credentials have been corrected.
    pub fn allow_again(&self, account: &Account) {
        self.0.allow_again(account);
    }
}
