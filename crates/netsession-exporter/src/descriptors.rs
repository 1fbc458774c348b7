//! How the open files that this process may have are shared out. A connection that cannot be opened would be a probe that
//! fails, so that fewer are opened instead.

use crate::settings::Settings;

/// Maximum connections of HTTP clients. Prometheus opens one for each target at a time; more of them wait in the system's
/// queue.
const MAX_CONNECTIONS: usize = 2048;
/// Standard streams, runtime, listener, signals, and what the system's libraries open for a moment.
const OTHERS: usize = 24;
/// A server needs one for its connection, and a second one at times: addresses that race, a name that is looked up, a ticket
/// that is fetched.
const EACH_SERVER: usize = 2;
/// Minimum number of each, however few descriptors there are.
const AT_LEAST: usize = 4;

/// What an exporter with these settings may do with its descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DescriptorLimits {
    /// The soft limit on open files; `None` where it is not known.
    pub(crate) open_files: Option<usize>,
    /// Maximum servers to ask at the same time.
    pub(crate) servers_at_once: usize,
    /// Maximum connections that are kept between probes.
    pub(crate) connections_kept: usize,
}

impl DescriptorLimits {
    pub(crate) fn new(settings: &Settings, limit: Option<usize>) -> Self {
        let servers_at_once = servers_at_once(settings.concurrency, limit);
        Self { open_files: limit, servers_at_once, connections_kept: connections_kept(settings, limit) }
    }
}

/// Maximum connections of HTTP clients: half of the descriptors.
pub(crate) fn connections_at_once(limit: Option<usize>) -> usize {
    limit.map_or(MAX_CONNECTIONS, |limit| (limit.saturating_sub(OTHERS) / 2).clamp(AT_LEAST, MAX_CONNECTIONS))
}

/// Maximum servers to ask at the same time: as configured, or what this limit of open files allows beside the connections
/// of HTTP clients.
#[must_use]
pub fn servers_at_once(concurrency: usize, limit: Option<usize>) -> usize {
    let possible = limit.map(|limit| {
        let left = limit.saturating_sub(OTHERS).saturating_sub(connections_at_once(Some(limit)));
        (left / EACH_SERVER).max(AT_LEAST)
    });
    possible.map_or(concurrency, |possible| concurrency.min(possible))
}

/// Maximum connections that are kept between probes: as configured, or what this limit of open files allows beside those of
/// HTTP clients and the servers that are being asked.
#[must_use]
pub fn connections_kept(settings: &Settings, limit: Option<usize>) -> usize {
    if !settings.keep_connections {
        return 0;
    }
    let possible = limit.map_or(usize::MAX, |limit| {
        let asked = servers_at_once(settings.concurrency, Some(limit)).saturating_mul(EACH_SERVER);
        limit.saturating_sub(OTHERS).saturating_sub(connections_at_once(Some(limit))).saturating_sub(asked)
    });
    settings.max_connections.min(possible)
}

/// How many open files an exporter with these settings wants.
#[must_use]
pub fn descriptors_wanted(settings: &Settings) -> usize {
    let asked = settings.concurrency.saturating_mul(EACH_SERVER);
    let kept = if settings.keep_connections { settings.max_connections } else { 0 };
    // Servers and HTTP clients have a half each.
    asked.saturating_add(kept).max(MAX_CONNECTIONS).saturating_mul(2).saturating_add(OTHERS)
}

/// The soft limit on open files; `None` where there is none.
#[cfg(unix)]
pub(crate) fn limit() -> Option<usize> {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current.and_then(|limit| limit.try_into().ok())
}

#[cfg(not(unix))]
pub(crate) fn limit() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fit_into_the_limit() {
        for limit in [48, 64, 100, 256, 1024, 4096, 100_000] {
            let (connections, servers) = (connections_at_once(Some(limit)), servers_at_once(64, Some(limit)));
            let kept = connections_kept(&Settings::default(), Some(limit));
            assert!(
                OTHERS + connections + servers * EACH_SERVER + kept <= limit,
                "{limit}: {connections} {servers} {kept}"
            );
            assert!(connections > 0 && servers > 0);
        }
    }

    #[test]
    fn shares() {
        for (limit, connections, servers) in [
            (None, 2048, 64),
            (Some(usize::MAX), 2048, 64),
            (Some(16_384), 2048, 64),
            (Some(1024), 500, 64),
            (Some(64), 20, 10),
            (Some(8), 4, 4),
        ] {
            assert_eq!(
                (connections_at_once(limit), servers_at_once(64, limit)),
                (connections, servers),
                "{limit:?}"
            );
        }
        for (concurrency, max_connections) in [(500, 0), (5_000, 2_000), (64, 10_000), (64, 100)] {
            let settings = Settings { concurrency, max_connections, ..Settings::default() };
            let wanted = Some(descriptors_wanted(&settings));
            assert_eq!(servers_at_once(concurrency, wanted), concurrency);
            assert_eq!(connections_kept(&settings, wanted), max_connections);
        }
        let off = Settings { keep_connections: false, ..Settings::default() };
        assert_eq!(connections_kept(&off, None), 0);
    }

    #[cfg(unix)]
    #[test]
    fn system_says_the_limit() {
        assert!(limit().unwrap() > 3);
    }
}
