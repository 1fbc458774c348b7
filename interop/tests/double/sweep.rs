//! A fleet from a list: every server once, memory for those in flight, and limits of this machine that are told.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::compare::measure::run_to_its_end;
use netsession_interop::fleet::Fleet;
use netsession_interop::netsession::List;
use netsession_interop::port;
use netsession_interop::suite::{Need, Suite};
use serde_json::Value;
use tempfile::NamedTempFile;

pub(crate) fn add(suite: &mut Suite) {
    let mut test =
        |name: &str, body| suite.test(&[Need::Program, Need::TestServer], format!("sweep::{name}"), body);
    test("every_server_of_a_list_once", every_server as fn() -> Result<()>);
    test("memory_is_for_those_in_flight", memory);
    test("too_few_descriptors_are_noticed_and_said", descriptors);
    test("a_server_that_is_not_there_is_a_line", missing);
    test("rate_limit_is_kept", rate);
}

/// With more time than hundreds of servers at once need on a machine that is busy with other work.
fn sweep(list: &NamedTempFile, args: &[&str]) -> Result<List> {
    let file = list.path().to_string_lossy().into_owned();
    Ok(List::new("--servers-from")?.args(&[&file, "--timeout", "120s"]).args(args).login(DOUBLE_ADMIN))
}

fn every_server() -> Result<()> {
    let fleet = Fleet::start(1_000)?;
    let list = fleet.list()?;
    let run = sweep(&list, &["-f", "jsonl", "--jobs", "128"])?.run()?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    let mut servers: Vec<String> =
        run.lines()?.iter().map(|line| line["server"].as_str().unwrap_or_default().to_owned()).collect();
    ensure!(servers.len() == 5_000, "{} rows", servers.len());
    servers.sort_unstable();
    servers.dedup();
    ensure!(servers.len() == 1_000, "{} servers", servers.len());
    let expected = "netsession: 1000 servers: 1000 answered\n  5000 sessions, 4 users, 22000 open files\n";
    ensure!(run.outcome.stderr == expected, "no bar, and the sum: {}", run.outcome.stderr);
    // In the order given, as a table and in an array.
    let rows = sweep(&list, &["--jobs", "128"])?.rows()?;
    let first: Vec<&str> = rows.iter().step_by(5).take(2).map(|row| row.server.as_str()).collect();
    ensure!(first.first().is_some_and(|server| server.starts_with("127.77.0.1:")), "{first:?}");
    ensure!(first.get(1).is_some_and(|server| server.starts_with("127.77.0.2:")), "{first:?}");
    Ok(())
}

/// 16 KiB for each in flight, and of those that are done nothing but their place in the list.
fn memory() -> Result<()> {
    let fleet = Fleet::start(3_000)?;
    let list = fleet.list()?;
    let few = NamedTempFile::new()?;
    let text = std::fs::read_to_string(list.path())?;
    std::fs::write(few.path(), text.lines().take(501).collect::<Vec<_>>().join("\n"))?;
    let peak = |list: &NamedTempFile, jobs: &str| -> Result<u64> {
        let command = sweep(list, &["-f", "jsonl", "--jobs", jobs])?.into_command();
        let (cost, status) = run_to_its_end(&command)?;
        ensure!(status.success(), "{status}");
        Ok(cost.peak_kib)
    };
    let (one, flight, many) = (peak(&few, "8")?, peak(&few, "264")?, peak(&list, "264")?);
    eprintln!("{one} KiB with 8 in flight, {flight} KiB with 264; 3,000 servers: {many} KiB");
    ensure!(flight < one + 256 * 16, "{flight} KiB with 264 in flight, {one} KiB with 8");
    // A name, an address and who asks; under load more of the answers lie ready at once.
    ensure!(many < flight + 4_000, "{many} KiB for 3,000 servers, {flight} KiB for 500");
    Ok(())
}

fn descriptors() -> Result<()> {
    let fleet = Fleet::start(200)?;
    let list = fleet.list()?;
    let limited = ["sh", "-c", r#"ulimit -n 64; exec "$@""#, "sh"];
    let run = sweep(&list, &["-f", "jsonl", "--jobs", "200"])?.under(&limited)?.run()?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    ensure!(run.outcome.stderr.contains("32 are asked: raise the limit (ulimit -n 232)"), "{run:?}");
    // A soft limit alone is raised, and nothing is said.
    let soft = ["sh", "-c", r#"ulimit -Sn 64; exec "$@""#, "sh"];
    let run = sweep(&list, &["-f", "jsonl", "--jobs", "200"])?.under(&soft)?.run()?;
    ensure!(run.outcome.code == Some(0) && !run.outcome.stderr.contains("ulimit"), "{run:?}");
    Ok(())
}

fn missing() -> Result<()> {
    let fleet = Fleet::start(20)?;
    let list = fleet.list()?;
    let closed = port::free();
    let text = std::fs::read_to_string(list.path())? + &format!("127.24.1.1:{closed}\n127.24.1.2:{closed}\n");
    std::fs::write(list.path(), text)?;
    let run = sweep(&list, &["-f", "jsonl"])?.run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    let lines = run.lines()?;
    let failed: Vec<&Value> = lines.iter().filter(|line| line["error"].is_object()).collect();
    ensure!(lines.len() == 102 && failed.len() == 2, "{run:?}");
    ensure!(failed.iter().all(|line| line["error"]["kind"] == "connect"), "{failed:?}");
    let first = run.outcome.stderr.lines().next().context("no summary")?;
    ensure!(first == "netsession: 22 servers: 20 answered, 2 failed (2 connect)", "{run:?}");
    Ok(())
}

fn rate() -> Result<()> {
    let fleet = Fleet::start(60)?;
    let list = fleet.list()?;
    let run = sweep(&list, &["-f", "jsonl", "--rate", "100"])?.run()?;
    ensure!(run.outcome.code == Some(0), "{run:?}");
    ensure!(run.outcome.elapsed.as_millis() >= 580, "60 servers in {:?}", run.outcome.elapsed);
    Ok(())
}
