use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use netsession_proto::auth::kerberos::KerberosError;

use super::gss::Credential;

/// A ticket is requested again this long before it expires.
const MARGIN: Duration = Duration::from_secs(60);

/// The ticket that a password or a key has got from the domain controller, which is asked once for all servers.
#[derive(Default)]
pub(crate) struct CachedCredential(Mutex<Option<Valid>>);

struct Valid {
    credential: Arc<Credential>,
    principal: String,
    until: Instant,
}

impl CachedCredential {
    /// The credential, if it is valid, else what `acquire` gets, for which other threads wait; and whether `acquire` was
    /// called.
    pub(super) fn get_or(
        &self,
        acquire: impl FnOnce() -> Result<Credential, KerberosError>,
    ) -> Result<((Arc<Credential>, String), bool), KerberosError> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(valid) = slot.as_ref().filter(|valid| Instant::now() < valid.until) {
            return Ok(((Arc::clone(&valid.credential), valid.principal.clone()), false));
        }
        let credential = Arc::new(acquire()?);
        let (principal, seconds) = credential.inquire()?;
        let lifetime = Duration::from_secs(seconds.into()).saturating_sub(MARGIN);
        if let Some(until) = Instant::now().checked_add(lifetime) {
            *slot = Some(Valid { credential: Arc::clone(&credential), principal: principal.clone(), until });
        }
        Ok(((credential, principal), true))
    }
}

impl fmt::Debug for CachedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CachedCredential")
    }
}
