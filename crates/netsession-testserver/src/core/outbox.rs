use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bytes in a millisecond of a frame that is repeated without a pause.
const BURST: usize = 1 << 16;

/// An action of the driver on the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transmit {
    /// Send this, in one write.
    Bytes(Vec<u8>),
    /// Close the connection.
    Close,
    /// Reset it (RST).
    Reset,
}

/// Queued actions, with their times.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: VecDeque<(Instant, Transmit)>,
    endless: Option<Endless>,
    shut: bool,
}

/// A frame that is repeated.
#[derive(Debug)]
struct Endless {
    frame: Vec<u8>,
    every: Duration,
    next: Instant,
}

impl Outbox {
    /// Queues this for a moment, behind everything before it.
    pub(super) fn push(&mut self, at: Instant, transmit: Transmit) {
        if !self.shut {
            let at = self.queue.back().map_or(at, |(last, _)| at.max(*last));
            self.queue.push_back((at, transmit));
        }
    }

    /// Repeats this frame from a moment on, without end; without a pause, many at once.
    pub(super) fn repeat(&mut self, from: Instant, every: Duration, mut frame: Vec<u8>) {
        if !self.shut {
            if every.is_zero() {
                frame = frame.repeat(BURST.checked_div(frame.len()).unwrap_or(1).max(1));
            }
            // A driver sends everything that is due: without a pause it would never finish.
            let every = every.max(Duration::from_millis(1));
            self.endless = Some(Endless { frame, every, next: from });
        }
    }

    /// Ignores everything queued from now on.
    pub(super) fn shut(&mut self) {
        self.shut = true;
    }

    pub(super) fn is_shut(&self) -> bool {
        self.shut
    }

    pub(super) fn poll(&mut self, now: Instant) -> Option<Transmit> {
        if self.queue.front().is_some_and(|(at, _)| *at <= now) {
            return self.queue.pop_front().map(|(_, transmit)| transmit);
        }
        let endless = self.endless.as_mut().filter(|endless| endless.next <= now)?;
        endless.next = now + endless.every;
        Some(Transmit::Bytes(endless.frame.clone()))
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        let queued = self.queue.front().map(|(at, _)| *at);
        let endless = self.endless.as_ref().map(|endless| endless.next);
        queued.into_iter().chain(endless).min()
    }
}
