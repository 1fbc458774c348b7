//! The thread that writes what probes found.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use netsession_history::{Error, Outcome, Recorder, Round, WriteStatus};

use super::message::{Listed, Message};
use super::progress::Progress;

/// How often changes are written and requests of other processes looked for.
const TICK: Duration = Duration::from_secs(1);

/// Until it is closed, or until the last sender is gone. The store is closed then. Returns whether everything is written.
pub(super) fn write(recorder: Recorder, messages: &Receiver<Message>, progress: &Progress) -> bool {
    let mut writer = Writer { recorder, status: WriteStatus::default(), taken: 0, progress };
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
                let mut round = Round::new(server, time, outcome);
                round.uptime = Some(uptime);
                writer.recorder.add(round);
                writer.taken = writer.taken.saturating_add(1);
                progress.take(bytes);
            }
            Ok(Message::Settings(settings)) => writer.recorder.set_settings(settings),
            Ok(Message::Close) | Err(RecvTimeoutError::Disconnected) => {
                let is_gone = writer.write_once().is_break();
                return !is_gone && !writer.status.is_failing();
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if next <= Instant::now() {
            if writer.write_once().is_break() {
                drop(writer);
                skip(messages, progress);
                return false;
            }
            // From the end of the write: a slow disk leaves time for what has come in.
            next = Instant::now().checked_add(TICK).unwrap_or(next);
        }
    }
}

/// The store is gone: what comes in is not recorded, and must not fill the memory.
fn skip(messages: &Receiver<Message>, progress: &Progress) {
    for message in messages {
        match message {
            Message::Result { bytes, .. } => {
                progress.take(bytes);
                progress.drop_results(1);
            }
            Message::Settings(_) => {}
            Message::Close => return,
        }
    }
}

struct Writer<'p> {
    recorder: Recorder,
    status: WriteStatus,
    /// Results that the recorder has, and the file has not.
    taken: u64,
    progress: &'p Progress,
}

impl Writer<'_> {
    /// Breaks where the file was removed or replaced: nothing is recorded any more until the store is opened again.
    fn write_once(&mut self) -> ControlFlow<()> {
        let written = self.recorder.write();
        if let Err(gone @ Error::Replaced(_)) = &written {
            tracing::warn!("{gone}: nothing is recorded any more until the exporter is started again");
            self.progress.give_up(std::mem::take(&mut self.taken));
            return ControlFlow::Break(());
        }
        self.progress.count_write(written.is_ok(), self.taken);
        if written.is_ok() {
            self.taken = 0;
        }
        if let Some(text) = self.status.update_size(self.recorder.is_full()) {
            tracing::warn!("{text}");
        }
        if let Some(text) = self.status.update(written) {
            if self.status.is_failing() {
                tracing::warn!("{text}");
            } else {
                tracing::info!("{text}");
            }
        }
        ControlFlow::Continue(())
    }
}
