//! What a server claims or sends without end costs no more than the limits allow.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use netsession::{Client, Credentials, ErrorKind, Level};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::compare::measure::run_to_its_end;
use netsession_interop::netsession::List;
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::scenario::{self, Fault, FaultKind, Step};
use netsession_testserver::{Scenario, Server};

/// Beyond what a listing without a fault takes.
const TOLERANCE_KIB: u64 = 8 * 1024;

pub(crate) fn add(suite: &mut Suite) {
    for count in [0x4000_0000, u32::MAX] {
        suite.test(Need::ProgramAlone, format!("memory::an_answer_that_claims::{count:#x}"), move || {
            ["1", "502"].into_iter().try_for_each(|level| {
                peak_stays(level, &[Fault::new(Step::Enumerate, FaultKind::Count(count))])
            })
        });
    }
    for (name, fault) in [
        ("interim", Fault::new(Step::Enumerate, FaultKind::InterimWithoutEnd(0))),
        // Beside the last reply they would come too late: the listing is complete without them.
        ("unsolicited", Fault::new(Step::Bind, FaultKind::UnsolicitedWithoutEnd(0))),
    ] {
        suite.test(Need::ProgramAlone, format!("memory::replies_without_end::{name}"), move || {
            peak_stays("1", &[fault])
        });
    }
    suite.test(Need::Nothing, "memory::fragments_without_end_stop_at_the_limit", fragments);
    suite.test(Need::Nothing, "memory::pages_without_end_stop_at_the_limit", pages);
    suite.test(Need::ProgramAlone, "memory::pages_without_end::in_the_program", in_the_program);
}

fn server(faults: &[Fault]) -> Result<Scenario> {
    let mut scenario = scenario::shipped("windows")?;
    let sessions = scenario.sessions().iter().cycle().take(300).cloned().collect();
    scenario = scenario.with_sessions(sessions);
    if faults.iter().any(|fault| matches!(fault.kind, FaultKind::UnsolicitedWithoutEnd(_))) {
        // There is time for them to come.
        scenario.delay_ms = 20;
    }
    Ok(faults.iter().cloned().fold(scenario, Scenario::with_fault))
}

/// The most memory of a program that has listed this server, and whether it succeeded.
fn peak(level: &str, faults: &[Fault], timeout: &str) -> Result<(u64, bool)> {
    let (address, _server) = Server::start(server(faults)?)?;
    let list = List::of(address.to_string())?.login(DOUBLE_ADMIN).args(&["-l", level, "--timeout", timeout]);
    let mut command = list.into_command();
    let (cost, status) = run_to_its_end(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
    Ok((cost.peak_kib, status.success()))
}

fn peak_stays(level: &str, faults: &[Fault]) -> Result<()> {
    let (clean, listed) = peak(level, &[], "10s")?;
    ensure!(listed, "without a fault, too");
    let (spoilt, listed) = peak(level, faults, "2s")?;
    ensure!(!listed, "it was listed");
    ensure!(spoilt < clean + TOLERANCE_KIB, "{spoilt} KiB, and {clean} KiB without the fault");
    Ok(())
}

/// How the library ends, whose limits can be set.
fn limited(faults: &[Fault], set: fn(netsession::ClientBuilder) -> netsession::ClientBuilder) -> Result<()> {
    let (address, _server) = Server::start(server(faults)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listing = runtime.block_on(async {
        let client = Client::builder(address.to_string())
            .credentials(Credentials::ntlm("LAB", DOUBLE_ADMIN.name, DOUBLE_ADMIN.password))
            .timeout(Duration::from_secs(30));
        set(client).connect().await?.sessions().level(Level::L502).list().await
    });
    match listing {
        Err(error) if error.kind() == ErrorKind::Limit => Ok(()),
        other => bail!("{other:?}"),
    }
}

/// Without a hint there is nothing in a fragment that says which one it is, so one can come for ever.
fn fragments() -> Result<()> {
    let faults =
        [FaultKind::AllocHint(0), FaultKind::FragmentLoop].map(|kind| Fault::new(Step::Enumerate, kind));
    limited(&faults, |client| client.max_answer_bytes(2 << 20))
}

fn pages() -> Result<()> {
    let faults = [Fault::new(Step::Enumerate, FaultKind::PagesWithoutEnd)];
    limited(&faults, |client| client.max_pages(20))?;
    limited(&faults, |client| client.max_entries(5_000))?;
    limited(&faults, |client| client.max_answer_bytes(1 << 20))
}

/// The program's limit is a million sessions, its deadline comes first, and until then little piles up.
fn in_the_program() -> Result<()> {
    let faults = [Fault::new(Step::Enumerate, FaultKind::PagesWithoutEnd)];
    let (kib, listed) = peak("502", &faults, "2s")?;
    ensure!(!listed, "it was listed");
    ensure!(kib < 256 * 1024, "{kib} KiB");
    Ok(())
}
