use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::address_gate::{AddressGate, Place};

/// A server's permission to be asked: one of so many turns, and from a moment on a place at its address.
pub(super) struct Turn {
    permit: Option<OwnedSemaphorePermit>,
    turns: Arc<Semaphore>,
    gate: Arc<AddressGate>,
    place: Option<Place>,
}

impl Turn {
    pub(super) fn new(
        permit: Option<OwnedSemaphorePermit>,
        turns: Arc<Semaphore>,
        gate: Arc<AddressGate>,
    ) -> Self {
        Self { permit, turns, gate, place: None }
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
        self.permit = Arc::clone(&self.turns).acquire_owned().await.ok();
    }
}
