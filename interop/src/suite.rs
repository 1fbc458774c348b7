//! A list of named tests. What this machine cannot run is counted as ignored, by name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use libtest_mimic::{Arguments, Trial};

pub use crate::needs::Need;

/// When this is set, ignored tests are a failure: a CI that skips them would be green for nothing.
const REQUIRED: &str = "NETSESSION_INTEROP_REQUIRED";

/// Collects tests, then runs them.
#[derive(Debug, Default)]
pub struct Suite {
    trials: Vec<Trial>,
    /// Looked for once each.
    missing: BTreeMap<Need, Vec<String>>,
    /// Why tests are ignored.
    reasons: BTreeSet<String>,
    /// Whether some are although this machine could run them.
    incomplete: bool,
}

impl Suite {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a test with these needs would run.
    pub fn can(&mut self, needs: &[Need]) -> bool {
        needs.iter().all(|need| self.missing(*need).is_empty())
    }

    fn missing(&mut self, need: Need) -> &[String] {
        self.missing.entry(need).or_insert_with(|| need.missing())
    }

    /// Adds a test.
    pub fn test(
        &mut self,
        needs: &[Need],
        name: impl Into<String>,
        body: impl FnOnce() -> Result<()> + Send + 'static,
    ) {
        let mut ignored = false;
        for need in needs {
            let missing = self.missing(*need).to_vec();
            ignored |= !missing.is_empty();
            self.incomplete |= !missing.is_empty() && !need.is_of_the_kernel();
            self.reasons.extend(missing);
        }
        let trial = Trial::test(name, || body().map_err(|error| format!("{error:#}").into()));
        self.trials.push(trial.with_ignored_flag(ignored));
    }

    /// Runs them, tidies up by `last`, and ends the process.
    pub fn run(self, last: impl FnOnce()) -> ! {
        let mut arguments = Arguments::from_args();
        // They wait more than they compute.
        arguments.test_threads.get_or_insert(4);
        if !arguments.list {
            for what in &self.reasons {
                eprintln!("missing: {what}; the tests that need it are ignored");
            }
        }
        let conclusion = libtest_mimic::run(&arguments, self.trials);
        last();
        if self.incomplete && std::env::var_os(REQUIRED).is_some() && !arguments.list {
            eprintln!("{REQUIRED} is set, and tests were ignored because of what is missing");
            std::process::exit(1);
        }
        conclusion.exit()
    }
}
