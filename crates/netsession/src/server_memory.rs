use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Level, ServerName};

/// At this many servers everything is forgotten: names may be chosen by others, as those that a pattern of the
/// exporter allows. The cost is a round trip or two in the next question to each server.
const MAX_SERVERS: usize = 50_000;

/// What servers answered before, so that the next question to them takes fewer round trips: the level that each
/// gave when it was asked for the most, whether it refused the compound request, and whether it has failed with two pipes
/// of one connection.
///
/// Clones are the same memory. A `Fleet` has one of its own; a program that makes its own clients gives one to
/// each of them with [`ClientBuilder::memory`](crate::blocking::ClientBuilder::memory). It holds an entry for
/// each server that has something to remember: a name and a few bytes, for at most 50,000 servers.
///
/// ```
/// use netsession::{Level, ServerMemory};
///
/// let memory = ServerMemory::default();
/// assert_eq!(memory.level(&"fs1".parse()?), Level::Auto, "nothing is known yet");
/// # Ok::<(), netsession::ParseServerNameError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct ServerMemory(Arc<Mutex<HashMap<ServerName, Known>>>);

/// What is known of one server. The default is what every question begins with by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Known {
    level: Level,
    single_steps: bool,
    one_pipe: bool,
}

impl ServerMemory {
    /// The level that this server gave before; [`Level::Auto`] where nothing is known.
    #[must_use]
    pub fn level(&self, server: &ServerName) -> Level {
        self.known(server).level
    }

    /// Whether this server refused the compound request before.
    #[must_use]
    pub fn single_steps(&self, server: &ServerName) -> bool {
        self.known(server).single_steps
    }

    /// Forgets everything: rights or servers have changed, and the most is to be asked for again.
    pub fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn remember_level(&self, server: &ServerName, level: Level) {
        // Level 502 is what a question begins with by itself.
        let level = if level == Level::L502 { Level::Auto } else { level };
        self.change(server, |known| known.level = level);
    }

    pub(crate) fn remember_opening(&self, server: &ServerName, single_steps: bool) {
        self.change(server, |known| known.single_steps = single_steps);
    }

    /// Whether a connection to this server ended before it had answered over two pipes.
    #[cfg(feature = "tokio")]
    pub(crate) fn is_one_pipe(&self, server: &ServerName) -> bool {
        self.known(server).one_pipe
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn remember_one_pipe(&self, server: &ServerName, one_pipe: bool) {
        self.change(server, |known| known.one_pipe = one_pipe);
    }

    fn known(&self, server: &ServerName) -> Known {
        self.lock().get(server).copied().unwrap_or_default()
    }

    fn change(&self, server: &ServerName, change: impl FnOnce(&mut Known)) {
        let mut servers = self.lock();
        let mut known = servers.get(server).copied().unwrap_or_default();
        change(&mut known);
        if known == Known::default() {
            servers.remove(server);
        } else {
            if servers.len() >= MAX_SERVERS && !servers.contains_key(server) {
                servers.clear();
            }
            servers.insert(server.clone(), known);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ServerName, Known>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let memory = ServerMemory::default();
        let name = |number| format!("fs{number}").parse::<ServerName>().unwrap();
        for number in 0..=MAX_SERVERS {
            memory.remember_level(&name(number), Level::L1);
        }
        assert!(memory.lock().len() < MAX_SERVERS);
        assert_eq!(memory.level(&name(MAX_SERVERS)), Level::L1, "the last one");
    }

    #[test]
    fn entry_exists_only_while_there_is_something_to_remember() {
        let (memory, fs1) = (ServerMemory::default(), "fs1".parse::<ServerName>().unwrap());
        memory.remember_level(&fs1, Level::L502);
        memory.remember_opening(&fs1, false);
        assert!(memory.lock().is_empty());
        memory.remember_level(&fs1, Level::L1);
        memory.remember_opening(&fs1, true);
        assert_eq!((memory.level(&fs1), memory.clone().single_steps(&fs1)), (Level::L1, true));
        memory.remember_level(&fs1, Level::L502);
        memory.remember_opening(&fs1, false);
        assert!(memory.lock().is_empty());
    }
}
