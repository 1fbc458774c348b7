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
    /// Goes up by one for each refresh that is wanted at once.
    pub(super) refreshes: u64,
}

impl Wishes {
    pub(super) fn every(interval: Duration) -> Self {
        Self { interval, is_paused: false, refreshes: 0 }
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

    /// Refreshes every server at once, those too that wait after a failure.
    pub fn refresh_now(&self) {
        self.0.send_modify(|wishes| wishes.refreshes = wishes.refreshes.wrapping_add(1));
    }
}

pub(super) fn clamped(interval: Duration) -> Duration {
    interval.max(SHORTEST)
}
