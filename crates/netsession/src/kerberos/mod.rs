//! Log-on with Kerberos, by the system's own library: its caches, its configuration, its keytabs.
//!
//! The library is loaded when it is needed, so that the program starts on a system without it. Everything that
//! may contact a domain controller (KDC) runs on a thread of its own, which is never joined.

mod acquisition;
#[cfg(all(unix, feature = "kerberos"))]
mod cached;
mod kdc_result;
mod opened;
#[cfg_attr(
    not(all(unix, feature = "kerberos")),
    allow(dead_code, reason = "a build without Kerberos compares no principals")
)]
mod principal;
#[cfg_attr(not(all(unix, feature = "kerberos")), allow(dead_code, reason = "as above"))]
mod source;
mod workers;

#[cfg(all(unix, feature = "kerberos"))]
#[expect(unsafe_code, reason = "functions of a C library; nothing else in this crate needs it")]
mod gss;
#[cfg(all(unix, feature = "kerberos"))]
mod system;

#[cfg(not(all(unix, feature = "kerberos")))]
mod absent;
#[cfg(not(all(unix, feature = "kerberos")))]
use absent as system;

pub(crate) use kdc_result::{Heard, KdcResult, TicketError};
pub(crate) use opened::Opened;
pub(crate) use source::{CachedCredential, Source};
pub(crate) use system::{has_ticket, ticket_principal};

use crate::error::LocalError;
use crate::oneshot::{self, Receiver};
use crate::service_principal::ServicePrincipal;
use acquisition::Waiter;

/// Gets a ticket for this service.
///
/// The number of threads is limited, and log-ons that want the same credential at the same time share one request for
/// it; each of them has its `heard` called.
pub(crate) fn open(
    source: Source,
    service: ServicePrincipal,
    heard: Option<Heard>,
) -> Receiver<Result<Opened, TicketError>> {
    let (sender, receiver) = oneshot::channel();
    acquisition::join(source, Waiter { service, heard, sender });
    receiver
}

/// The cause where the channel of [`open`] is closed: the thread did not start, or it died.
pub(crate) fn no_thread() -> LocalError {
    LocalError::NoThread { purpose: "for Kerberos", error: "none can be started, or it died".to_owned() }
}
