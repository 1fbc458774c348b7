//! The calls for open files, shares, connections and closing, as python3-samba, impacket and rpcclient make them: all
//! levels, pages, filters, access, codes, and a state that changes.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{Account, DOUBLE_ADMIN, DOUBLE_ALICE};
use netsession_interop::suite::{Need, Suite};
use netsession_interop::{impacket, rpcclient};
use netsession_proto::srvs::{FileInfo, ShareInfo};
use netsession_testserver::{Scenario, Server, scenario};
use serde::Deserialize;
use serde_json::{Value, json};

/// A client in Python.
type Client = fn() -> Result<(PathBuf, &'static str)>;
/// What is tested with each of them.
type Test = fn(Client) -> Result<()>;

fn python3_samba() -> Result<(PathBuf, &'static str)> {
    Ok(("/usr/bin/python3".into(), include_str!("calls_samba.py")))
}

fn impacket() -> Result<(PathBuf, &'static str)> {
    Ok((impacket::python()?, include_str!("calls_impacket.py")))
}

pub(crate) fn add(suite: &mut Suite) {
    let clients: [(&str, Need, Client); 2] =
        [("python3_samba", Need::Python3Samba, python3_samba), ("impacket", Need::Impacket, impacket)];
    let tests: [(&str, Test); 6] = [
        ("every_level", every_level),
        ("filters_and_codes", filters_and_codes),
        ("access", access),
        ("state_that_changes", state_that_changes),
        ("samba", samba),
        ("info", info),
    ];
    for (client, need, program) in clients {
        for (name, test) in tests {
            suite.test(&[need], format!("calls::{client}::{name}"), move || test(program));
        }
    }
    suite.test(&[Need::Python3Samba], "calls::python3_samba::pages", pages);
    suite.test(&[Need::Python3Samba], "calls::python3_samba::name_that_was_asked_by", name_that_was_asked_by);
    suite.test(&[Need::Rpcclient], "calls::rpcclient::files_and_shares", names_by_rpcclient);
}

/// How a call ended.
#[derive(Debug, Deserialize, PartialEq)]
struct CallEnd {
    code: u32,
    rows: Vec<Value>,
    pages: usize,
}

fn ask(client: Client, server: SocketAddr, who: Account, calls: &Value) -> Result<Vec<CallEnd>> {
    let (python, script) = client()?;
    let plan = json!({
        "host": server.ip().to_string(), "port": server.port(), "user": who.name, "password": who.password,
        "calls": calls,
    });
    let output = Command::new(python).args(["-c", script, &plan.to_string()]).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&said).with_context(|| format!("{said} {}", String::from_utf8_lossy(&output.stderr)))
}

fn codes(ends: &[CallEnd]) -> Vec<u32> {
    ends.iter().map(|end| end.code).collect()
}

fn file_row(file: &FileInfo) -> Value {
    json!([file.id, file.permissions, file.locks, file.path, file.user])
}

fn share_row(share: &ShareInfo) -> Value {
    json!([share.name, share.kind, share.comment, share.current_uses, share.max_uses, share.path])
}

fn files_of(scenario: &Scenario) -> Vec<Value> {
    scenario.open_files().iter().map(file_row).collect()
}

/// The first fields of each row, which are those of the less detailed level.
fn first_fields(rows: &[Value], count: usize) -> Vec<Value> {
    rows.iter().map(|row| row.as_array().into_iter().flatten().take(count).cloned().collect()).collect()
}

fn every_level(client: Client) -> Result<()> {
    let scenario = scenario::shipped("windows")?;
    let (address, _server) = Server::start(scenario.clone())?;
    let calls = json!([
        ["files", 3],
        ["files", 2],
        ["file", 16, 3],
        ["file", 16, 2],
        ["shares", 2],
        ["shares", 1],
        ["connections", "projects"],
        ["connections", r"\\10.0.0.6"],
    ]);
    let ends = ask(client, address, DOUBLE_ADMIN, &calls)?;
    ensure!(codes(&ends) == [0; 8], "{ends:?}");
    let rows: Vec<_> = ends.into_iter().map(|end| end.rows).collect();
    let files = files_of(&scenario);
    let shares: Vec<Value> = scenario.share_list().iter().map(share_row).collect();
    ensure!(rows[0] == files && rows[1] == first_fields(&files, 1), "{rows:?}");
    ensure!(rows[2] == files[..1] && rows[3] == first_fields(&files[..1], 1), "{rows:?}");
    ensure!(rows[4] == shares && rows[5] == first_fields(&shares, 3), "{rows:?}");
    ensure!(rows[6].len() == scenario.sessions().len(), "{rows:?}");
    ensure!(rows[6][0] == json!([1, 0, 3, 1, 3600, "alice", "10.0.0.5"]), "{rows:?}");
    let shares_of_bob: Vec<_> = rows[7].iter().map(|row| (&row[5], &row[6])).collect();
    let bob = json!("bob");
    let [projects, alpha, home] = [json!("projects"), json!("alpha"), json!("home")];
    ensure!(shares_of_bob == [(&bob, &projects), (&bob, &alpha), (&bob, &home)], "{rows:?}");
    Ok(())
}

