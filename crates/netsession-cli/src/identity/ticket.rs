//! The Kerberos tickets in the user's caches.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use netsession::{Account, Credentials};

/// The account of the user's ticket, or this account if there is a valid ticket of it; else why not.
///
/// With a limit: a cache can be behind a daemon, and with a keytab of the machine's configuration the library asks
/// a domain controller.
pub(crate) fn ticket_within(limit: Duration, account: Option<&Account>) -> Result<Account, String> {
    let (sender, receiver) = mpsc::channel();
    let account = account.cloned();
    let looks = move || sender.send(ticket(account));
    if let Err(error) = thread::Builder::new().spawn(looks) {
        return Err(format!("no thread to look for it: {error}"));
    }
    receiver
        .recv_timeout(limit)
        .unwrap_or_else(|_| Err("the Kerberos library does not answer in time".into()))
}

fn ticket(account: Option<Account>) -> Result<Account, String> {
    let found = match account {
        None => Credentials::ticket(),
        Some(account) => {
            let credentials = Credentials::ticket_of(account);
            credentials.has_ticket().map(|()| credentials)
        }
    };
    match found {
        Ok(credentials) => Ok(credentials.account()),
        // Without the step, which every caller names in its own words.
        Err(error) => Err(error.detail()),
    }
}
