use std::env;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// How far a listing of several servers has come, on the terminal that stderr is. Elsewhere there is none.
#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    failed: u64,
}

impl Progress {
    pub(super) fn new(servers: usize, is_verbose: bool) -> Self {
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        // The steps of -v are progress enough, and go to the same place.
        let bar = if servers < 2 || is_verbose || dumb {
            ProgressBar::hidden()
        } else {
            let length = u64::try_from(servers).ok();
            let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        };
        bar.set_style(style());
        Self { bar, failed: 0 }
    }

    /// One more server is done. What is written of it, `write` writes while no bar is in the way.
    pub(super) fn done<T>(&mut self, has_failed: bool, write: impl FnOnce() -> T) -> T {
        if has_failed {
            self.failed = self.failed.saturating_add(1);
            self.bar.set_message(format!(", {} failed", self.failed));
        }
        let written = self.bar.suspend(write);
        self.bar.inc(1);
        written
    }

    /// It is over.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
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
        let mut progress = Progress::new(0, false);
        progress.bar.set_length(10_000);
        progress.bar.set_draw_target(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        for number in 0..2_500 {
            let row = || if number == 7 { terminal.write_line("a row") } else { Ok(()) };
            progress.done(number % 5 == 0, row).unwrap();
        }
        // It is drawn so many times a second, and not at every step.
        std::thread::sleep(Duration::from_millis(200));
        progress.bar.tick();
        let shown = terminal.contents();
        let [row, line] = shown.lines().collect::<Vec<_>>()[..] else { panic!("{shown}") };
        assert_eq!(row, "a row");
        assert!(line.contains("2500 of 10000 servers, 500 failed, ") && line.ends_with(" left"), "{shown}");
        progress.clear();
        assert!(!terminal.contents().contains("servers"), "{}", terminal.contents());
    }
}