fn filters_and_codes(client: Client) -> Result<()> {
    let scenario = scenario::shipped("windows")?;
    let (address, _server) = Server::start(scenario.clone())?;
    let length = u32::MAX;
    let calls = json!([
        ["files", 3, length, r"d:\PROJECTS", ""],
        ["files", 3, length, "", "CAROL"],
        ["files", 2, length, r"C:\", "alice"],
        ["files", 3, length, "", "nobody"],
        ["file", 99],
        ["close", 99],
        ["end", r"\\10.9.9.9", "alice"],
        ["end", "10.0.0.6", "bob"],
        ["end", "", ""],
        ["connections", "nothing"],
    ]);
    let ends = ask(client, address, DOUBLE_ADMIN, &calls)?;
    ensure!(codes(&ends) == [0, 0, 0, 2221, 2314, 2314, 2312, 2312, 2312, 2310], "{ends:?}");
    let files = files_of(&scenario);
    ensure!(ends[0].rows == files[..2], "{ends:?}");
    ensure!(ends[1].rows == files[2..3], "{ends:?}");
    ensure!(ends[2].rows.is_empty(), "{ends:?}");
    // Nothing has been closed by calls that were refused.
    let after = ask(client, address, DOUBLE_ADMIN, &json!([["files", 3]]))?;
    ensure!(after[0].rows == files, "{after:?}");
    Ok(())
}

fn access(client: Client) -> Result<()> {
    let (address, _server) = Server::start(scenario::shipped("windows")?)?;
    let calls = json!([
        ["files", 3],
        ["files", 2],
        ["file", 16],
        ["close", 16],
        ["end", r"\\10.0.0.6", "bob"],
        ["connections", "projects"],
        ["shares", 2],
        ["shares", 1],
    ]);
    let ends = ask(client, address, DOUBLE_ALICE, &calls)?;
    ensure!(codes(&ends) == [5, 5, 5, 5, 5, 5, 5, 0], "{ends:?}");
    ensure!(ends[7].rows.len() == 6, "{ends:?}");
    Ok(())
}

fn state_that_changes(client: Client) -> Result<()> {
    let scenario = scenario::shipped("windows")?;
    let (address, _server) = Server::start(scenario.clone())?;
    let calls = json!([
        ["close", 16],
        ["close", 16],
        ["file", 16],
        ["files", 2],
        ["end", r"\\10.0.0.6", "bob"],
        ["end", r"\\10.0.0.6", "bob"],
        ["connections", "projects"],
        ["files", 3],
    ]);
    let ends = ask(client, address, DOUBLE_ADMIN, &calls)?;
    ensure!(codes(&ends) == [0, 2314, 2314, 0, 0, 2312, 0, 0], "{ends:?}");
    ensure!(ends[3].rows == first_fields(&files_of(&scenario)[1..], 1), "{ends:?}");
    ensure!(ends[6].rows.iter().all(|row| row[5] != "bob"), "{ends:?}");
    // The files of bob went with the session.
    ensure!(!ends[7].rows.is_empty() && ends[7].rows.iter().all(|row| row[4] != "bob"), "{ends:?}");
    // Another connection sees the same.
    let after = ask(client, address, DOUBLE_ADMIN, &json!([["files", 3]]))?;
    ensure!(after[0] == ends[7], "{after:?}");
    Ok(())
}

/// Level 3 alone; other codes; filters are ignored; sessions are not ended; connections are made up.
fn samba(client: Client) -> Result<()> {
    let scenario = scenario::shipped("samba")?;
    let (address, _server) = Server::start(scenario.clone())?;
    let calls = json!([
        ["files", 3, u32::MAX, "", "nobody"],
        ["files", 2],
        ["file", 16, 2],
        ["close", 99],
        ["end", r"\\127.0.0.1", "alice"],
        ["connections", "files"],
    ]);
    let ends = ask(client, address, DOUBLE_ADMIN, &calls)?;
    ensure!(codes(&ends) == [0, 124, 124, 2, 5, 0], "{ends:?}");
    ensure!(ends[0].rows == files_of(&scenario), "{ends:?}");
    ensure!(ends[5].rows == [json!([1, 3, 1, 1, 3, "dummy_user", "IPC$"])], "{ends:?}");
    Ok(())
}

/// Every user may ask, at the one level that there is.
fn info(client: Client) -> Result<()> {
    let scenario = scenario::shipped("windows")?;
    let (address, _server) = Server::start(scenario.clone())?;
    let ends = ask(client, address, DOUBLE_ALICE, &json!([["info", 101], ["info", 102]]))?;
    ensure!(codes(&ends) == [0, 124], "{ends:?}");
    ensure!(
        ends[0].rows == [json!([500, scenario.server.name, 10, 0, 0x9203, scenario.description])],
        "{ends:?}"
    );
    Ok(())
}

/// As Windows has it: a server that is asked by a name says that name (\[MS-SRVS\] 3.1.4.17).
fn name_that_was_asked_by() -> Result<()> {
    let (address, _server) = Server::start(scenario::shipped("windows")?)?;
    let ends = ask(python3_samba, address, DOUBLE_ALICE, &json!([["info", 101, r"\\alias"]]))?;
    ensure!(ends[0].rows[0][1] == "alias", "{ends:?}");
    Ok(())
}

/// The handle of the next page is opaque, and goes back as it came.
fn pages() -> Result<()> {
    let text = r#"
        user = [{ name = "admin", password = "Passw0rd!", administrator = true }]
        file = [
            { path = 'D:\data\{n}.txt', user = "alice", repeat = 20 },
            { path = 'D:\other\{n}.txt', user = "bob", access = 3, locks = 1, repeat = 30 },
        ]
    "#;
    let scenario: Scenario = text.parse()?;
    let (address, _server) = Server::start(scenario.clone())?;
    let calls =
        json!([["files", 3, 400], ["files", 2, 40], ["files", 3, 400, r"D:\other", "bob"], ["files", 3],]);
    let ends = ask(python3_samba, address, DOUBLE_ADMIN, &calls)?;
    let files = files_of(&scenario);
    ensure!(codes(&ends) == [0; 4], "{ends:?}");
    ensure!(ends[0].rows == files && ends[0].pages > 5, "{ends:?}");
    ensure!(ends[1].rows == first_fields(&files, 1) && ends[1].pages > 3, "{ends:?}");
    ensure!(ends[2].rows == files[20..] && ends[2].pages > 3, "{ends:?}");
    ensure!(ends[3].rows == files && ends[3].pages == 1, "{ends:?}");
    Ok(())
}

/// It prints names, and no other field.
fn names_by_rpcclient() -> Result<()> {
    let scenario = scenario::shipped("windows")?;
    let (address, _server) = Server::start(scenario.clone())?;
    let run = |who: Account, command: &str| rpcclient::say(address, who, command);
    let paths: Vec<_> = scenario.open_files().into_iter().filter_map(|file| file.path).collect();
    let files = run(DOUBLE_ADMIN, "netfileenum")?;
    ensure!(files.lines().eq(paths.iter()), "{files}");
    let names: Vec<_> =
        scenario.share_list().into_iter().map(|share| format!("netname: {}", share.name)).collect();
    for (who, level) in [(DOUBLE_ADMIN, 1), (DOUBLE_ADMIN, 2), (DOUBLE_ALICE, 1)] {
        let shares = run(who, &format!("netshareenumall {level}"))?;
        let said = shares.lines().filter(|line| line.starts_with("netname:"));
        ensure!(said.eq(names.iter()), "level {level}: {shares}");
    }
    let info = run(DOUBLE_ALICE, "srvinfo")?;
    for said in
        ["Wk Sv PrQ NT SNT", &scenario.description, "platform_id     :\t500", "os version      :\t10.0"]
    {
        ensure!(info.contains(said), "{said} in {info:?}");
    }
    for command in ["netfileenum", "netshareenumall 2"] {
        let refused = run(DOUBLE_ALICE, command)?;
        ensure!(refused.contains("ACCESS_DENIED"), "{command}: {refused}");
    }
    Ok(())
}
