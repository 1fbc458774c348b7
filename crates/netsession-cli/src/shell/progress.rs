use std::io::{IsTerminal as _, stdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::process::is_dumb;

/// Maximum wait of the program's end for the bar.
const MOMENT: Duration = Duration::from_millis(100);
/// How often the bar is drawn between servers.
const TICK: Duration = Duration::from_millis(250);

/// The progress of a run over several servers, if stderr is a terminal.
#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    counts: Arc<Counts>,
    /// Rows go to a terminal as well.
    is_in_the_way: bool,
}

/// Servers that are done.
#[derive(Debug, Default)]
struct Counts {
    done: AtomicU64,
    failed: AtomicU64,
    /// Whether a thread shows them.
    are_shown: AtomicBool,
}

impl Counts {
    fn show(&self, bar: &ProgressBar) {
        let failed = self.failed.load(Ordering::Relaxed);
        if failed > 0 {
            bar.set_message(format!(", {failed} failed"));
        }
        bar.set_position(self.done.load(Ordering::Relaxed));
    }
}

impl Progress {
    pub(super) fn new(servers: usize, is_verbose: bool) -> Self {
        // The steps of -v are progress enough, and go to the same place.
        let bar = if servers < 2 || is_verbose || is_dumb() {
            ProgressBar::hidden()
        } else {
            let length = u64::try_from(servers).ok();
            ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr())
        };
        bar.set_style(style());
        Self { bar, counts: Arc::default(), is_in_the_way: stdout().is_terminal() }
    }

    /// Keeps the time left up to date between servers, until the bar is gone. Not before the thread that asks is there:
    /// where the system gives only one more, the bar must not have it.
    pub(super) fn start_ticking(&self) {
        if self.bar.is_hidden() {
            return;
        }
        // indicatif's own ticks come from `thread::spawn`, which panics where the system has no thread. A trial thread
        // before does not help: another one can have its place by then.
        let (bar, counts) = (self.bar.downgrade(), Arc::clone(&self.counts));
        let ticks = move || {
            while let Some(bar) = bar.upgrade().filter(|bar| !bar.is_finished()) {
                counts.show(&bar);
                bar.tick();
                // Its end must not wait for this thread.
                drop(bar);
                thread::sleep(TICK);
            }
        };
        // Without a thread the bar moves with each server.
        let ticks = thread::Builder::new().name("progress".into()).spawn(ticks);
        self.counts.are_shown.store(ticks.is_ok(), Ordering::Relaxed);
    }

    /// One more server is done. Waits for no terminal if a thread shows it.
    pub(super) fn done(&self, has_failed: bool) {
        self.counts.done.fetch_add(1, Ordering::Relaxed);
        self.counts.failed.fetch_add(has_failed.into(), Ordering::Relaxed);
        if !self.counts.are_shown.load(Ordering::Relaxed) {
            self.counts.show(&self.bar);
        }
    }

    /// Writes to stderr while no bar is there.
    pub(super) fn beside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Writes to stdout. Where that is no terminal the bar stays, and is not drawn again for each server.
    pub(super) fn rows<T>(&self, write: impl FnOnce() -> T) -> T {
        if self.is_in_the_way { self.bar.suspend(write) } else { write() }
    }

    /// It is over.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// As [`clear`](Self::clear), but not longer than a moment: a thread that writes to a stopped terminal holds
    /// the bar's lock for as long as the terminal is stopped.
    pub(super) fn clear_at_once(&self) {
        let (sender, cleared) = channel::<()>();
        let bar = self.bar.clone();
        let clear = move || {
            bar.finish_and_clear();
            drop(sender);
        };
        // Without a thread the bar stays on the terminal; the program ends in any case.
        if thread::Builder::new().spawn(clear).is_ok() {
            let _ = cleared.recv_timeout(MOMENT);
        }
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{bar:20} {pos} of {len} servers{msg}, {rate}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            // Nothing can be done where a line cannot be drawn.
            let _ = write!(out, "{:.0}/s", state.per_sec());
        })
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, TermLike as _};

    use super::*;

    #[test]
    fn fits_on_a_line() {
        let terminal = InMemoryTerm::new(5, 80);
        let progress = Progress::new(0, false);
        progress.bar.set_length(10_000);
        progress.bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        for number in 0..2_500 {
            if number == 7 {
                progress.beside(|| terminal.write_line("a row")).unwrap();
            }
            progress.done(number % 5 == 0);
        }
        // It is drawn at most 20 times a second, not at every step.
        std::thread::sleep(Duration::from_millis(200));
        progress.bar.tick();
        let shown = terminal.contents();
        let [row, line] = shown.lines().collect::<Vec<_>>()[..] else { panic!("{shown}") };
        assert_eq!(row, "a row");
        assert!(line.contains("2500 of 10000 servers, 500 failed, ") && line.ends_with(" left"), "{shown}");
        progress.clear();
        assert!(!terminal.contents().contains("servers"), "{}", terminal.contents());
    }

    #[test]
    fn a_blocked_writer_does_not_delay_the_end() {
        let progress = Progress::new(2, false);
        let (begun, has_begun) = channel();
        let (end, may_end) = channel::<()>();
        let writer = thread::spawn({
            let progress = progress.clone();
            move || {
                progress.beside(|| {
                    begun.send(()).unwrap();
                    may_end.recv().unwrap_err();
                });
            }
        });
        has_begun.recv().unwrap();
        progress.clear_at_once();
        assert!(!writer.is_finished());
        drop(end);
        writer.join().unwrap();
    }
}
