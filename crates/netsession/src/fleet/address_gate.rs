use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limits the connections to each IP address. Holds only addresses with a connection or a waiting server.
#[derive(Debug)]
pub(super) struct AddressGate {
    most: usize,
    addresses: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
}

impl AddressGate {
    pub(super) fn new(most: usize) -> Self {
        Self { most, addresses: Mutex::default() }
    }

    /// A place, if there is one now.
    pub(super) fn try_enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let permit = self.places_at(address).try_acquire_owned().ok()?;
        Some(self.place(address, permit))
    }

    /// A place, when there is one. In the order of asking.
    pub(super) async fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        // The semaphore is never closed.
        let permit = self.places_at(address).acquire_owned().await.ok()?;
        Some(self.place(address, permit))
    }

    fn places_at(&self, address: IpAddr) -> Arc<Semaphore> {
        let new = || Arc::new(Semaphore::new(self.most));
        Arc::clone(self.lock().entry(address).or_insert_with(new))
    }

    fn place(self: &Arc<Self>, address: IpAddr, permit: OwnedSemaphorePermit) -> Place {
        Place { gate: Arc::clone(self), address, permit: Some(permit) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Arc<Semaphore>>> {
        // Nothing panics while the lock is held.
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place at an address, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    gate: Arc<AddressGate>,
    address: IpAddr,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut addresses = self.gate.lock();
        self.permit = None;
        // RACE: a holder or waiter has a clone of the semaphore, and new ones are made only under this lock.
        if addresses.get(&self.address).is_some_and(|places| Arc::strong_count(places) == 1) {
            addresses.remove(&self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const SECOND: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    #[tokio::test]
    async fn address_gate_keeps_its_limit_and_forgets_idle_addresses() {
        let gate = Arc::new(AddressGate::new(2));
        let (first, second) = (gate.try_enter(FIRST).unwrap(), gate.try_enter(FIRST).unwrap());
        assert!(gate.try_enter(FIRST).is_none());
        let other = gate.try_enter(SECOND).unwrap();
        let waiting = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.enter(FIRST).await.unwrap() }
        });
        tokio::task::yield_now().await;
        drop(first);
        let third = waiting.await.unwrap();
        assert!(gate.try_enter(FIRST).is_none(), "the freed place is taken");
        drop((second, third, other));
        assert!(gate.lock().is_empty());
    }
}
