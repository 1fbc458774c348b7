use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::error::{Attempt, Cause, ConnectFailure, Error, LocalError, Step};

/// Time between the starts of two attempts (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// The order and the time of the attempts. The first address that connects wins.
#[derive(Debug)]
pub(super) struct Race {
    waiting: VecDeque<SocketAddr>,
    tried: Vec<Attempt>,
    next_start: Instant,
    deadline: Instant,
    local: Option<LocalError>,
}

impl Race {
    pub(super) fn new(addresses: Vec<SocketAddr>, now: Instant, deadline: Instant) -> Self {
        Self { waiting: interleaved(addresses), tried: Vec::new(), next_start: now, deadline, local: None }
    }

    /// The address to try now, along with those under way.
    pub(super) fn start(&mut self, now: Instant) -> Option<SocketAddr> {
        if now < self.next_start || now >= self.deadline {
            return None;
        }
        let address = self.waiting.pop_front()?;
        tracing::debug!(%address, "connecting");
        self.tried.push(Attempt { address, failure: None });
        self.next_start = now.checked_add(STAGGER).unwrap_or(now);
        Some(address)
    }

    /// An attempt failed: the next one starts at once.
    pub(super) fn failed(&mut self, address: SocketAddr, error: &io::Error, now: Instant) {
        tracing::debug!(%address, %error, "connect failed");
        if let Some(local) = LocalError::from_io(error) {
            self.local = Some(local);
        }
        for attempt in self.tried.iter_mut().filter(|attempt| attempt.address == address) {
            attempt.failure = Some(ConnectFailure::from(error));
        }
        self.next_start = now;
    }

    /// When to call [`start`](Self::start) again, if nothing else happens before.
    pub(super) fn wait_until(&self) -> Instant {
        if self.waiting.is_empty() { self.deadline } else { self.deadline.min(self.next_start) }
    }

    /// The error, once no attempt can succeed any more.
    pub(super) fn lost(&mut self, now: Instant) -> Option<Error> {
        let exhausted = self.waiting.is_empty() && self.tried.iter().all(|attempt| attempt.failure.is_some());
        let cause = if exhausted {
            match self.local.take() {
                Some(local) => Cause::Local(local),
                None => Cause::Connect(std::mem::take(&mut self.tried)),
            }
        } else if now >= self.deadline {
            Cause::TimedOut(std::mem::take(&mut self.tried))
        } else {
            return None;
        };
        Some(Error::new(Step::Connect, cause))
    }
}

/// Each address once, IPv6 and IPv4 in turn, beginning with the resolver's first address (RFC 8305, section 4).
fn interleaved(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut same, mut other) = (VecDeque::new(), VecDeque::new());
    for address in addresses {
        let family = if address.is_ipv6() == first_is_v6 { &mut same } else { &mut other };
        if !family.contains(&address) {
            family.push_back(address);
        }
    }
    let mut order = VecDeque::new();
    while let Some(address) = same.pop_front() {
        order.push_back(address);
        order.extend(other.pop_front());
    }
    order.append(&mut other);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_alternate() {
        let order = interleaved(addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.0.0.1:1", "[::1]:1"]));
        assert_eq!(order, addresses(&["[::1]:1", "1.0.0.1:1", "[::2]:1", "[::3]:1"]));
        let order = interleaved(addresses(&["1.0.0.1:1", "1.0.0.2:1", "[::1]:1", "[::2]:1"]));
        assert_eq!(order, addresses(&["1.0.0.1:1", "[::1]:1", "1.0.0.2:1", "[::2]:1"]));
    }

    #[test]
    fn next_attempt_waits_for_the_stagger_or_a_failure() {
        let now = Instant::now();
        let deadline = now + Duration::from_secs(5);
        let list = addresses(&["1.0.0.1:1", "1.0.0.2:1", "1.0.0.3:1"]);
        let mut race = Race::new(list.clone(), now, deadline);
        assert_eq!(race.start(now), Some(list[0]));
        assert_eq!(race.start(now), None);
        assert_eq!(race.wait_until(), now + STAGGER);
        race.failed(list[0], &io::ErrorKind::ConnectionRefused.into(), now);
        assert_eq!(race.start(now), Some(list[1]));
        assert_eq!(race.start(now + STAGGER), Some(list[2]));
        assert_eq!(race.wait_until(), deadline);
        assert!(race.lost(now + STAGGER).is_none());
        let error = race.lost(deadline).unwrap();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(error.to_string(), "connect: timed out (tried 1.0.0.1:1: refused, 1.0.0.2:1, 1.0.0.3:1)");
    }

    #[test]
    fn missing_descriptors_are_a_local_error() {
        let now = Instant::now();
        let mut race = Race::new(addresses(&["1.0.0.1:1"]), now, now + STAGGER);
        race.start(now);
        // EMFILE and WSAEMFILE
        let no_descriptors = io::Error::from_raw_os_error(if cfg!(windows) { 10_024 } else { 24 });
        race.failed("1.0.0.1:1".parse().unwrap(), &no_descriptors, now);
        assert_eq!(race.lost(now).unwrap().kind(), ErrorKind::Local);
    }
}
