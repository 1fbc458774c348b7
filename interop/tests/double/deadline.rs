//! One deadline for the whole of a server, wherever it stalls and however it plays for time.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use netsession::{Account, Credentials, ErrorKind, Level, Password};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::netsession::List;
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::scenario::{self, DialectNumber, Fault, FaultKind, Step};
use netsession_testserver::{Scenario, Server};

pub(crate) const DEADLINE: Duration = Duration::from_secs(2);
/// For starting and ending a process on a machine that is busy with other work. The faults last for ever: an end within
/// this time is one by the deadline, and the tests with a fake clock hold it exactly.
pub(crate) const PROCESS: Duration = Duration::from_secs(30);

const STEPS: [(&str, Step); 9] = [
    ("negotiate", Step::Negotiate),
    ("challenge", Step::Challenge),
    ("log_on", Step::LogOn),
    ("tree_connect", Step::TreeConnect),
    ("create", Step::Create),
    ("bind", Step::Bind),
    ("validate", Step::Validate),
    ("enumerate", Step::Enumerate),
    ("read", Step::Read),
];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[], "deadline::without_a_runtime", blocking);
    for (name, step) in STEPS {
        suite
            .test(&[Need::Program], format!("deadline::stall::{name}"), move || ends(step, FaultKind::Stall));
        suite.test(&[Need::Program], format!("deadline::one_byte_a_second::{name}"), move || {
            ends(step, FaultKind::ByteByByte(1000))
        });
        // Before the log-on there is nothing to wait for in the name of which it could be pending.
        if step != Step::Negotiate {
            suite.test(&[Need::Program], format!("deadline::interim_without_end::{name}"), move || {
                ends(step, FaultKind::InterimWithoutEnd(50))
            });
        }
    }
}

/// The driver without a runtime, which the program does not use, in the middle of an answer.
fn blocking() -> Result<()> {
    for (step, kind) in [
        (Step::Negotiate, FaultKind::Stall),
        (Step::Enumerate, FaultKind::Stall),
        (Step::Read, FaultKind::ByteByByte(1000)),
        (Step::Enumerate, FaultKind::InterimWithoutEnd(0)),
    ] {
        let (address, _server) = Server::start(server(Fault::new(step, kind.clone()))?)?;
        let start = Instant::now();
        let listing = netsession::blocking::Client::builder(address.to_string())
            .credentials(Credentials::ntlm(
                Account::new(DOUBLE_ADMIN.name).in_domain("LAB"),
                Password::new(DOUBLE_ADMIN.password),
            ))
            .timeout(DEADLINE)
            .connect()
            .and_then(|client| client.sessions().level(Level::L502).list());
        let elapsed = start.elapsed();
        ensure!(listing.is_err_and(|error| error.kind() == ErrorKind::TimedOut), "{step:?} {kind:?}");
        ensure!(elapsed >= DEADLINE, "too early: {step:?} {kind:?} {elapsed:?}");
        ensure!(elapsed < DEADLINE + DEADLINE / 10 + PROCESS, "too late: {step:?} {kind:?} {elapsed:?}");
    }
    Ok(())
}

/// 3.0.2, which validates its negotiation in a step of its own, with an answer of several fragments.
fn server(fault: Fault) -> Result<Scenario> {
    let mut scenario = scenario::shipped("windows")?.with_fault(fault);
    let sessions = scenario.sessions().iter().cycle().take(300).cloned().collect();
    scenario = scenario.with_sessions(sessions);
    scenario.smb.dialects = vec![DialectNumber::Smb302];
    Ok(scenario)
}

fn ends(step: Step, kind: FaultKind) -> Result<()> {
    let (address, _server) = Server::start(server(Fault::new(step, kind))?)?;
    let list = List::new(address.to_string())?.login(DOUBLE_ADMIN);
    let run = list.args(&["-f", "jsonl", "--timeout", "2s"]).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    // Any other error would say that the fault was not what ended it.
    let kind = &run.lines()?[0]["error"]["kind"];
    ensure!(kind == "timeout", "{run:?}");
    ensure!(run.outcome.elapsed >= DEADLINE, "too early: {run:?}");
    ensure!(run.outcome.elapsed < DEADLINE + DEADLINE / 10 + PROCESS, "too late: {run:?}");
    Ok(())
}
