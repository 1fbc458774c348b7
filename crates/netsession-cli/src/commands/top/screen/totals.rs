//! What the title says of all servers.

use super::server::Server;
use super::value::UNKNOWN;
use crate::text::count;

/// Of all servers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) answering: usize,
    pub(super) sessions: usize,
    pub(super) users: Total,
    pub(super) opens: Total,
}

/// A number of all servers, of which some may not report theirs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Total {
    /// None where no server reports it.
    number: Option<u64>,
    /// Whether some server does not report it.
    is_partial: bool,
}

impl Totals {
    pub(super) fn new(servers: &[Server]) -> Self {
        let answered = || servers.iter().filter(|server| server.answered.is_some());
        let mut names: Vec<u64> =
            answered().flat_map(|server| server.users.iter().flatten()).copied().collect();
        names.sort_unstable();
        names.dedup();
        let names = u64::try_from(names.len()).unwrap_or(u64::MAX);
        let (mut users, mut opens) = (Total::default(), Total::default());
        for server in answered() {
            users.add(server.users.as_ref().map(|_| 0));
            opens.add(server.opens);
        }
        // Each user once, on however many servers.
        users.number = users.number.map(|_| names);
        let answering = |server: &&Server| server.answered.is_some() && server.failure.is_none();
        Self {
            answering: servers.iter().filter(answering).count(),
            sessions: servers.iter().map(|server| server.sessions.known.len()).sum(),
            users,
            opens,
        }
    }
}

impl Total {
    fn add(&mut self, part: Option<u64>) {
        match part {
            Some(part) => self.number = Some(self.number.unwrap_or_default().saturating_add(part)),
            None => self.is_partial = true,
        }
    }

    /// With the noun: `272 open files`; `272+ open files` of some servers, `– open files` where no server reports them.
    pub(super) fn text(self, noun: &str) -> String {
        match self.number {
            None => format!("{UNKNOWN} {noun}s"),
            Some(number) if self.is_partial => format!("{number}+ {noun}s"),
            Some(number) => count(number, noun),
        }
    }
}
