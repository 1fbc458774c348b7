//! What a server claims or sends without end costs no more than the limits allow.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use netsession::{Account, Client, Credentials, ErrorKind, Level, Password};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::compare::measure::{Cost, run_to_its_end};
use netsession_interop::exporter::{Exporter, value};
use netsession_interop::netsession::List;
use netsession_interop::port;
use netsession_interop::recorder::Recorder;
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::scenario::{self, Encryption, Fault, FaultKind, Step};
use netsession_testserver::{Scenario, Server};

use crate::deadline::{DEADLINE, PROCESS};

/// Beyond what a listing without a fault takes.
const TOLERANCE_KIB: u64 = 5 * 1024;

pub(crate) fn add(suite: &mut Suite) {
    for count in [0x4000_0000, u32::MAX] {
        suite.test(&[Need::Program], format!("memory::an_answer_that_claims::{count:#x}"), move || {
            ["1", "502"].into_iter().try_for_each(|level| {
                peak_stays(level, &[Fault::new(Step::Enumerate, FaultKind::Count(count))])
            })
        });
    }
    // As fast as they are taken: tens of MiB in two seconds, of which nothing may be kept.
    for (name, fault) in [
        ("interim", Fault::new(Step::Enumerate, FaultKind::InterimWithoutEnd(0))),
        // Beside the last reply they would come too late: the listing is complete without them.
        ("unsolicited", Fault::new(Step::Bind, FaultKind::UnsolicitedWithoutEnd(0))),
    ] {
        suite.test(&[Need::Program], format!("memory::replies_without_end::{name}"), move || {
            peak_stays("1", &[fault])
        });
    }
    suite.test(&[], "memory::fragments_without_end_stop_at_the_limit", fragments);
    suite.test(&[], "memory::pages_without_end_stop_at_the_limit", pages);
    suite.test(&[Need::Program], "memory::pages_without_end::in_the_program", in_the_program);
    for (format, most) in [("csv", 10), ("jsonl", 10), ("json", 10), ("table", 12)] {
        let name = format!("memory::many_sessions::{format}");
        suite.test(&[Need::Program], name, move || many_sessions(format, most));
    }
    suite.test(&[Need::Program], "memory::one_budget_for_all_servers", budget);
    suite.test(&[Need::Program], "memory::many_sessions::exporter", exporter);
    suite.test(&[Need::Program], "memory::many_sessions::record", record);
    suite.test(&[Need::Program], "memory::one_budget_for_all_targets_of_the_exporter", budget_of_exporter);
}

fn server(faults: &[Fault]) -> Result<Scenario> {
    let mut scenario = scenario::shipped("windows")?;
    let sessions = scenario.sessions().iter().cycle().take(300).cloned().collect();
    scenario = scenario.with_sessions(sessions);
    if faults.iter().any(|fault| matches!(fault.kind, FaultKind::InterimWithoutEnd(_))) {
        // Decrypted, which takes its time in a build that is not optimised, too little of a flood would come through.
        scenario.smb.encryption = Encryption::Off;
    }
    if faults.iter().any(|fault| matches!(fault.kind, FaultKind::UnsolicitedWithoutEnd(_))) {
        // There is time for them to come.
        scenario.delay_ms = 20;
    }
    Ok(faults.iter().cloned().fold(scenario, Scenario::with_fault))
}

/// What a program took to list this server, and whether it succeeded.
fn cost(level: &str, faults: &[Fault], timeout: &str) -> Result<(Cost, bool)> {
    let (address, _server) = Server::start(server(faults)?)?;
    let list = List::new(address.to_string())?.login(DOUBLE_ADMIN).args(&["-l", level, "--timeout", timeout]);
    let (cost, status) = run_to_its_end(&list.into_command())?;
    Ok((cost, status.success()))
}

fn peak_stays(level: &str, faults: &[Fault]) -> Result<()> {
    let (clean, listed) = cost(level, &[], "10s")?;
    ensure!(listed, "without a fault, too");
    let (spoilt, listed) = cost(level, faults, "2s")?;
    ensure!(!listed, "it was listed");
    let (spoilt_kib, clean_kib) = (spoilt.peak_kib, clean.peak_kib);
    eprintln!("level {level}, {faults:?}: {spoilt_kib} KiB, {clean_kib} KiB without, {:?}", spoilt.wall);
    ensure!(spoilt_kib < clean_kib + TOLERANCE_KIB, "{spoilt_kib} KiB, {clean_kib} KiB without the fault");
    ensure!(spoilt.wall < DEADLINE + DEADLINE / 10 + PROCESS, "too late: {spoilt:?}");
    Ok(())
}

