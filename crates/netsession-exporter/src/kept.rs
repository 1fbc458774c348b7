//! Connections that are kept between probes: a probe is then one round trip, without a log-on.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use netsession::{KeptClient, ServerName};

/// A connection without a probe for this long is closed: longer than any usual scrape interval, and shorter than the 15
/// minutes after which Windows closes idle sessions itself (`autodisconnect`).
const IDLE: Duration = Duration::from_secs(5 * 60);

/// The connections that no probe uses right now.
pub(crate) struct KeptConnections {
    idle: Mutex<IdleConnections>,
    /// Maximum of them. A further one is closed after its probe: to close another one instead would keep none long
    /// enough where there are more targets than connections.
    max: usize,
    idle_for: Duration,
}

#[derive(Default)]
struct IdleConnections {
    by_target: HashMap<ServerName, (KeptClient, Instant)>,
    /// Whether a task closes those without a probe.
    is_swept: bool,
    /// Whether they belong to a configuration that is no longer in force.
    is_closed: bool,
}

impl KeptConnections {
    pub(crate) fn new(max: usize) -> Arc<Self> {
        Self::with_idle(max, IDLE)
    }

    fn with_idle(max: usize, idle_for: Duration) -> Arc<Self> {
        Arc::new(Self { idle: Mutex::default(), max, idle_for })
    }

    /// Connections that no probe uses right now.
    pub(crate) fn count(&self) -> usize {
        self.lock().by_target.len()
    }

    /// The connection to a target, for one probe.
    pub(crate) fn take(&self, target: &ServerName) -> Option<KeptClient> {
        self.lock().by_target.remove(target).map(|(client, _)| client)
    }

    /// Keeps a connection after a probe, if there is room. Within a runtime.
    pub(crate) fn put(self: &Arc<Self>, target: &ServerName, client: KeptClient) {
        if !client.is_connected() {
            return;
        }
        let mut idle = self.lock();
        if idle.is_closed || idle.by_target.len() >= self.max && !idle.by_target.contains_key(target) {
            return;
        }
        let before = idle.by_target.insert(target.clone(), (client, Instant::now()));
        let is_swept = std::mem::replace(&mut idle.is_swept, true);
        drop(idle);
        // Closed without the lock.
        drop(before);
        if !is_swept {
            tokio::spawn(sweep(Arc::downgrade(self), self.idle_for));
        }
    }

    /// Closes all that no probe uses, and keeps none from now on: a probe that is running keeps its own until its end.
    pub(crate) fn close(&self) {
        let mut idle = self.lock();
        idle.is_closed = true;
        let connections = std::mem::take(&mut idle.by_target);
        drop(idle);
        // Closed without the lock.
        drop(connections);
    }

    /// Closes those without a probe for too long. Returns whether some are left.
    fn close_idle(&self, now: Instant) -> bool {
        let mut idle = self.lock();
        let is_old = |since: Instant| now.saturating_duration_since(since) >= self.idle_for;
        let old: Vec<_> = idle.by_target.extract_if(|_, (_, since)| is_old(*since)).collect();
        idle.is_swept = !idle.by_target.is_empty();
        let is_swept = idle.is_swept;
        drop(idle);
        for (target, (client, _)) in old {
            tracing::debug!(
                server = target.to_string(),
                "closing the connection: no probe for {:?}",
                self.idle_for
            );
            drop(client);
        }
        is_swept
    }

    fn lock(&self) -> MutexGuard<'_, IdleConnections> {
        // Nothing panics while the lock is held.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes old connections until there are none, or until the configuration that they belong to is gone.
async fn sweep(kept: Weak<KeptConnections>, idle_for: Duration) {
    loop {
        tokio::time::sleep(idle_for / 10).await;
        let Some(kept) = kept.upgrade() else { return };
        // RACE: that the task ends is decided under the lock under which a connection is put.
        if !kept.close_idle(Instant::now()) {
            return;
        }
    }
}

impl fmt::Debug for KeptConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptConnections").field("count", &self.count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use netsession::{Client, Credentials, Password, Sessions};
    use netsession_testserver::{Server, ServerHandle, scenario};

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(60);

    fn name(text: &str) -> ServerName {
        text.parse().unwrap()
    }

    async fn connected(address: &str) -> KeptClient {
        let who = Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!"));
        let mut client = KeptClient::new(Client::builder(address).credentials(who));
        client.ask(&Sessions::new(), TIMEOUT).await.unwrap();
        client
    }

    fn double() -> (String, ServerHandle) {
        let (address, server) = Server::start(scenario::shipped("windows").unwrap()).unwrap();
        (address.to_string(), server)
    }

    #[tokio::test]
    async fn at_most_as_many_as_allowed() {
        let (address, _server) = double();
        let kept = KeptConnections::new(1);
        kept.put(&name("fs1"), connected(&address).await);
        kept.put(&name("fs2"), connected(&address).await);
        assert_eq!(kept.count(), 1);
        assert!(kept.take(&name("fs2")).is_none());
        let client = kept.take(&name("fs1")).unwrap();
        assert!(kept.take(&name("fs1")).is_none(), "a probe has it");
        kept.put(&name("fs1"), client);
        kept.put(&name("fs1"), connected(&address).await);
        assert_eq!(kept.count(), 1);
        let mut closed = connected(&address).await;
        closed.close();
        assert!(kept.take(&name("fs1")).is_some());
        kept.put(&name("fs1"), closed);
        assert_eq!(kept.count(), 0, "there is no connection to keep");
    }

    #[tokio::test]
    async fn none_is_kept_once_closed() {
        let (address, _server) = double();
        let kept = KeptConnections::new(9);
        let of_a_probe = connected(&address).await;
        kept.put(&name("fs1"), connected(&address).await);
        kept.close();
        assert_eq!(kept.count(), 0);
        kept.put(&name("fs2"), of_a_probe);
        assert_eq!(kept.count(), 0, "it ends after a reload");
    }

    #[tokio::test]
    async fn closed_without_a_probe() {
        let (address, _server) = double();
        let kept = KeptConnections::with_idle(9, Duration::from_millis(50));
        // Once its task has ended, it begins again.
        for round in 0..2 {
            kept.put(&name("fs1"), connected(&address).await);
            let closed = async {
                while kept.count() > 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            let closed = tokio::time::timeout(Duration::from_secs(60), closed).await;
            assert!(closed.is_ok(), "{round}: it is kept without end");
        }
    }

    #[tokio::test]
    async fn one_with_a_probe_stays() {
        let (address, _server) = double();
        let kept = KeptConnections::new(9);
        kept.put(&name("fs1"), connected(&address).await);
        let now = Instant::now();
        assert!(kept.close_idle(now + IDLE / 2));
        assert_eq!(kept.count(), 1);
        assert!(!kept.close_idle(now + IDLE));
        assert_eq!(kept.count(), 0);
    }
}
