use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use netsession::Level;

/// Reaching this many servers clears the memory. Names that a pattern allows are chosen by the HTTP client, so that
/// their number has to be limited; the only cost is one more round trip in the next query of each server.
const MAX_SERVERS: usize = 50_000;

/// The level that each server answered last, so that the next query asks for it at once.
#[derive(Debug, Default)]
pub(crate) struct LevelMemory(Mutex<HashMap<String, Level>>);

impl LevelMemory {
    pub(crate) fn get(&self, server: &str) -> Option<Level> {
        self.lock().get(server).copied()
    }

    pub(crate) fn remember(&self, server: &str, level: Level) {
        let mut levels = self.lock();
        if levels.len() >= MAX_SERVERS && !levels.contains_key(server) {
            levels.clear();
        }
        levels.insert(server.to_owned(), level);
    }

    pub(crate) fn forget(&self, server: &str) {
        self.lock().remove(server);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Level>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_each_server() {
        let levels = LevelMemory::default();
        assert_eq!(levels.get("fs1"), None);
        levels.remember("fs1", Level::L1);
        levels.remember("fs2", Level::L502);
        assert_eq!((levels.get("fs1"), levels.get("fs2")), (Some(Level::L1), Some(Level::L502)));
        levels.forget("fs1");
        assert_eq!((levels.get("fs1"), levels.get("fs2")), (None, Some(Level::L502)));
    }

    #[test]
    fn is_bounded() {
        let levels = LevelMemory::default();
        for number in 0..=MAX_SERVERS {
            levels.remember(&format!("fs{number}"), Level::L1);
        }
        assert!(levels.lock().len() < MAX_SERVERS);
        assert_eq!(levels.get(&format!("fs{MAX_SERVERS}")), Some(Level::L1), "the last one");
    }
}
