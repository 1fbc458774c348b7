//! Records what probes find into a store: no connection and no log-on beside those of the probes.

use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use netsession::{FileListing, Level, Session};
use netsession_history::{Error, Outcome, Recorder, Round, Settings, WriteStatus};
use tokio::sync::oneshot;

/// How often changes are written and requests of other processes looked for.
const TICK: Duration = Duration::from_secs(1);
/// Maximum bytes, about, of what waits for the writer: a disk that hangs must not fill the memory.
const MAX_WAITING: usize = 64 << 20;
/// A session in memory, with its texts, about; and an open file.
const SESSION_BYTES: usize = 128;
const FILE_BYTES: usize = 256;

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
    /// The clock that is never set counts from here.
    begun: Instant,
    /// Locked while a time is taken and sent: times that went back would look like a clock that was set.
    sender: Mutex<Sender<Message>>,
    waiting: Arc<AtomicUsize>,
    /// Whether results are being left out, which is logged once.
    is_skipping: AtomicBool,
}

enum Message {
    Result {
        server: String,
        time: SystemTime,
        uptime: Duration,
        listed: Result<Listed, String>,
        bytes: usize,
    },
    Settings(Settings),
    /// The answer tells whether everything is written.
    Close(oneshot::Sender<bool>),
}

/// What a server listed.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) level: Level,
    pub(crate) sessions: Vec<Session>,
    /// Where they were requested: the files, or in words why the server did not list them.
    pub(crate) files: Option<Result<FileListing, String>>,
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
        let waiting = Arc::<AtomicUsize>::default();
        let taken = Arc::clone(&waiting);
        thread::Builder::new()
            .name("netsession-history".into())
            .spawn(move || write(recorder, &messages, &taken))
            .map_err(|source| Error::Io {
                action: "start the thread that writes",
                path: path.clone(),
                source,
            })?;
        Ok(Self(Arc::new(Inner {
            path,
            settings: Mutex::new(settings),
            begun: Instant::now(),
            sender: Mutex::new(sender),
            waiting,
            is_skipping: AtomicBool::new(false),
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
        let (sender, closed) = oneshot::channel();
        self.send(|| Message::Close(sender));
        // An error where it was closed before.
        closed.await.unwrap_or(true)
    }

    /// Takes what a server listed right now, or why it did not.
    pub(crate) fn record(&self, server: &str, listed: Result<Listed, String>) {
        let bytes = listed.as_ref().map_or(0, Listed::bytes).saturating_add(SESSION_BYTES);
        let waiting = self.0.waiting.load(Ordering::Relaxed);
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
            return;
        }
        self.0.waiting.fetch_add(bytes, Ordering::Relaxed);
        let server = server.to_owned();
        self.send(|| Message::Result {
            server,
            time: SystemTime::now(),
            uptime: self.0.begun.elapsed(),
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

impl fmt::Debug for ProbeRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProbeRecorder")
            .field("path", &self.0.path)
            .field("settings", &self.settings())
            .finish_non_exhaustive()
    }
}

impl Listed {
    fn bytes(&self) -> usize {
        let files = self.files.iter().flatten().map(FileListing::len).sum::<usize>();
        self.sessions.len().saturating_mul(SESSION_BYTES).saturating_add(files.saturating_mul(FILE_BYTES))
    }
}

/// Until it is closed, or until the last sender is gone.
fn write(mut recorder: Recorder, messages: &Receiver<Message>, waiting: &AtomicUsize) {
    let mut status = WriteStatus::default();
    let mut next = Instant::now();
    loop {
        match messages.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Message::Result { server, time, uptime, listed, bytes }) => {
                let outcome = match listed {
                    Ok(Listed { level, sessions, files }) => {
                        let files = files.as_ref().map(|files| files.as_ref().map_err(Clone::clone));
                        Outcome::from_listed(level, &sessions, files)
                    }
                    Err(why) => Outcome::Failed(why),
                };
                recorder.add(Round { server, time, uptime: Some(uptime), outcome });
                waiting.fetch_sub(bytes, Ordering::Relaxed);
            }
            Ok(Message::Settings(settings)) => recorder.set_settings(settings),
            Ok(Message::Close(closed)) => {
                let is_gone = write_once(&mut recorder, &mut status).is_break();
                // The next process may have the store once this is answered.
                drop(recorder);
                // The caller may be gone.
                let _ = closed.send(!is_gone && !status.is_failing());
                return;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                let _ = write_once(&mut recorder, &mut status);
                return;
            }
        }
        if next <= Instant::now() {
            if write_once(&mut recorder, &mut status).is_break() {
                drop(recorder);
                return skip(messages, waiting);
            }
            // From the end of the write: a slow disk leaves time for what has come in.
            next = Instant::now().checked_add(TICK).unwrap_or(next);
        }
    }
}

/// The store is gone: what comes in is not recorded, and must not fill the memory.
fn skip(messages: &Receiver<Message>, waiting: &AtomicUsize) {
    for message in messages {
        match message {
            Message::Result { bytes, .. } => {
                waiting.fetch_sub(bytes, Ordering::Relaxed);
            }
            Message::Settings(_) => {}
            Message::Close(closed) => {
                let _ = closed.send(false);
                return;
            }
        }
    }
}

/// Breaks where the file was removed or replaced: nothing is recorded any more until the store is opened again.
fn write_once(recorder: &mut Recorder, status: &mut WriteStatus) -> ControlFlow<()> {
    let written = recorder.write();
    if let Err(gone @ Error::Replaced(_)) = &written {
        tracing::warn!("{gone}: nothing is recorded any more until the exporter is started again");
        return ControlFlow::Break(());
    }
    if let Some(text) = status.update_size(recorder.is_full()) {
        tracing::warn!("{text}");
    }
    if let Some(text) = status.update(written) {
        if status.is_failing() {
            tracing::warn!("{text}");
        } else {
            tracing::info!("{text}");
        }
    }
    ControlFlow::Continue(())
}

#[cfg(test)]
mod tests;
