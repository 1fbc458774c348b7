use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::error::{Attempt, Cause, Error, Step};

/// How long an address has before the next one is tried beside it (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Which address is tried when. The first that connects wins.
#[derive(Debug)]
pub(super) struct Race {
    waiting: VecDeque<SocketAddr>,
    tried: Vec<Attempt>,
    next_start: Instant,
    deadline: Instant,
    local: Option<String>,
}

impl Race {
    pub(super) fn new(addresses: Vec<SocketAddr>, now: Instant, deadline: Instant) -> Self {
        Self { waiting: interleaved(addresses), tried: Vec::new(), next_start: now, deadline, local: None }
    }

    /// The address to try now, beside those that are being tried.
    pub(super) fn start(&mut self, now: Instant) -> Option<SocketAddr> {
        if now < self.next_start || now >= self.deadline {
            return None;
        }
        let address = self.waiting.pop_front()?;
        tracing::debug!(%address, "connecting");
        self.tried.push(Attempt { address, error: None });
        self.next_start = now.checked_add(STAGGER).unwrap_or(now);
        Some(address)
    }

    /// One has failed: the next one need not wait.
    pub(super) fn failed(&mut self, address: SocketAddr, error: &io::Error, now: Instant) {
        tracing::debug!(%address, %error, "connect failed");
        if is_local(error) {
            self.local = Some(error.to_string());
        }
        for attempt in self.tried.iter_mut().filter(|attempt| attempt.address == address) {
            attempt.error = Some(in_words(error));
        }
        self.next_start = now;
    }

    /// When to call [`start`](Self::start) again, if nothing else happens before.
    pub(super) fn wait_until(&self) -> Instant {
        if self.waiting.is_empty() { self.deadline } else { self.deadline.min(self.next_start) }
    }

    /// Why nobody can win any more, if so.
    pub(super) fn lost(&mut self, now: Instant) -> Option<Error> {
        let exhausted = self.waiting.is_empty() && self.tried.iter().all(|attempt| attempt.error.is_some());
        let cause = if exhausted {
            match self.local.take() {
                Some(text) => Cause::Local(text),
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

/// Each address once, the families in turn, beginning with the resolver's first.
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

/// Whether it is this machine that cannot: EMFILE, ENFILE, ENOMEM, ENOBUFS, the same of Windows.
pub(crate) fn is_local(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    error.kind() == io::ErrorKind::OutOfMemory
        || (cfg!(unix) && matches!(code, Some(23 | 24)))
        || (cfg!(target_os = "linux") && code == Some(105))
        || (cfg!(windows) && matches!(code, Some(10024 | 10055)))
}

fn in_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused".into(),
        io::ErrorKind::ConnectionReset => "reset".into(),
        io::ErrorKind::TimedOut => "timed out".into(),
        io::ErrorKind::HostUnreachable => "host unreachable".into(),
        io::ErrorKind::NetworkUnreachable => "network unreachable".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns() {
        let order = interleaved(addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.0.0.1:1", "[::1]:1"]));
        assert_eq!(order, addresses(&["[::1]:1", "1.0.0.1:1", "[::2]:1", "[::3]:1"]));
        let order = interleaved(addresses(&["1.0.0.1:1", "1.0.0.2:1", "[::1]:1", "[::2]:1"]));
        assert_eq!(order, addresses(&["1.0.0.1:1", "[::1]:1", "1.0.0.2:1", "[::2]:1"]));
    }

    #[test]
    fn the_next_one_waits_for_the_stagger_or_a_failure() {
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
    fn no_descriptors_is_a_local_matter() {
        let now = Instant::now();
        let mut race = Race::new(addresses(&["1.0.0.1:1"]), now, now + STAGGER);
        race.start(now);
        // EMFILE and WSAEMFILE
        let no_descriptors = io::Error::from_raw_os_error(if cfg!(windows) { 10_024 } else { 24 });
        race.failed("1.0.0.1:1".parse().unwrap(), &no_descriptors, now);
        assert_eq!(race.lost(now).unwrap().kind(), ErrorKind::Local);
    }
}