/// How the library ends, whose limits can be set.
fn limited(faults: &[Fault], set: fn(netsession::ClientBuilder) -> netsession::ClientBuilder) -> Result<()> {
    let (address, _server) = Server::start(server(faults)?)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listing = runtime.block_on(async {
        let client = Client::builder(address.to_string())
            .credentials(Credentials::ntlm(
                Account::new(DOUBLE_ADMIN.name).in_domain("LAB"),
                Password::new(DOUBLE_ADMIN.password),
            ))
            .timeout(Duration::from_secs(30));
        set(client).connect().await?.sessions().level(Level::L502).list().await
    });
    match listing {
        Err(error) if error.kind() == ErrorKind::Limit => Ok(()),
        other => bail!("{other:?}"),
    }
}

/// Without a hint there is nothing in a fragment that says which one it is, so one can come for ever; with a count that
/// lies nothing of it can be read before the end.
fn fragments() -> Result<()> {
    let faults = [FaultKind::AllocHint(0), FaultKind::FragmentLoop, FaultKind::Count(900_000)]
        .map(|kind| Fault::new(Step::Enumerate, kind));
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
    let (cost, listed) = cost("502", &faults, "2s")?;
    ensure!(!listed, "it was listed");
    // An optimised program gets far in this time: what holds is its limit of bytes.
    ensure!(cost.peak_kib < 256 * 1024, "{cost:?}");
    ensure!(cost.wall < DEADLINE + DEADLINE / 10 + PROCESS, "too late: {cost:?}");
    Ok(())
}

/// A server with this many sessions, of which no two are alike.
fn many(sessions: usize) -> Result<Scenario> {
    let mut scenario = scenario::shipped("windows")?;
    let first = scenario.sessions().first().cloned().context("no session")?;
    let one = |number: usize| {
        let (client, user) = (format!(r"\\10.0.{}.{}", number / 250, number % 250), format!("user{number}"));
        let mut session = first.clone();
        (session.client, session.user) = (client, Some(user));
        session
    };
    scenario = scenario.with_sessions((0..sessions).map(one).collect());
    // Without optimisation the double takes its time to encrypt 20 MB.
    scenario.smb.encryption = Encryption::Off;
    Ok(scenario)
}

/// So few that a build without optimisation is soon through. docs/performance.md has the same with 900,000.
const MANY: usize = 30_000;
/// What a recorder takes of them at most, beyond a few: 24 MiB, and 42 when each session was held several times.
const RECORD_MIB: usize = 30;

/// Beyond a listing of a few sessions, which differs from build to build: a little above what it takes now (7 to 8 MiB),
/// and below what it took when answers were held as a whole.
fn many_sessions(format: &str, most_mib: u64) -> Result<()> {
    let peak = |sessions: usize| -> Result<u64> {
        let (address, _server) = Server::start(many(sessions)?)?;
        let list =
            List::new(address.to_string())?.login(DOUBLE_ADMIN).args(&["-f", format, "--timeout", "5m"]);
        let (cost, status) = run_to_its_end(&list.into_command())?;
        ensure!(status.success(), "{status}");
        Ok(cost.peak_kib)
    };
    let (few, all) = (peak(10)?, peak(MANY)?);
    eprintln!("{format}: {all} KiB, {few} KiB for 10 sessions");
    ensure!(all.saturating_sub(few) < most_mib * 1024, "{all} KiB, {few} KiB for 10 sessions");
    Ok(())
}

/// Four servers, whose rows wait for each other, where there is memory for two: the others have kind `limit`.
fn budget() -> Result<()> {
    let addresses: Vec<SocketAddr> = (1..=4).map(|last| ([127, 22, 0, last], port::free()).into()).collect();
    let (bound, _server) = Server::start_on(many(MANY)?, &addresses)?;
    let others: Vec<String> = bound.iter().skip(1).map(ToString::to_string).collect();
    let mut arguments = vec!["-f", "json", "--timeout", "5m", "--max-memory", "8MiB"];
    arguments.extend(others.iter().map(String::as_str));
    let list = List::new(bound[0].to_string())?.login(DOUBLE_ADMIN).args(&arguments);
    let (cost, _) = run_to_its_end(&list.into_command())?;
    let list = List::new(bound[0].to_string())?.login(DOUBLE_ADMIN).args(&arguments);
    let outcome = list.run()?.outcome;
    let said = outcome.stderr;
    eprintln!("{} KiB: {said}", cost.peak_kib);
    ensure!(outcome.code == Some(1) && said.contains(" limit)"), "{said}");
    ensure!(said.contains("bytes of memory for the answers of all servers"), "{said}");
    ensure!(["1 answered", "2 answered"].iter().any(|answered| said.contains(answered)), "{said}");
    ensure!(cost.peak_kib < 40 * 1024, "{} KiB", cost.peak_kib);
    Ok(())
}

