//! Records what probes find into a store: no connection and no log-on beside those of the probes.

mod message;
mod progress;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::SystemTime;

use netsession_history::{Error, Recorder, Settings, Uptime};
use tokio::sync::watch;

pub(crate) use message::Listed;
use message::{Message, SESSION_BYTES};
use progress::Progress;
pub(crate) use progress::RecorderMetrics;

/// Maximum bytes, about, of what waits for the writer: a disk that hangs must not fill the memory.
const MAX_WAITING: usize = 64 << 20;

/// A store into which the results of probes go, see [`Settings::recorder`](crate::Settings::recorder). Clones are the same
/// one.
///
/// A thread of its own writes once a second, at most, so that a slow disk delays no probe. What is not written when the
/// last clone is dropped is written then; [`close`](Self::close) waits for it.
#[derive(Clone)]
pub struct ProbeRecorder(Arc<Inner>);

struct Inner {
    path: PathBuf,
    settings: Mutex<Settings>,
    uptime: Uptime,
    /// Locked while a time is taken and sent: times that went back would look like a clock that was set.
    sender: Mutex<Sender<Message>>,
    progress: Arc<Progress>,
    /// Whether results are being left out, which is logged once.
    is_skipping: AtomicBool,
    /// Whether everything was written, once the store is closed.
    closed: watch::Receiver<Option<bool>>,
}

/// A store that was recorded into, without keeping it open: the queries of an old configuration may have it still.
#[derive(Debug, Clone)]
pub struct WeakProbeRecorder {
    path: PathBuf,
    inner: Weak<Inner>,
    closed: watch::Receiver<Option<bool>>,
}

impl ProbeRecorder {
    /// Opens a store, or makes one: see [`Recorder::open`]. `settings.interval` is the time between two probes of a target.
    ///
    /// # Errors
    /// As [`Recorder::open`]: another process records into it, say. The system has no thread.
    pub fn open(path: impl Into<PathBuf>, settings: Settings) -> Result<Self, Error> {
        let path = path.into();
        let recorder = Recorder::open(&path, settings.clone())?;
        let (sender, messages) = mpsc::channel();
        let progress = Arc::<Progress>::default();
        let (close, closed) = watch::channel(None);
        let of_writer = Arc::clone(&progress);
        thread::Builder::new()
            .name("netsession-history".into())
            .spawn(move || {
                let is_written = writer::write(recorder, &messages, &of_writer);
                // The next process may have the store once this is told. No receiver may be left.
                let _ = close.send(Some(is_written));
            })
            .map_err(|source| Error::Io {
                action: "start the thread that writes",
                path: path.clone(),
                source,
            })?;
        Ok(Self(Arc::new(Inner {
            path,
            settings: Mutex::new(settings),
            uptime: Uptime::start(),
            sender: Mutex::new(sender),
            progress,
            is_skipping: AtomicBool::new(false),
            closed,
        })))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// How the store is kept.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.0.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps the store by other settings from now on.
    pub fn set_settings(&self, settings: Settings) {
        *self.0.settings.lock().unwrap_or_else(PoisonError::into_inner) = settings.clone();
        self.send(|| Message::Settings(settings));
    }

    /// Writes what has come in, and closes the store; what comes later is not recorded. Returns whether everything is
    /// written: otherwise the log has the reason.
    pub async fn close(&self) -> bool {
        self.send(|| Message::Close);
        wait(self.0.closed.clone()).await
    }

    /// The same store, which closes where no other clone uses it any more.
    #[must_use]
    pub fn downgrade(&self) -> WeakProbeRecorder {
        let Inner { path, closed, .. } = self.0.as_ref();
        WeakProbeRecorder { path: path.clone(), inner: Arc::downgrade(&self.0), closed: closed.clone() }
    }

    /// Whether both are the same store, opened once.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The metrics of the exporter about the store.
    pub(crate) fn metrics(&self) -> RecorderMetrics {
        self.0.progress.metrics()
    }

    /// Takes what a server listed right now, or why it did not.
    pub(crate) fn record(&self, server: &str, listed: Result<Listed, String>) {
        let bytes = listed.as_ref().map_or(0, Listed::bytes).saturating_add(SESSION_BYTES);
        let progress = &self.0.progress;
        let waiting = progress.waiting_bytes();
        // A listing larger than that alone is taken where nothing waits.
        let is_skipping = waiting > 0 && waiting.saturating_add(bytes) > MAX_WAITING;
        if self.0.is_skipping.swap(is_skipping, Ordering::Relaxed) != is_skipping {
            let path = self.path().display();
            if is_skipping {
                tracing::warn!("{path} is written too slowly: results of probes are left out of it");
            } else {
                tracing::info!("{path}: every result of a probe is recorded again");
            }
        }
        if is_skipping {
            progress.count_lost(1);
            return;
        }
        progress.add(bytes);
        let server = server.to_owned();
        self.send(|| Message::Result {
            server,
            time: SystemTime::now(),
            uptime: self.0.uptime.now(),
            listed,
            bytes,
        });
    }

    fn send(&self, message: impl FnOnce() -> Message) {
        let sender = self.0.sender.lock().unwrap_or_else(PoisonError::into_inner);
        // Fails once it is closed.
        drop(sender.send(message()));
    }
}

impl WeakProbeRecorder {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The store, where it is still used.
    #[must_use]
    pub fn upgrade(&self) -> Option<ProbeRecorder> {
        self.inner.upgrade().map(ProbeRecorder)
    }

    /// As [`ProbeRecorder::close`].
    pub(crate) async fn close(self) -> bool {
        match self.upgrade() {
            Some(recorder) => recorder.close().await,
            None => wait(self.closed).await,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.borrow().is_some()
    }
}

/// Until the store is closed. A thread that panicked has not written everything.
async fn wait(mut closed: watch::Receiver<Option<bool>>) -> bool {
    closed.wait_for(Option::is_some).await.is_ok_and(|is_written| *is_written == Some(true))
}

impl fmt::Debug for ProbeRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProbeRecorder")
            .field("path", &self.0.path)
            .field("settings", &self.settings())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
