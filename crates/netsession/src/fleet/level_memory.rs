use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Level;

/// Which level each server gave when it was asked for the most.
#[derive(Debug, Default)]
pub(super) struct LevelMemory(Mutex<HashMap<String, Level>>);

impl LevelMemory {
    /// [`Level::Auto`] where nothing is known.
    pub(super) fn of(&self, server: &str) -> Level {
        self.lock().get(server).copied().unwrap_or_default()
    }

    /// The level that begins every question by itself is not worth a place.
    pub(super) fn remember(&self, server: &str, level: Level) {
        if level == Level::L502 {
            self.lock().remove(server);
        } else {
            self.lock().insert(server.to_owned(), level);
        }
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Level>> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