/// Four targets that are probed at once, where there is memory for some: the others have kind `limit`, and the process
/// stays within the budget and what it takes anyway.
fn budget_of_exporter() -> Result<()> {
    const BUDGET_KIB: usize = 3 * 1024;
    let addresses: Vec<SocketAddr> = (1..=4).map(|last| ([127, 23, 0, last], port::free()).into()).collect();
    let (bound, _server) = Server::start_on(many(MANY)?, &addresses)?;
    let exporter =
        Exporter::start(&config_of_exporter(&bound, "max_memory = '3MiB'"), &[("lab", DOUBLE_ADMIN)])?;
    let probe = |number: usize| exporter.probe(&format!("many{number}"), Duration::from_secs(55));
    let responses = thread::scope(|scope| -> Result<Vec<_>> {
        let probes: Vec<_> = (0..bound.len()).map(|number| scope.spawn(move || probe(number))).collect();
        probes.into_iter().map(|probe| probe.join().ok().context("a probe panicked")?).collect()
    })?;
    let (few, all) = (exporter_peak(10)?, exporter.peak_kib()?);
    eprintln!("{all} KiB, {few} KiB for 10 sessions");
    for response in &responses {
        let is_up = value(&response.body, "netsession_sessions").is_some_and(|count| count >= MANY as f64);
        let is_limited = value(&response.body, "netsession_error{kind=\"limit\"}") == Some(1.0);
        ensure!(is_up != is_limited, "{}", response.body);
    }
    // Without a budget it is 11 MiB.
    ensure!(all.saturating_sub(few) < BUDGET_KIB + 6 * 1024, "{all} KiB, {few} KiB for 10 sessions");
    // One alone has room for all of its sessions.
    let alone = probe(0)?;
    ensure!(value(&alone.body, "netsession_up") == Some(1.0), "{}", alone.body);
    Ok(())
}

fn record() -> Result<()> {
    let peak = |sessions: usize| -> Result<usize> {
        let (address, _server) = Server::start(many(sessions)?)?;
        let mut recorder = Recorder::start(&address.to_string(), DOUBLE_ADMIN)?;
        // The first is all new, the next ones change nothing.
        recorder.wait_for_rounds(3)?;
        recorder.peak_kib()
    };
    let (few, all) = (peak(10)?, peak(MANY)?);
    eprintln!("{all} KiB, {few} KiB for 10 sessions");
    ensure!(all.saturating_sub(few) < RECORD_MIB * 1024, "{all} KiB, {few} KiB for 10 sessions");
    Ok(())
}

fn exporter() -> Result<()> {
    let (few, all) = (exporter_peak(10)?, exporter_peak(MANY)?);
    eprintln!("{all} KiB, {few} KiB for 10 sessions");
    ensure!(all.saturating_sub(few) < 7 * 1024, "{all} KiB, {few} KiB for 10 sessions");
    Ok(())
}

fn exporter_peak(sessions: usize) -> Result<usize> {
    let (address, _server) = Server::start(many(sessions - 1)?)?;
    let exporter = Exporter::start(&config_of_exporter(&[address], ""), &[("lab", DOUBLE_ADMIN)])?;
    let response = exporter.probe("many0", Duration::from_secs(55))?;
    // The exporter's own session is one of them.
    ensure!(response.body.contains(&format!("\nnetsession_sessions {sessions}\n")), "{}", response.body);
    exporter.peak_kib()
}

/// The targets `many0` and so on.
fn config_of_exporter(addresses: &[SocketAddr], settings: &str) -> String {
    let mut config = format!(
        "[exporter]\n{settings}\n[credentials]\nlab = {{ login = 'LAB\\{}', password_file = 'lab.password' }}\n[servers]\n",
        DOUBLE_ADMIN.name
    );
    for (number, address) in addresses.iter().enumerate() {
        config += &format!("many{number} = {{ address = '{address}', credentials = 'lab' }}\n");
    }
    config
}
