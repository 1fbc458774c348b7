//! Log-on with Kerberos, by the system's own library: its caches, its configuration, its keytabs.
//!
//! The library is loaded when it is needed, so that the program starts on a system without it. Everything that
//! may contact a domain controller (KDC) runs on a thread of its own, which is never joined.

#[cfg(all(unix, feature = "kerberos"))]
mod cached;
mod opened;
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
mod system;

#[cfg(not(all(unix, feature = "kerberos")))]
mod absent;
#[cfg(not(all(unix, feature = "kerberos")))]
use absent as system;

pub(crate) use opened::Opened;
pub use policy::Kerberos;
pub(crate) use source::{CachedCredential, Source};
pub(crate) use system::{has_ticket, ticket_principal};

use std::thread;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};

use crate::oneshot::{self, Receiver};

/// Gets a ticket for the file service of `host`, on a thread of its own.
pub(crate) fn open(source: Source, host: String) -> Receiver<Result<Opened, KerberosError>> {
    let (sender, receiver) = oneshot::channel();
    let work = move || sender.send(system::open(&source, &host));
    // Without a thread the sender is dropped, which closes the channel.
    if let Err(error) = thread::Builder::new().name("netsession-kerberos".into()).spawn(work) {
        tracing::debug!(%error, "no thread for Kerberos");
    }
    receiver
}

/// The error where the channel of [`open`] is closed: the thread did not start, or it died.
pub(crate) fn no_thread() -> KerberosError {
    KerberosError { cause: KerberosCause::Other, details: "no thread to ask it on".to_owned() }
}
