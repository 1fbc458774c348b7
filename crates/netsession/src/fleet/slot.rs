use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use super::address_gate::{AddressGate, Place};
use crate::admission::Admission;
use crate::error::ResolveError;
use crate::resolve::Resolve;

/// How long a thread that cannot be ended may hold a permit: as long as glibc asks three name servers that say
/// nothing.
const LONGEST_HOLD: Duration = Duration::from_secs(30);

/// The permission to query a server: one of a limited number of permits and, once connected, a place at its address.
pub(super) struct Slot {
    permit: Option<Permit>,
    permits: Arc<Semaphore>,
    gate: Arc<AddressGate>,
    place: Option<Place>,
}

/// A permit, until the last holder is gone or it is taken away.
#[derive(Debug, Clone)]
struct Permit(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Slot {
    pub(super) fn new(
        permit: Option<OwnedSemaphorePermit>,
        permits: Arc<Semaphore>,
        gate: Arc<AddressGate>,
    ) -> Self {
        Self { permit: Some(Permit::new(permit)), permits, gate, place: None }
    }
}

impl Admission for Slot {
    fn resolver(&self, set: &Arc<dyn Resolve>) -> Arc<dyn Resolve> {
        match &self.permit {
            Some(permit) => Arc::new(CountedResolver { resolver: Arc::clone(set), _permit: permit.clone() }),
            None => Arc::clone(set),
        }
    }

    fn resolved(&self, is_ok: bool) {
        if let Some(permit) = self.permit.as_ref().filter(|_| !is_ok) {
            permit.take_away_in_time();
        }
    }

    /// Where the address is busy, the permit goes to others while this server waits: one slow address does not
    /// hold up all servers.
    async fn enter(&mut self, address: IpAddr) -> Duration {
        let begun = Instant::now();
        let place = self.gate.try_enter(address);
        if place.is_some() {
            self.place = place;
            return Duration::ZERO;
        }
        self.permit = None;
        self.place = self.gate.enter(address).await;
        // The semaphore is never closed.
        self.permit = Some(Permit::new(Arc::clone(&self.permits).acquire_owned().await.ok()));
        begun.elapsed()
    }
}

impl Permit {
    fn new(permit: Option<OwnedSemaphorePermit>) -> Self {
        Self(Arc::new(Mutex::new(permit)))
    }

    /// Other holders keep it for [`LONGEST_HOLD`] at most. Within a runtime.
    fn take_away_in_time(&self) {
        let permit = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            sleep(LONGEST_HOLD).await;
            if let Some(permit) = permit.upgrade() {
                // Nothing panics while the lock is held.
                permit.lock().unwrap_or_else(PoisonError::into_inner).take();
            }
        });
    }
}

/// A resolver whose thread counts as a server that is asked, for as long as it takes: it cannot be ended, and
/// with name servers that are gone there would otherwise be more threads, and more descriptors of theirs, than
/// servers may be asked at once.
#[derive(Debug)]
struct CountedResolver {
    resolver: Arc<dyn Resolve>,
    /// Given back when the last of the task and the thread has dropped this.
    _permit: Permit,
}

impl Resolve for CountedResolver {
    fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        self.resolver.resolve(host, port)
    }
}
