use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use netsession_exporter::ProbeRecorder;
use netsession_history::Settings;

use crate::model::HistoryKeys;

/// The interval at which Prometheus scrapes by default.
const INTERVAL: Duration = Duration::from_secs(60);

/// The store that is recorded into, over the reloads of the configuration.
#[derive(Debug, Default)]
pub(super) struct HistoryStore(Mutex<Option<ProbeRecorder>>);

impl HistoryStore {
    /// Opens the store of the configuration, unless it is the one that is open. The one before is closed when no query
    /// uses it any more; where the new one cannot be opened, it stays.
    pub(super) fn open(&self, keys: &HistoryKeys) -> Result<Option<ProbeRecorder>> {
        let HistoryKeys { path, interval, retain, max_size } = keys;
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut settings = Settings::default();
        settings.interval = interval.unwrap_or(INTERVAL);
        settings.retain = retain.or(settings.retain);
        settings.max_size = max_size.or(settings.max_size);
        *current = match (path, current.take()) {
            (None, _) => None,
            (Some(path), Some(open)) if open.path() == path => {
                open.set_settings(settings);
                Some(open)
            }
            (Some(path), before) => match ProbeRecorder::open(path, settings) {
                Ok(opened) => Some(opened),
                Err(error) => {
                    *current = before;
                    return Err(error.into());
                }
            },
        };
        Ok(current.clone())
    }
}
