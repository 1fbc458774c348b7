//! A list of named tests. What this machine cannot run is counted as ignored, by name.

use std::collections::BTreeMap;

use anyhow::Result;
use libtest_mimic::{Arguments, Trial};

use crate::needs::Lack;
pub use crate::needs::Need;

/// When this is set, ignored tests are a failure: a CI that skips them would be green for nothing.
const REQUIRED: &str = "NETSESSION_INTEROP_REQUIRED";

/// When this is set, tests that do not run the program are left out: those of a program that was built otherwise, after all of
/// them have run with the first one.
const PROGRAM_ALONE: &str = "NETSESSION_INTEROP_PROGRAM_ALONE";

/// Collects tests, then runs them.
#[derive(Debug)]
pub struct Suite {
    arguments: Arguments,
    trials: Vec<Trial>,
    /// What each need lacks on this machine.
    missing: BTreeMap<Need, Vec<Lack>>,
    program_alone: bool,
    left_out: usize,
}

impl Suite {
    /// An empty one, with the arguments of the process.
    #[expect(clippy::new_without_default, reason = "it reads the command line")]
    pub fn new() -> Self {
        let mut arguments = Arguments::from_args();
        // They wait more than they compute.
        arguments.test_threads.get_or_insert(4);
        let program_alone = std::env::var_os(PROGRAM_ALONE).is_some();
        Self { arguments, trials: Vec::new(), missing: BTreeMap::new(), program_alone, left_out: 0 }
    }

    /// Whether tests with these needs will run.
    pub fn runs(&mut self, needs: &[Need]) -> bool {
        !self.arguments.list && !self.lacks(needs)
    }

    /// Adds a test.
    pub fn test(
        &mut self,
        needs: &[Need],
        name: impl Into<String>,
        body: impl FnOnce() -> Result<()> + Send + 'static,
    ) {
        if self.program_alone && !needs.contains(&Need::Program) {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        let trial = Trial::test(name, || body().map_err(|error| format!("{error:#}").into()));
        // A list costs nothing: the machine is not looked at.
        let ignored = !self.arguments.list && self.lacks(needs);
        self.trials.push(trial.with_ignored_flag(ignored));
    }

    /// Adds the name of a test that there is not yet, which is counted as ignored.
    pub fn missing_test(&mut self, name: impl Into<String>) {
        self.trials.push(Trial::test(name, || Ok(())).with_ignored_flag(true));
    }

    fn lacks(&mut self, needs: &[Need]) -> bool {
        let missing = |need: &Need| !self.missing.entry(*need).or_insert_with(|| need.missing()).is_empty();
        // All of them are looked at, so that all that is missing is named.
        needs.iter().map(missing).fold(false, |some, one| some | one)
    }

    /// Runs them, tidies up by `last`, and ends the process.
    pub fn run(self, last: impl FnOnce()) -> ! {
        for Lack { what, is_installable } in self.missing.values().flatten() {
            // xtask says how to install what is missing where this line says that it can be.
            let how = if *is_installable { "" } else { ", and no package brings it" };
            eprintln!("missing: {what}; the tests that need it are ignored{how}");
        }
        if self.left_out > 0 {
            eprintln!("{} tests that do not run the program are left out ({PROGRAM_ALONE})", self.left_out);
        }
        let conclusion = libtest_mimic::run(&self.arguments, self.trials);
        last();
        let mut missing = self.missing.iter().filter(|(_, missing)| !missing.is_empty());
        if missing.any(|(need, _)| !need.may_be_missing()) && std::env::var_os(REQUIRED).is_some() {
            eprintln!("{REQUIRED} is set, and tests were ignored because of what is missing");
            std::process::exit(1);
        }
        conclusion.exit()
    }
}
