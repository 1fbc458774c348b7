//! Tickets, by the system's library.

use std::sync::Arc;

use netsession_proto::auth::kerberos::{KerberosAuthenticator, KerberosCause, KerberosError};
use netsession_proto::auth::{AuthError, Authenticator as _, TokenStage};

use super::gss::{Context, Credential, Name};
use super::opened::Opened;
use super::principal::{is_owner, principal_name};
use super::source::Source;
use crate::Account;
use crate::service_principal::ServicePrincipal;

/// The owner of the tickets in the user's default cache. Contacts no domain controller.
pub(crate) fn ticket_principal() -> Result<String, KerberosError> {
    Ok(Credential::from_cache(None)?.inquire()?.0)
}

/// Whether the user's caches have a ticket of this account that has not expired. Contacts no domain controller.
pub(crate) fn has_ticket(account: &Account) -> Result<(), KerberosError> {
    cached_tickets(account, false).map(|_| ())
}

/// What tickets are asked for with, and its owner.
#[derive(Clone)]
pub(super) struct Acquired {
    credential: Arc<Credential>,
    principal: String,
    was_asked: bool,
}

impl Acquired {
    /// A domain controller was asked for it now, so that the secret is right at this moment.
    pub(super) fn was_asked(&self) -> bool {
        self.was_asked
    }
}

/// Gets the credential. Waits for domain controllers as long as the system's configuration lets it.
pub(super) fn acquire(source: &Source) -> Result<Acquired, KerberosError> {
    let name = |account: &Account| {
        Name::principal(&principal_name(account).unwrap_or_else(|| account.user().to_owned()))
    };
    let ((credential, principal), was_asked) = match source {
        Source::Cache { account, bare } => (cached_tickets(account, *bare)?, false),
        Source::Keytab { account, path, cached } => {
            cached.get_or(|| Credential::from_keytab(&name(account)?, path)).map_err(as_keytab_error)?
        }
        Source::Password { account, password, cached } => {
            cached.get_or(|| Credential::from_password(&name(account)?, password.expose()))?
        }
    };
    Ok(Acquired { credential, principal, was_asked })
}

/// Gets a ticket for the service and makes the first token. Waits as [`acquire`] does.
pub(super) fn open(acquired: Acquired, service: &ServicePrincipal) -> Result<Opened, KerberosError> {
    let Acquired { credential, principal, .. } = acquired;
    // A principal, not a host-based service: the library would send that through DNS, where an attacker in between can
    // put the name of a server of his own.
    let name = Name::principal(&service.principal())?;
    let mut authenticator = KerberosAuthenticator::new(Context::new(credential, name));
    match authenticator.step(TokenStage::Initial, &[]) {
        Ok(token) => Ok(Opened { authenticator: Box::new(authenticator), token, principal }),
        Err(AuthError::Kerberos(error)) => Err(error),
        Err(error) => Err(KerberosError { cause: KerberosCause::Other, details: error.to_string() }),
    }
}

/// For a keytab without the key the library reports no ticket, and for a missing file an error of the system.
fn as_keytab_error(error: KerberosError) -> KerberosError {
    match error.cause {
        KerberosCause::NoTicket | KerberosCause::Other => {
            KerberosError { cause: KerberosCause::NoKey, ..error }
        }
        KerberosCause::Protocol(_)
        | KerberosCause::NoLibrary
        | KerberosCause::OtherPrincipal(_)
        | KerberosCause::Expired
        | KerberosCause::KdcUnreachable
        | KerberosCause::UnknownRealm
        | KerberosCause::NoKey
        | KerberosCause::Address
        | KerberosCause::BadName
        | KerberosCause::NotMutual
        | KerberosCause::NotTaken
        | KerberosCause::TimedOut => error,
    }
}

/// The tickets of this account, in any of the user's caches.
///
/// The default cache first: Heimdal 7.8 crashes when it looks for a name in a collection of files (DIR).
fn cached_tickets(account: &Account, bare: bool) -> Result<(Arc<Credential>, String), KerberosError> {
    let default = tickets(None);
    if let Ok((credential, principal)) = &default
        && is_owner(account, principal, bare)
    {
        return Ok((Arc::clone(credential), principal.clone()));
    }
    if let Some(principal) = principal_name(account) {
        // Finds it in a collection (DIR, KCM, KEYRING) whose default cache is another one.
        match Name::principal(&principal).and_then(|name| tickets(Some(&name))) {
            Ok(found) => return Ok(found),
            Err(error) if error.cause == KerberosCause::Expired => return Err(error),
            Err(error) => tracing::trace!(%error, "no ticket by name"),
        }
    }
    let (_, principal) = default?;
    Err(KerberosError::new(KerberosCause::OtherPrincipal(principal)))
}

/// The tickets of this principal or the default ones, and their owner.
fn tickets(principal: Option<&Name>) -> Result<(Arc<Credential>, String), KerberosError> {
    let credential = Credential::from_cache(principal)?;
    let (principal, _) = credential.inquire()?;
    Ok((Arc::new(credential), principal))
}
