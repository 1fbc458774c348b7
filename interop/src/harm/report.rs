//! What came out of many connections.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::attempt::Attempt;
use super::judge::Verdict;
use super::plan::DEADLINE;
use super::spoil::Harm;
use super::target::Which;

/// The first ones only fill caches, pools and the allocator.
const WARM_UP: usize = 2;
/// Growth that is within what an allocator does: a leak of a kilobyte for each connection is well above it.
const TOLERANCE_KIB: usize = 4096;

/// What came of one server.
#[derive(Debug)]
pub struct Tally {
    which: Which,
    verdicts: BTreeMap<Verdict, usize>,
    /// Of the harmed ones, what was done and how it ended.
    endings: BTreeMap<(Harm, &'static str), usize>,
    slowest: Duration,
    /// Late, or timed out before their frame came, on a machine with too much to do: done once more.
    pub(super) repeated: usize,
    /// The first few that may not be.
    wrong: Vec<String>,
    pub(super) resident_kib: Vec<usize>,
    pub(super) took: Duration,
}

/// What came of all.
#[derive(Debug, Default)]
pub struct Report {
    /// Of each server.
    pub tallies: Vec<Tally>,
}

impl Tally {
    pub(super) fn new(which: Which) -> Self {
        Self {
            which,
            verdicts: BTreeMap::new(),
            endings: BTreeMap::new(),
            slowest: Duration::ZERO,
            repeated: 0,
            wrong: Vec::new(),
            resident_kib: Vec::new(),
            took: Duration::ZERO,
        }
    }

    pub(super) fn add(&mut self, verdict: Verdict, attempt: Attempt) {
        *self.verdicts.entry(verdict).or_default() += 1;
        self.slowest = self.slowest.max(attempt.elapsed);
        if attempt.harmed.is_some() {
            let ending = attempt.result.as_ref().err().map_or("listed", |error| error.kind().as_str());
            *self.endings.entry((attempt.plan.harm, ending)).or_default() += 1;
        }
        if verdict.is_wrong() && self.wrong.len() < 10 {
            self.wrong.push(format!("{verdict:?}: number {}, {attempt:?}", attempt.plan.number));
        }
    }

    /// From the end of the warm-up to the last connection.
    fn growth_kib(&self) -> isize {
        let after_warm_up = self.resident_kib.get(WARM_UP - 1).copied().unwrap_or_default();
        let last = self.resident_kib.last().copied().unwrap_or_default();
        last as isize - after_warm_up as isize
    }

    /// Whether everything is as it should be.
    pub fn is_fine(&self) -> bool {
        self.wrong.is_empty() && self.growth_kib() <= TOLERANCE_KIB as isize
    }
}

impl Report {
    /// Whether everything is as it should be.
    pub fn is_fine(&self) -> bool {
        self.tallies.iter().all(Tally::is_fine)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tallies.iter().try_for_each(|tally| write!(f, "{tally}"))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections: usize = self.verdicts.values().sum();
        writeln!(f, "{:?}: {connections} connections in {:.0} s", self.which, self.took.as_secs_f64())?;
        for (verdict, count) in &self.verdicts {
            writeln!(f, "  {verdict:<18?}{count:>7}")?;
        }
        writeln!(f, "  slowest {:.2} s of {:.1} s", self.slowest.as_secs_f64(), DEADLINE.as_secs_f64())?;
        writeln!(f, "  late, or timed out before the harm, and repeated: {}", self.repeated)?;
        let sizes: Vec<_> =
            self.resident_kib.iter().map(|kib| format!("{:.1}", *kib as f64 / 1024.0)).collect();
        writeln!(f, "  resident MiB after each tenth: {}", sizes.join(" "))?;
        writeln!(f, "  growth after the warm-up: {} KiB", self.growth_kib())?;
        for harm in Harm::ALL {
            let ended = self.endings.iter().filter(|((of, _), _)| *of == harm);
            let ended: Vec<_> = ended.map(|((_, ending), count)| format!("{ending} {count}")).collect();
            writeln!(f, "  {:<10}{}", format!("{harm:?}"), ended.join(", "))?;
        }
        self.wrong.iter().try_for_each(|wrong| writeln!(f, "  WRONG {wrong}"))
    }
}
