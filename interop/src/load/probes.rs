use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::exporter::{Exporter, value};
use crate::process::PATIENCE;

/// What became of many probes.
#[derive(Debug, Default)]
pub(super) struct Probes {
    pub(super) up: usize,
    pub(super) down: usize,
    /// After Prometheus would have given up.
    pub(super) late: usize,
    pub(super) took: Duration,
    latencies: Vec<Duration>,
}

/// What a probe says of its server.
#[derive(Clone, Copy, Debug)]
pub(super) enum ProbeResult {
    Up,
    Down,
}

/// What probes the targets of an exporter, one after the other.
pub(super) struct Prober<'a> {
    exporter: &'a Exporter,
    targets: &'a [String],
    /// Probes at the same time.
    askers: usize,
    timeout: Duration,
    late_after: Duration,
    /// Of all runs.
    up: AtomicUsize,
    down: AtomicUsize,
}

impl<'a> Prober<'a> {
    pub(super) fn new(
        exporter: &'a Exporter,
        targets: &'a [String],
        askers: usize,
        timeout: Duration,
        late_after: Duration,
    ) -> Self {
        let (up, down) = Default::default();
        Self { exporter, targets, askers, timeout, late_after, up, down }
    }

    /// Waits until a probe that was started from now on has this result, or until `is_finished`.
    pub(super) fn wait_for(&self, result: ProbeResult, is_finished: impl Fn() -> bool) -> Result<()> {
        let results = self.results(result);
        let before = results.load(Ordering::Relaxed);
        let begun = Instant::now();
        // As many as there are askers may have been under way.
        while results.load(Ordering::Relaxed) <= before + self.askers && !is_finished() {
            ensure!(begun.elapsed() < PATIENCE, "no probe is {result:?}");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn results(&self, result: ProbeResult) -> &AtomicUsize {
        match result {
            ProbeResult::Up => &self.up,
            ProbeResult::Down => &self.down,
        }
    }

    /// Probes until `enough` says so of the number of probes started.
    pub(super) fn run(&self, enough: impl Fn(usize) -> bool + Sync) -> Result<Probes> {
        let (asked, probes) = (AtomicUsize::new(0), Mutex::new(Probes::default()));
        let begun = Instant::now();
        thread::scope(|scope| {
            let askers: Vec<_> =
                (0..self.askers).map(|_| scope.spawn(|| self.ask(&enough, &asked, &probes))).collect();
            askers.into_iter().try_for_each(|asker| asker.join().ok().context("an asker ended early")?)
        })?;
        let mut probes = probes.into_inner().ok().context("a lock")?;
        probes.took = begun.elapsed();
        probes.latencies.sort_unstable();
        Ok(probes)
    }

    fn ask(&self, enough: impl Fn(usize) -> bool, asked: &AtomicUsize, probes: &Mutex<Probes>) -> Result<()> {
        loop {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            if enough(number) {
                return Ok(());
            }
            let target = self.targets.get(number % self.targets.len()).context("no targets")?;
            let begun = Instant::now();
            let response = self.exporter.probe(target, self.timeout)?;
            let took = begun.elapsed();
            let is_up = value(&response.body, "netsession_up").context("no netsession_up")? == 1.0;
            let result = if is_up { ProbeResult::Up } else { ProbeResult::Down };
            self.results(result).fetch_add(1, Ordering::Relaxed);
            let mut probes = probes.lock().ok().context("a lock")?;
            probes.latencies.push(took);
            *(if is_up { &mut probes.up } else { &mut probes.down }) += 1;
            probes.late += usize::from(took > self.late_after);
        }
    }
}

impl fmt::Display for Probes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { up, down, late, took, latencies } = self;
        let at = |share: usize| {
            latencies.get(latencies.len().saturating_sub(1) * share / 100).copied().unwrap_or_default()
        };
        write!(
            f,
            "{up} up, {down} down, {late} late, in {:.1} s; {:.1} ms median, {:.1} ms for 99 %, {:.1} ms longest",
            took.as_secs_f64(),
            at(50).as_secs_f64() * 1e3,
            at(99).as_secs_f64() * 1e3,
            at(100).as_secs_f64() * 1e3
        )
    }
}
