//! How many connections this process may have at the same time.

use std::io;

/// Descriptors that are open beside the connections: standard streams, runtime, resolver, list of names.
const OTHERS: usize = 32;

/// An error if this process may not have the descriptors of a runtime that listens to signals: tokio panics then.
pub(crate) fn check() -> io::Result<()> {
    const PAIRS: usize = 6;
    (0..PAIRS).map(|_| io::pipe()).collect::<io::Result<Vec<_>>>().map(drop)
}

/// How many servers can be asked at the same time, up to `wanted`: each needs a descriptor. Raises the limit of
/// this process where the system allows it.
pub(crate) fn servers_at_once(wanted: usize) -> usize {
    within(wanted, limit(wanted.saturating_mul(2).saturating_add(OTHERS)))
}

/// The limit of this process, raised to `wanted` if the system allows it; `None` where there is none.
#[cfg(feature = "exporter")]
pub(crate) fn raise_limit(wanted: usize) -> Option<usize> {
    limit(wanted)
}

/// The warning if that is less than wanted.
pub(crate) fn warning(wanted: usize, possible: usize) -> Option<String> {
    (possible < wanted).then(|| {
        let are = if possible == 1 { "is" } else { "are" };
        format!(
            "warning: this process may open too few files for {wanted} servers at the same time, so that {possible} \
             {are} asked: raise the limit (ulimit -n {})",
            wanted.saturating_add(OTHERS)
        )
    })
}

fn within(wanted: usize, limit: Option<usize>) -> usize {
    limit.map_or(wanted, |limit| wanted.min(limit.saturating_sub(OTHERS).max(1)))
}

/// The limit, raised to `wanted` if it can be; `None` where there is none.
#[cfg(unix)]
fn limit(wanted: usize) -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let wanted = u64::try_from(wanted).ok()?;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = limit.maximum.map_or(wanted, |most| most.min(wanted));
        // Where it cannot be raised, the old one holds.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum: limit.maximum });
    }
    usize::try_from(getrlimit(Resource::Nofile).current?).ok()
}

/// Sockets are no files here, and their number has no limit of this size.
#[cfg(not(unix))]
fn limit(_: usize) -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_descriptors_are_left_for_others() {
        assert_eq!(within(1_000, None), 1_000);
        assert_eq!(within(1_000, Some(1_032)), 1_000);
        assert_eq!(within(1_000, Some(256)), 224);
        assert_eq!(within(16, Some(20)), 1, "and one is always asked");
        assert_eq!(warning(16, 16), None);
        assert!(
            warning(1_000, 224).unwrap().contains("so that 224 are asked: raise the limit (ulimit -n 1032)")
        );
        assert!(warning(16, 1).unwrap().contains("so that 1 is asked: "));
    }
}
