//! Rows put together by user or by client.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// The rows of a user, or of a client.
#[derive(Debug)]
pub(super) struct Group {
    /// As it was listed first.
    pub(super) name: String,
    /// Sessions or files.
    pub(super) rows: usize,
    /// Different clients of a user, or users of a client; none where no server reports them.
    pub(super) others: Option<usize>,
    pub(super) servers: usize,
    /// Open files, or locks; none where no server reports them.
    pub(super) sum: Option<u64>,
    /// The longest time connected.
    pub(super) connected: Option<Duration>,
    /// The shortest time idle.
    pub(super) idle: Option<Duration>,
}

/// What one row adds to its group.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) other: Option<&'a str>,
    pub(super) server: usize,
    pub(super) sum: Option<u32>,
    pub(super) connected: Option<Duration>,
    pub(super) idle: Option<Duration>,
}

/// The groups, in the order of their first rows.
pub(super) fn groups<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> Vec<Group> {
    let mut indexes = HashMap::new();
    let mut groups: Vec<(Group, HashSet<String>, HashSet<usize>)> = Vec::new();
    for part in parts {
        let index = *indexes.entry(part.name.to_lowercase()).or_insert(groups.len());
        if index == groups.len() {
            let name = part.name.to_owned();
            let group =
                Group { name, rows: 0, others: None, servers: 0, sum: None, connected: None, idle: None };
            groups.push((group, HashSet::new(), HashSet::new()));
        }
        let Some((group, others, servers)) = groups.get_mut(index) else { continue };
        group.rows = group.rows.saturating_add(1);
        if let Some(sum) = part.sum {
            group.sum = Some(group.sum.unwrap_or_default().saturating_add(sum.into()));
        }
        group.connected = group.connected.max(part.connected);
        group.idle = [group.idle, part.idle].into_iter().flatten().min();
        group.others = group.others.or(part.other.map(|_| 0));
        others.extend(part.other.filter(|other| !other.is_empty()).map(str::to_lowercase));
        servers.insert(part.server);
    }
    let finished = groups.into_iter().map(|(group, others, servers)| Group {
        others: group.others.map(|_| others.len()),
        servers: servers.len(),
        ..group
    });
    finished.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_regard_to_case() {
        let part = |name, other, server, sum, idle| Part {
            name,
            other: Some(other),
            server,
            sum: Some(sum),
            connected: Some(Duration::from_secs(idle * 2)),
            idle: Some(Duration::from_secs(idle)),
        };
        let groups =
            groups([part("Bob", "a", 0, 2, 30), part("alice", "a", 0, 1, 5), part("bob", "b", 1, 3, 10)]);
        let shown: Vec<_> = groups
            .iter()
            .map(|group| (&*group.name, group.rows, group.others, group.servers, group.sum))
            .collect();
        assert_eq!(shown, [("Bob", 2, Some(2), 2, Some(5)), ("alice", 1, Some(1), 1, Some(1))]);
        let [bob, _] = &groups[..] else { panic!() };
        assert_eq!((bob.connected, bob.idle), (Some(Duration::from_secs(60)), Some(Duration::from_secs(10))));
    }
}
