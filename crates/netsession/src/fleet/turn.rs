use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use super::address_gate::{AddressGate, Place};

/// How long what cannot be ended may hold a turn: as long as glibc asks three name servers that say nothing.
const LONGEST_HOLD: Duration = Duration::from_secs(30);

/// A server's permission to be asked: one of so many turns, and from a moment on a place at its address.
pub(super) struct Turn {
    permit: Option<Permit>,
    turns: Arc<Semaphore>,
    gate: Arc<AddressGate>,
    place: Option<Place>,
}

/// A turn, until the last who has it is gone or it is taken away.
#[derive(Debug, Clone)]
pub(super) struct Permit(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Turn {
    pub(super) fn new(
        permit: Option<OwnedSemaphorePermit>,
        turns: Arc<Semaphore>,
        gate: Arc<AddressGate>,
    ) -> Self {
        Self { permit: Some(Permit::new(permit)), turns, gate, place: None }
    }

    /// The same turn, for what may outlive this server's deadline.
    pub(super) fn permit(&self) -> Option<Permit> {
        self.permit.clone()
    }

    /// Goes to this address. Where it is busy, others go while this one waits.
    pub(super) async fn go_to(&mut self, address: IpAddr) {
        let place = self.gate.try_enter(address);
        if place.is_some() {
            self.place = place;
            return;
        }
        self.permit = None;
        self.place = self.gate.enter(address).await;
        // The semaphore is never closed.
        self.permit = Some(Permit::new(Arc::clone(&self.turns).acquire_owned().await.ok()));
    }
}

impl Permit {
    fn new(permit: Option<OwnedSemaphorePermit>) -> Self {
        Self(Arc::new(Mutex::new(permit)))
    }

    /// Whoever else has it has it so long at most. Within a runtime.
    pub(super) fn take_away_in_time(&self) {
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
