//! Tickets, by the system's library.

use std::sync::Arc;

use netsession_proto::auth::AuthError;
use netsession_proto::auth::Authenticator as _;
use netsession_proto::auth::kerberos::{KerberosAuthenticator, KerberosCause, KerberosError};
use netsession_proto::client::TokenStage;
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
fn of_cache(account: &Account, bare: bool) -> Result<(Arc<Credential>, String), KerberosError> {
    if let Some(principal) = principal_of(account) {
        // Finds it in a collection (DIR, KCM, KEYRING) also where it is not the default one.
        let named = Name::principal(&principal).and_then(|name| Credential::from_cache(Some(&name)));
        match named.and_then(|credential| Ok((credential.inquire()?, credential))) {
            Ok(((principal, _), credential)) => return Ok((Arc::new(credential), principal)),
            Err(error) if error.cause == KerberosCause::Expired => return Err(error),
            Err(error) => tracing::trace!(%error, "no ticket by name"),
        }
    }
    let credential = Credential::from_cache(None)?;
    let (principal, _) = credential.inquire()?;
    if is_of(account, &principal, bare) {
        Ok((Arc::new(credential), principal))
    } else {
        Err(KerberosError::new(KerberosCause::OtherPrincipal(principal)))
    }
}
