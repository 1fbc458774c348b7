//! A list of named tests. What this machine cannot run is counted as ignored, by name.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use libtest_mimic::{Arguments, Trial};

use crate::{double, impacket, needs, netsession, perl, port, wine};

/// When this is set, ignored tests are a failure: a CI that skips them would be green for nothing.
const REQUIRED: &str = "NETSESSION_INTEROP_REQUIRED";

/// What a test needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Samba and its clients.
    Samba,
    /// The same, and the program under test.
    Program,
    /// The same, and `::1`.
    ProgramAndIpv6,
    /// The program under test alone, not even Samba.
    ProgramAlone,
    /// The program under test, and what a domain with Kerberos needs.
    Domain,
    /// The same, and keys in the kernel.
    DomainAndKeyStore,
    /// python3-samba alone.
    Python3Samba,
    /// The same, and the program under test.
    ProgramAndPython3Samba,
    /// rpcclient alone.
    Rpcclient,
    /// smbtorture alone.
    Smbtorture,
    /// impacket alone.
    Impacket,
    /// The program under test, and the double as a program.
    ProgramAndTestServer,
    /// The same, and Prometheus.
    Prometheus,
    /// The same, and Samba.
    PrometheusAndSamba,
    /// The same as [`Need::Prometheus`], and nginx.
    PrometheusAndNginx,
    /// promtool alone.
    Promtool,
    /// systemd-analyze alone.
    SystemdAnalyze,
    /// Nothing.
    Nothing,
    /// Samba, the program under test and Perl.
    Perl,
    /// The program under test and Perl.
    PerlAlone,
    /// Wine, the compiler for the doubles, and the program for Windows.
    Wine,
    /// The same, and terminals.
    WineAndTerminals,
    /// Wine as above, and Samba.
    WineAndSamba,
    /// The same, and the double of a server.
    WineAndTestServer,
}

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

    /// Whether a test with this need would run.
    pub fn can(&mut self, need: Need) -> bool {
        self.missing.entry(need).or_insert_with(|| missing(need)).is_empty()
    }

    /// Adds a test.
    pub fn test(
        &mut self,
        need: Need,
        name: impl Into<String>,
        body: impl FnOnce() -> Result<()> + Send + 'static,
    ) {
        let missing = self.missing.entry(need).or_insert_with(|| missing(need));
        let ignored = !missing.is_empty();
        // No package brings ::1, nor what the rules of a container close.
        self.incomplete |= missing.iter().any(|what| what != IPV6 && what != needs::KEY_STORE);
        self.reasons.extend(missing.iter().cloned());
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

const IPV6: &str = "the address ::1";

fn missing(need: Need) -> Vec<String> {
    let program = || netsession::binary().err().map(|error| error.to_string());
    let test_server = || double::binary().err().map(|error| error.to_string());
    let ipv6 = || (!port::has_ipv6()).then(|| IPV6.to_owned());
    match need {
        Need::Samba => needs::missing(),
        Need::Program => needs::missing().into_iter().chain(program()).collect(),
        Need::ProgramAndIpv6 => needs::missing().into_iter().chain(program()).chain(ipv6()).collect(),
        Need::Domain => {
            needs::missing().into_iter().chain(program()).chain(needs::missing_for_a_domain()).collect()
        }
        Need::DomainAndKeyStore => missing(Need::Domain).into_iter().chain(needs::key_store()).collect(),
        Need::ProgramAlone => program().into_iter().collect(),
        Need::Python3Samba => needs::python3_samba().into_iter().collect(),
        Need::ProgramAndPython3Samba => program().into_iter().chain(needs::python3_samba()).collect(),
        Need::Rpcclient => needs::program("rpcclient", "smbclient").into_iter().collect(),
        Need::Smbtorture => needs::program("smbtorture", "samba-testsuite").into_iter().collect(),
        Need::Impacket => impacket::python().err().map(|error| error.to_string()).into_iter().collect(),
        Need::ProgramAndTestServer => program().into_iter().chain(test_server()).collect(),
        Need::Prometheus => {
            program().into_iter().chain(test_server()).chain(needs::missing_for_prometheus()).collect()
        }
        Need::PrometheusAndSamba => missing(Need::Prometheus).into_iter().chain(needs::missing()).collect(),
        Need::PrometheusAndNginx => {
            missing(Need::Prometheus).into_iter().chain(needs::missing_for_nginx()).collect()
        }
        Need::Promtool => needs::program("promtool", "prometheus").into_iter().collect(),
        Need::SystemdAnalyze => needs::program("systemd-analyze", "systemd").into_iter().collect(),
        Need::Perl => needs::missing().into_iter().chain(program()).chain(perl::missing()).collect(),
        Need::PerlAlone => program().into_iter().chain(perl::missing()).collect(),
        Need::Wine => wine::missing(),
        Need::WineAndTerminals => {
            wine::missing().into_iter().chain(needs::program("script", "bsdutils")).collect()
        }
        Need::WineAndSamba => wine::missing().into_iter().chain(needs::missing()).chain(program()).collect(),
        Need::WineAndTestServer => wine::missing().into_iter().chain(test_server()).collect(),
        Need::Nothing => Vec::new(),
    }
}
