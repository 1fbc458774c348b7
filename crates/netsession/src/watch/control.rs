use std::time::Duration;

use tokio::sync::watch;

/// The shortest interval: what is below it is a load on servers, and nothing that a person can see.
const SHORTEST: Duration = Duration::from_millis(100);

/// How a running [`Watch`](super::Watch) goes on. Clones control the same one.
#[derive(Debug, Clone)]
pub struct WatchControl(watch::Sender<Wishes>);

/// What the tasks of a watch read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes {
    pub(super) interval: Duration,
    pub(super) is_paused: bool,
    pub(super) files: bool,
    /// Goes up by one for each refresh that is wanted at once.
    pub(super) refreshes: u64,
}

impl Wishes {
    pub(super) fn new(interval: Duration, files: bool) -> Self {
        Self { interval, is_paused: false, files, refreshes: 0 }
    }
}

impl WatchControl {
    pub(super) fn new(wishes: Wishes) -> (Self, watch::Receiver<Wishes>) {
        let (sender, receiver) = watch::channel(wishes);
        (Self(sender), receiver)
    }

    /// The interval from now on; at least 100 ms.
    pub fn set_interval(&self, interval: Duration) {
        self.0.send_modify(|wishes| wishes.interval = clamped(interval));
    }

    /// The interval.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.0.borrow().interval
    }

    /// Stops the refreshes, or lets them go on at once. Connections are kept meanwhile, as long as servers keep them.
    pub fn pause(&self, is_paused: bool) {
        self.0.send_modify(|wishes| wishes.is_paused = is_paused);
    }

    /// Lists the open files as well from the next refresh on, or not any more.
    pub fn set_files(&self, files: bool) {
        self.0.send_modify(|wishes| wishes.files = files);
    }

    /// Refreshes every server at once, those too that wait after a failure.
    pub fn refresh_now(&self) {
        self.0.send_modify(|wishes| wishes.refreshes = wishes.refreshes.wrapping_add(1));
    }
}

pub(super) fn clamped(interval: Duration) -> Duration {
    interval.max(SHORTEST)
}
