//! The right password for many servers, of which some stall in the log-on, refuse it, or are forged.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use netsession_interop::account::{Account, DOUBLE_ADMIN};
use netsession_interop::fleet::Fleet;
use netsession_interop::netsession::{List, Run};
use netsession_interop::proxy::Proxy;
use netsession_interop::proxy::tamper::{LogOnAnswer, LogOns};
use netsession_interop::suite::{Need, Suite};
use tempfile::NamedTempFile;

const OF_DOMAIN: Account = Account { name: r"LAB\admin", ..DOUBLE_ADMIN };

pub(crate) fn add(suite: &mut Suite) {
    let mut test =
        |name: &str, body| suite.test(&[Need::Program, Need::TestServer], format!("guard::{name}"), body);
    test("two_servers_that_stall_lose_themselves_alone", two_stall as fn() -> Result<()>);
    test("a_canary_that_stalls_costs_its_patience_once", canary_stalls);
    test("two_canaries_that_stall_hold_the_rest", canaries_stall);
    test("one_forged_refusal_blocks_its_server_alone", forged);
}

/// Puts relays that do this to the answers of log-ons in the place of some servers of the fleet.
fn with_relays(fleet: &Fleet, answer: LogOnAnswer, places: &[usize]) -> Result<(NamedTempFile, Vec<Proxy>)> {
    let (mut targets, seen) = (fleet.targets(), Arc::default());
    let mut relays = Vec::new();
    for &place in places {
        let target = targets.get_mut(place).context("no such server")?;
        let server: SocketAddr = target.parse()?;
        let seen = Arc::clone(&seen);
        let relay = Proxy::to(server).tamper(move || LogOns::new(answer, &seen)).start()?;
        *target = relay.address().to_string();
        relays.push(relay);
    }
    let list = NamedTempFile::new()?;
    std::fs::write(list.path(), targets.join("\n"))?;
    Ok((list, relays))
}

fn run(list: &NamedTempFile, args: &[&str]) -> Result<Run> {
    let path = list.path().to_string_lossy().into_owned();
    List::new("--servers-from")?.args(&[&path, "-f", "jsonl"]).args(args).login(OF_DOMAIN).run()
}

/// The kinds of the servers that failed.
fn failed(run: &Run) -> Result<Vec<String>> {
    let kinds = run.lines()?.into_iter().filter_map(|line| Some(line["error"]["kind"].as_str()?.to_owned()));
    Ok(kinds.collect())
}

fn two_stall() -> Result<()> {
    let fleet = Fleet::start(1_000)?;
    for places in [[2, 3], [400, 999]] {
        let (list, _relays) = with_relays(&fleet, LogOnAnswer::Lost, &places)?;
        // One at a time until the third is asked: the first two are those that prove the password.
        let jobs = if places == [2, 3] { "2" } else { "128" };
        let run = run(&list, &["--jobs", jobs, "--timeout", "5s"])?;
        ensure!(failed(&run)? == ["timeout", "timeout"], "{places:?}: {:?}", run.outcome.stderr);
    }
    Ok(())
}

fn canary_stalls() -> Result<()> {
    let fleet = Fleet::start(200)?;
    let (list, _relays) = with_relays(&fleet, LogOnAnswer::Lost, &[0])?;
    // The second one waits longer than its own time, which does not count. One at a time, so that the first one is the
    // canary.
    let run = run(&list, &["--jobs", "1", "--timeout", "1s"])?;
    let errors: Vec<_> = run.lines()?.into_iter().filter(|line| line["error"].is_object()).collect();
    ensure!(failed(&run)? == ["timeout"], "{errors:?}");
    ensure!(run.outcome.elapsed >= Duration::from_secs(3), "{:?}", run.outcome.elapsed);
    // If each of the others waited as long: ten minutes.
    ensure!(run.outcome.elapsed < Duration::from_secs(50), "{:?}", run.outcome.elapsed);
    Ok(())
}

/// The price of the bound, and the way round it.
fn canaries_stall() -> Result<()> {
    let fleet = Fleet::start(40)?;
    let (list, _relays) = with_relays(&fleet, LogOnAnswer::Lost, &[0, 1])?;
    let stalled = run(&list, &["--jobs", "1", "--timeout", "2s"])?;
    let kinds = failed(&stalled)?;
    let count = |kind: &str| kinds.iter().filter(|found| *found == kind).count();
    ensure!((count("timeout"), count("logon_unanswered")) == (2, 38), "{kinds:?}");
    let round = run(&list, &["--jobs", "40", "--timeout", "5s", "--keep-going"])?;
    ensure!(failed(&round)? == ["timeout", "timeout"], "{:?}", round.outcome.stderr);
    Ok(())
}

fn forged() -> Result<()> {
    let fleet = Fleet::start(40)?;
    for jobs in ["1", "4"] {
        let (list, _relays) = with_relays(&fleet, LogOnAnswer::ForgedRefusal, &[20])?;
        let run = run(&list, &["--jobs", jobs])?;
        let kinds = failed(&run)?;
        ensure!(kinds == ["logon_refused"], "--jobs {jobs}: {kinds:?}");
    }
    Ok(())
}
