use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use netsession_exporter::{ProbeRecorder, WeakProbeRecorder};
use netsession_history::Settings;

use crate::model::HistoryKeys;

/// The interval at which Prometheus scrapes by default.
const INTERVAL: Duration = Duration::from_secs(60);

/// The store that is recorded into, over the reloads of the configuration.
#[derive(Debug, Default)]
pub(super) struct HistoryStore(Mutex<Opened>);

#[derive(Debug, Default)]
struct Opened {
    current: Option<ProbeRecorder>,
    /// Stores of configurations before, which queries may use still: a configuration that goes back to one of them would
    /// find it in use.
    former: Vec<WeakProbeRecorder>,
}

impl HistoryStore {
    /// Opens the store of the configuration, unless it is open. The one before is closed when no query uses it any more;
    /// where the new one cannot be opened, it stays.
    pub(super) fn open(&self, keys: &HistoryKeys) -> Result<Option<ProbeRecorder>> {
        let HistoryKeys { path, interval, retain, max_size } = keys;
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Opened { current, former } = &mut *opened;
        let mut settings = Settings::default();
        settings.interval = interval.unwrap_or(INTERVAL);
        settings.retain = retain.or(settings.retain);
        settings.max_size = max_size.or(settings.max_size);
        let Some(path) = path else {
            former.extend(current.take().map(|before| before.downgrade()));
            return Ok(None);
        };
        let used = current.iter().cloned().chain(former.iter().filter_map(WeakProbeRecorder::upgrade));
        let recorder = match used.into_iter().find(|recorder| recorder.path() == path) {
            Some(recorder) => {
                recorder.set_settings(settings);
                recorder
            }
            None => ProbeRecorder::open(path, settings)?,
        };
        former.retain(|former| former.path() != path && former.upgrade().is_some());
        if let Some(before) = current.replace(recorder.clone()).filter(|before| before.path() != path) {
            former.push(before.downgrade());
        }
        Ok(Some(recorder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_that_goes_back_finds_its_store_while_queries_use_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys = |name: Option<&str>| HistoryKeys {
            path: name.map(|name| folder.path().join(name)),
            ..HistoryKeys::default()
        };
        let store = HistoryStore::default();
        // As a query of the first configuration has it.
        let _query = store.open(&keys(Some("a"))).unwrap().unwrap();
        let other = store.open(&keys(Some("b"))).unwrap().unwrap();
        assert_eq!(other.path(), folder.path().join("b"));
        assert_eq!(store.open(&keys(Some("a"))).unwrap().unwrap().path(), folder.path().join("a"));
        assert!(store.open(&keys(None)).unwrap().is_none());
        let again = store.open(&keys(Some("b"))).unwrap().unwrap();
        assert_eq!(again.path(), other.path());
        assert!(store.open(&keys(Some("missing/c"))).is_err());
        assert_eq!(store.open(&keys(Some("a"))).unwrap().unwrap().path(), folder.path().join("a"));
    }
}
