//! A list of named tests. What this machine cannot run is counted as ignored, by name.

use std::collections::BTreeSet;

use anyhow::Result;
use libtest_mimic::{Arguments, Trial};

use crate::{needs, netsession, port};

/// When this is set, ignored tests are a failure: a CI that skips them would be green for nothing.
const REQUIRED: &str = "NETSESSION_INTEROP_REQUIRED";

/// What a test needs beyond Samba and its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing more.
    Samba,
    /// The program under test.
    Program,
    /// The program under test, and `::1`.
    ProgramAndIpv6,
    /// The program under test alone, not even Samba.
    ProgramAlone,
    /// The program under test, and what a domain with Kerberos needs.
    Domain,
}

/// Collects tests, then runs them.
#[derive(Debug)]
pub struct Suite {
    trials: Vec<Trial>,
    samba: Vec<String>,
    program: Vec<String>,
    ipv6: Vec<String>,
    domain: Vec<String>,
    /// What the tests that are ignored lack.
    lacking: BTreeSet<String>,
    /// Whether one is ignored that every CI must run: all but those of IPv6, which not every machine has.
    incomplete: bool,
}

impl Suite {
    /// Finds out what is missing.
    #[expect(clippy::new_without_default, reason = "it looks at the machine")]
    pub fn new() -> Self {
        let program = netsession::binary().err().map(|error| error.to_string());
        let ipv6 = (!port::has_ipv6()).then(|| "the address ::1".to_owned());
        Self {
            trials: Vec::new(),
            samba: needs::missing(),
            program: program.into_iter().collect(),
            ipv6: ipv6.into_iter().collect(),
            domain: needs::missing_for_a_domain(),
            lacking: BTreeSet::new(),
            incomplete: false,
        }
    }

    /// Whether a test with this need would run.
    pub fn can(&self, need: Need) -> bool {
        self.missing(need).is_empty()
    }

    /// Adds a test.
    pub fn test(
        &mut self,
        need: Need,
        name: impl Into<String>,
        body: impl FnOnce() -> Result<()> + Send + 'static,
    ) {
        let missing: Vec<String> = self.missing(need).into_iter().cloned().collect();
        let ignored = !missing.is_empty();
        self.incomplete |= missing.iter().any(|what| !self.ipv6.contains(what));
        self.lacking.extend(missing);
        let trial = Trial::test(name, || body().map_err(|error| format!("{error:#}").into()));
        self.trials.push(trial.with_ignored_flag(ignored));
    }

    /// Runs them, tidies up by `last`, and ends the process.
    pub fn run(mut self, last: impl FnOnce()) -> ! {
        let mut arguments = Arguments::from_args();
        // They wait more than they compute.
        arguments.test_threads.get_or_insert(4);
        if !arguments.list {
            for what in &self.lacking {
                eprintln!("missing: {what}; the tests that need it are ignored");
            }
        }
        let trials = std::mem::take(&mut self.trials);
        let conclusion = libtest_mimic::run(&arguments, trials);
        last();
        if self.incomplete && std::env::var_os(REQUIRED).is_some() && !arguments.list {
            eprintln!("{REQUIRED} is set, and tests were ignored because of what is missing");
            std::process::exit(1);
        }
        conclusion.exit()
    }

    fn missing(&self, need: Need) -> Vec<&String> {
        match need {
            Need::Samba => self.samba.iter().collect(),
            Need::ProgramAlone => self.program.iter().collect(),
            Need::Program => self.samba.iter().chain(&self.program).collect(),
            Need::ProgramAndIpv6 => self.samba.iter().chain(&self.program).chain(&self.ipv6).collect(),
            Need::Domain => self.samba.iter().chain(&self.program).chain(&self.domain).collect(),
        }
    }
}
