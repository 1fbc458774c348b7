//! DNS names of client addresses, for `--resolve`.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout_at};

/// Maximum lookups at the same time. The system's resolver needs a thread for each.
const THREADS: usize = 32;

/// Looks up each address once in a run, even if several servers show it.
///
/// The threads are detached: one that is stuck in the resolver holds up neither an answer nor the end of the
/// program.
pub(super) struct ReverseDns {
    lookups: Mutex<HashMap<IpAddr, watch::Receiver<Lookup>>>,
    threads: Arc<Semaphore>,
    reverse: fn(IpAddr) -> Option<String>,
}

#[derive(Debug, Clone)]
enum Lookup {
    Pending,
    Done(Option<String>),
}

impl ReverseDns {
    /// With the system's resolver.
    pub(super) fn new() -> Self {
        Self::with_lookup(|address| dns_lookup::lookup_addr(&address).ok())
    }

    fn with_lookup(reverse: fn(IpAddr) -> Option<String>) -> Self {
        Self { lookups: Mutex::default(), threads: Arc::new(Semaphore::new(THREADS)), reverse }
    }

    /// The names of the clients that have one and are found before the deadline.
    pub(super) async fn names(
        &self,
        addresses: HashSet<IpAddr>,
        deadline: Instant,
    ) -> HashMap<IpAddr, String> {
        let lookups: Vec<_> = addresses.into_iter().map(|address| (address, self.lookup(address))).collect();
        let mut names = HashMap::new();
        for (address, mut lookup) in lookups {
            let done = lookup.wait_for(|lookup| matches!(lookup, Lookup::Done(_)));
            if let Ok(Ok(lookup)) = timeout_at(deadline, done).await
                && let Lookup::Done(Some(name)) = &*lookup
            {
                names.insert(address, name.clone());
            }
        }
        names
    }

    fn lookup(&self, address: IpAddr) -> watch::Receiver<Lookup> {
        let mut lookups = self.lookups.lock().unwrap_or_else(PoisonError::into_inner);
        lookups.entry(address).or_insert_with(|| self.start(address)).clone()
    }

    fn start(&self, address: IpAddr) -> watch::Receiver<Lookup> {
        let (sender, receiver) = watch::channel(Lookup::Pending);
        let (threads, reverse) = (Arc::clone(&self.threads), self.reverse);
        tokio::spawn(async move {
            // The semaphore is never closed.
            let permit = threads.acquire_owned().await;
            let work = move || {
                sender.send_replace(Lookup::Done(reverse(address)));
                drop(permit);
            };
            // If no thread can be started, the sender is dropped and the address has no name.
            let _ =
                thread::Builder::new().name(format!("reverse {address}")).stack_size(256 << 10).spawn(work);
        });
        receiver
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn addresses(texts: &[&str]) -> HashSet<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn each_address_once() {
        static LOOKUPS: AtomicUsize = AtomicUsize::new(0);
        let resolver = ReverseDns::with_lookup(|address| {
            LOOKUPS.fetch_add(1, Ordering::Relaxed);
            (address != IpAddr::from([10, 0, 0, 2])).then(|| format!("host-{address}"))
        });
        let first = addresses(&["10.0.0.1", "10.0.0.2", "fe80::1"]);
        let names = resolver.names(first, soon()).await;
        assert_eq!(names.len(), 2);
        assert_eq!(names[&IpAddr::from([10, 0, 0, 1])], "host-10.0.0.1");
        assert_eq!(names[&"fe80::1".parse::<IpAddr>().unwrap()], "host-fe80::1");

        let second = addresses(&["10.0.0.1", "10.0.0.2"]);
        assert_eq!(resolver.names(second, soon()).await.len(), 1);
        assert_eq!(LOOKUPS.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_stuck_lookup_delays_neither_the_others_nor_the_end() {
        static IS_STUCK: AtomicBool = AtomicBool::new(false);
        let resolver = ReverseDns::with_lookup(|address| {
            if address == IpAddr::from([10, 0, 0, 66]) {
                IS_STUCK.store(true, Ordering::Relaxed);
                thread::sleep(Duration::from_secs(3600));
            }
            Some("name".into())
        });
        let begin = Instant::now();
        let shortly = || Instant::now() + Duration::from_millis(100);
        assert!(resolver.names(addresses(&["10.0.0.66"]), shortly()).await.is_empty());
        while !IS_STUCK.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(resolver.names(addresses(&["10.0.0.1", "10.0.0.2"]), soon()).await.len(), 2);
        // Also where the stuck one is waited for first, up to the deadline.
        let all = addresses(&["10.0.0.66", "10.0.0.1", "10.0.0.2"]);
        assert_eq!(resolver.names(all, shortly()).await.len(), 2);
        assert!(begin.elapsed() < Duration::from_secs(60));
    }

    #[tokio::test]
    async fn more_addresses_than_threads() {
        let resolver = ReverseDns::with_lookup(|address| Some(address.to_string()));
        let addresses = (0..=255).map(|last| IpAddr::from([10, 0, 0, last])).collect();
        assert_eq!(resolver.names(addresses, soon()).await.len(), 256);
    }
}
