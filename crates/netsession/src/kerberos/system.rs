//! Tickets, by the system's library.

use std::sync::Arc;

use netsession_proto::auth::AuthError;
use netsession_proto::auth::Authenticator as _;
use netsession_proto::auth::TokenStage;
use netsession_proto::auth::kerberos::{KerberosAuthenticator, KerberosCause, KerberosError};
use secrecy::ExposeSecret as _;

use super::gss::{Context, Credential, Name};
use super::principal::{is_of, principal_of};
use super::{Opened, Source};
use crate::Account;

/// Whose tickets the user's default cache has. Asks no domain controller.
pub(crate) fn ticket_principal() -> Result<String, KerberosError> {
    Ok(Credential::from_cache(None)?.inquire()?.0)
}

/// Whether the user's caches have a ticket of this account that is still good. Asks no domain controller.
pub(crate) fn has_ticket(account: &Account) -> Result<(), KerberosError> {
    of_cache(account, false).map(|_| ())
}

/// Gets a ticket and makes the first token. Waits for domain controllers as long as the system's
/// configuration lets it.
pub(super) fn open(source: &Source, host: &str) -> Result<Opened, KerberosError> {
    let (credential, principal) = match source {
        Source::Cache { account, bare } => of_cache(account, *bare)?,
        Source::Keytab { account, path, kept } => kept
            .get_or(|| {
                let name =
                    Name::principal(&principal_of(account).unwrap_or_else(|| account.user().to_owned()))?;
                Credential::from_keytab(&name, path)
            })
            .map_err(of_keytab)?,
        Source::Password { account, password, kept } => kept.get_or(|| {
            let name = Name::principal(&principal_of(account).unwrap_or_else(|| account.user().to_owned()))?;
            Credential::from_password(&name, password.expose_secret())
        })?,
    };
    let mut authenticator = KerberosAuthenticator::new(Context::new(credential, Name::file_service(host)?));
    match authenticator.step(TokenStage::Initial, &[]) {
        Ok(token) => Ok(Opened { authenticator: Box::new(authenticator), token, principal }),
        Err(AuthError::Kerberos(error)) => Err(error),
        Err(error) => Err(KerberosError { cause: KerberosCause::Other, details: error.to_string() }),
    }
}

/// A keytab without the key gives no ticket, and without the file an error of the system.
fn of_keytab(error: KerberosError) -> KerberosError {
    match error.cause {
        KerberosCause::NoTicket | KerberosCause::Other => {
            KerberosError { cause: KerberosCause::NoKey, ..error }
        }
        _ => error,
    }
}

/// The tickets of this account, wherever in the user's caches they are.
///
/// The default ones first: Heimdal 7.8 crashes when it looks for a name in a collection of files (DIR).
fn of_cache(account: &Account, bare: bool) -> Result<(Arc<Credential>, String), KerberosError> {
    let default = tickets(None);
    if let Ok((credential, principal)) = &default
        && is_of(account, principal, bare)
    {
        return Ok((Arc::clone(credential), principal.clone()));
    }
    if let Some(principal) = principal_of(account) {
        // Finds it in a collection (DIR, KCM, KEYRING) where it is not the default one.
        match Name::principal(&principal).and_then(|name| tickets(Some(&name))) {
            Ok(found) => return Ok(found),
            Err(error) if error.cause == KerberosCause::Expired => return Err(error),
            Err(error) => tracing::trace!(%error, "no ticket by name"),
        }
    }
    let (_, principal) = default?;
    Err(KerberosError::new(KerberosCause::OtherPrincipal(principal)))
}

/// Those of this principal or the default ones, and whose they are.
fn tickets(principal: Option<&Name>) -> Result<(Arc<Credential>, String), KerberosError> {
    let credential = Credential::from_cache(principal)?;
    let (principal, _) = credential.inquire()?;
    Ok((Arc::new(credential), principal))
}
