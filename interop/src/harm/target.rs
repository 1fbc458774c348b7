//! The servers, accounts and modes of the connections.

use std::fmt::Write as _;
use std::net::SocketAddr;

use anyhow::Result;
use netsession::{Account, Dialect, Encryption, Level};
use netsession_testserver::Scenario;

use crate::account;
use crate::samba::Samba;

const PASSWORD: &str = "Harm-Passw0rd";
/// Enough for an answer of several fragments.
const SESSIONS: usize = 80;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The double.
    Double,
    /// A private Samba.
    Samba,
}

/// A server, and what it must say.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) which: Which,
    pub(super) address: SocketAddr,
    pub(super) level: Level,
}

/// A dialect, and whether the session is encrypted or signed.
pub(super) type Mode = (Dialect, Encryption);

pub(super) const MODES: [Mode; 8] = [
    (Dialect::Smb202, Encryption::Off),
    (Dialect::Smb210, Encryption::Off),
    (Dialect::Smb300, Encryption::Off),
    (Dialect::Smb300, Encryption::Required),
    (Dialect::Smb302, Encryption::Off),
    (Dialect::Smb302, Encryption::Required),
    (Dialect::Smb311, Encryption::Off),
    (Dialect::Smb311, Encryption::Required),
];

/// A task that connects again and again, with an account of its own: the guard blocks an account after a forged
/// refusal, and the other accounts must not suffer.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) account: account::Account,
}

impl Worker {
    pub(super) fn some(count: usize) -> Vec<Self> {
        let name = |number| -> &'static str { Box::leak(format!("harm{number}").into_boxed_str()) };
        (0..count)
            .map(|number| Self { account: account::Account { name: name(number), password: PASSWORD } })
            .collect()
    }

    pub(super) fn guarded(&self) -> Account {
        Account::new(self.account.name).in_domain("LAB")
    }
}

impl Target {
    pub(super) fn double(address: SocketAddr) -> Self {
        Self { which: Which::Double, address, level: Level::L502 }
    }

    pub(super) fn samba(address: SocketAddr) -> Self {
        Self { which: Which::Samba, address, level: Level::L1 }
    }

    /// Whether this is what the server has, as far as that is known.
    pub(super) fn has(&self, worker: &Worker, listing: &netsession::Listing) -> bool {
        match self.which {
            Which::Double => {
                listing.len() == SESSIONS
                    && listing.iter().enumerate().all(|(number, session)| {
                        session.client() == format!("10.1.0.{number}")
                            && session.user() == Some(format!("user{number}").as_str())
                            && session.opens() == Some(7)
                    })
            }
            // Sessions of the other workers come and go.
            Which::Samba => listing.iter().any(|session| session.user() == Some(worker.account.name)),
        }
    }
}

pub(super) fn scenario(workers: &[Worker]) -> Result<Scenario> {
    let mut text = String::from("[smb]\nsigning-required = true\n");
    for worker in workers {
        let account::Account { name, password } = worker.account;
        write!(text, "[[user]]\nname = \"{name}\"\npassword = \"{password}\"\nadministrator = true\n")?;
    }
    write!(
        text,
        "[[session]]\nclient = \"10.1.0.{{n}}\"\nuser = \"user{{n}}\"\nopens = 7\nrepeat = {SESSIONS}\n"
    )?;
    Ok(text.parse()?)
}

pub(super) fn samba(workers: &[Worker]) -> Result<Samba> {
    let builder = workers
        .iter()
        .fold(Samba::builder(), |builder, worker| {
            builder.user(worker.account).administrator(worker.account.name)
        })
        .global("max smbd processes = 500");
    let samba = builder.start()?;
    samba.warm_up()?;
    Ok(samba)
}
