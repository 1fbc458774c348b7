//! Log-on with Kerberos, by the system's own library: its caches, its configuration, its keytabs.
//!
//! The library is loaded when it is needed, so that the program starts where there is none. Everything that
//! may ask a domain controller (KDC) runs on a thread of its own, which nobody waits for.

mod policy;
#[cfg_attr(
    not(all(unix, feature = "kerberos")),
    allow(dead_code, reason = "a build without Kerberos compares no principals")
)]
mod principal;
#[cfg_attr(not(all(unix, feature = "kerberos")), allow(dead_code, reason = "as above"))]
mod source;

#[cfg(all(unix, feature = "kerberos"))]
#[expect(unsafe_code, reason = "functions of a C library; nothing else in this crate needs it")]
mod gss;
#[cfg(all(unix, feature = "kerberos"))]
mod kept;
#[cfg(all(unix, feature = "kerberos"))]
mod system;

#[cfg(not(all(unix, feature = "kerberos")))]
mod absent;
#[cfg(not(all(unix, feature = "kerberos")))]
use absent as system;

pub use policy::Kerberos;
pub(crate) use principal::realm_of;
pub(crate) use source::{Kept, Source};
pub(crate) use system::{has_ticket, ticket_principal};

use std::thread;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};
use netsession_proto::auth::{Authenticator, Token};

use crate::handover::{Taker, handover};

/// An exchange that has its first token.
pub(crate) struct Opened {
    pub(crate) authenticator: Box<dyn Authenticator>,
    pub(crate) token: Token,
    /// Whose ticket it is.
    pub(crate) principal: String,
}

/// Gets a ticket for the file service of `host`, on a thread of its own.
pub(crate) fn open(source: Source, host: String) -> Taker<Result<Opened, KerberosError>> {
    let (giver, taker) = handover();
    let work = move || giver.give(system::open(&source, &host));
    // Without a thread the giver is dropped, and the taker is told.
    if let Err(error) = thread::Builder::new().name("netsession-kerberos".into()).spawn(work) {
        tracing::debug!(%error, "no thread for Kerberos");
    }
    taker
}

/// What a thread that did not start or that died leaves behind.
pub(crate) fn no_thread() -> KerberosError {
    KerberosError { cause: KerberosCause::Other, details: "no thread to ask it on".to_owned() }
}
