use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use netsession_proto::auth::kerberos::KerberosError;

use super::gss::Credential;

/// A ticket that is about to expire is asked for anew.
const MARGIN: Duration = Duration::from_secs(60);

/// What a password or a key has got from the domain controller, so that it is asked once for all servers.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<Good>>);

struct Good {
    credential: Arc<Credential>,
    principal: String,
    until: Instant,
}

impl Kept {
    /// What there is, if it is good, else what `acquire` gets. Whoever comes in the meantime waits for that.
    pub(super) fn get_or(
        &self,
        acquire: impl FnOnce() -> Result<Credential, KerberosError>,
    ) -> Result<(Arc<Credential>, String), KerberosError> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(good) = place.as_ref().filter(|good| Instant::now() < good.until) {
            return Ok((Arc::clone(&good.credential), good.principal.clone()));
        }
        let credential = Arc::new(acquire()?);
        let (principal, seconds) = credential.inquire()?;
        let lifetime = Duration::from_secs(seconds.into()).saturating_sub(MARGIN);
        if let Some(until) = Instant::now().checked_add(lifetime) {
            *place = Some(Good { credential: Arc::clone(&credential), principal: principal.clone(), until });
        }
        Ok((credential, principal))
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}
