//! A build without Kerberos.

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};

use super::opened::Opened;
use super::source::Source;
use crate::Account;
use crate::service_principal::ServicePrincipal;

pub(crate) fn ticket_principal() -> Result<String, KerberosError> {
    Err(not_built())
}

pub(crate) fn has_ticket(_: &Account) -> Result<(), KerberosError> {
    Err(not_built())
}

/// There is none.
#[derive(Clone)]
pub(super) enum Acquired {}

impl Acquired {
    pub(super) fn was_asked(&self) -> bool {
        match *self {}
    }
}

pub(super) fn acquire(_: &Source) -> Result<Acquired, KerberosError> {
    Err(not_built())
}

pub(super) fn open(acquired: Acquired, _: &ServicePrincipal) -> Result<Opened, KerberosError> {
    match acquired {}
}

fn not_built() -> KerberosError {
    KerberosError { cause: KerberosCause::NoLibrary, details: "Kerberos is not in this build".to_owned() }
}
