//! impacket's own file server: SMB 2.0.2 alone, and no compound (CREATE within one is STATUS_SMB_BAD_TID). Plain it
//! has no NetrSessionEnum (fault 0x6E4); with the call added it lists at all five levels.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::DOUBLE_ADMIN as ADMIN;
use netsession_interop::impacket::{self, FileServer};
use netsession_interop::netsession::{List, Row};
use netsession_interop::oracle::{self, Question};
use netsession_interop::proxy::{Proxy, Side};
use netsession_interop::suite::{Need, Suite};

const NEEDS: &[Need] = &[Need::Program, Need::Impacket];

/// What `-l LEVEL` is asked for, and the level that is shown.
const LEVELS: [(&str, u32); 6] = [("auto", 502), ("0", 0), ("1", 1), ("2", 2), ("10", 10), ("502", 502)];

pub(crate) fn add(suite: &mut Suite) {
    for (asked, shown) in LEVELS {
        suite.test(NEEDS, format!("impacket_server::lists::level_{asked}"), move || lists(asked, shown));
        suite.test(NEEDS, format!("impacket_server::plain::level_{asked}"), move || plain(asked));
    }
    suite.test(NEEDS, "impacket_server::is_asked_again_in_single_steps", two_at_once);
    suite.test(NEEDS, "impacket_server::filters_are_applied_here", filters);
    suite.test(NEEDS, "impacket_server::watch_goes_on_over_one_pipe", watch);
    suite.test(NEEDS, "impacket_server::wrong_password", wrong_password);
}

/// Two sessions, of which one has every field.
fn sessions() -> Vec<oracle::Row> {
    let session = |client: &str, user: &str, opens| oracle::Row {
        client: client.to_owned(),
        user: Some(user.to_owned()),
        opens: Some(opens),
        connected: Some(3600),
        idle: Some(12 + opens),
        flags: Some(opens & 1),
        client_type: Some("Windows 10".to_owned()),
        transport: Some(r"\Device\NetbiosSmb".to_owned()),
    };
    vec![session(r"\\10.0.0.5", "alice", 3), session(r"\\[fe80::1]", r"LAB\bob", 0)]
}

/// As the program shows them at a level, longest idle first.
fn expected(server: &str, level: u32) -> Vec<Row> {
    let has_times = level != 0;
    let has_opens = [1, 2, 502].contains(&level);
    let session = |client: &str, user: &str, opens: u32, flags: &[&str]| Row {
        server: server.to_owned(),
        level,
        client: Some(client.to_owned()),
        user: has_times.then(|| user.to_owned()),
        opens: has_opens.then_some(opens),
        connected_seconds: has_times.then_some(3600),
        idle_seconds: has_times.then_some(u64::from(12 + opens)),
        flags: has_opens.then(|| flags.iter().map(|flag| (*flag).to_owned()).collect()),
        client_type: [2, 502].contains(&level).then(|| "Windows 10".to_owned()),
        transport: (level == 502).then(|| r"\Device\NetbiosSmb".to_owned()),
        client_name: None,
    };
    vec![session("10.0.0.5", "alice", 3, &["guest"]), session("fe80::1", r"LAB\bob", 0, &[])]
}

fn lists(asked: &str, shown: u32) -> Result<()> {
    let server = FileServer::start_with_sessions(ADMIN, &sessions())?;
    let address = server.address();
    let rows = List::new(address.to_string())?.login(ADMIN).args(&["-l", asked]).rows()?;
    let expected = expected(&address.to_string(), shown);
    ensure!(rows == expected, "listed:\n{rows:#?}\nexpected:\n{expected:#?}");
    // The server is one: impacket's client sees the same sessions.
    let theirs = impacket::list(address, ADMIN, &Question::level(shown))?.ok().context("it was refused")?;
    ensure!(theirs.len() == rows.len(), "impacket's client lists {theirs:?}");
    Ok(())
}

/// The error names what the server lacks, and no level that could be asked for instead.
fn plain(asked: &str) -> Result<()> {
    let server = FileServer::start(ADMIN)?;
    let list =
        || Ok::<_, anyhow::Error>(List::new(server.address().to_string())?.login(ADMIN).args(&["-l", asked]));
    let error = list()?.error()?;
    ensure!(error["code"] == 0x6E4 && error["name"] == "RPC_S_CANNOT_SUPPORT", "{error}");
    let run = list()?.run()?;
    let said = run.outcome.stderr.to_lowercase();
    ensure!(run.outcome.code == Some(1) && said.contains("this server cannot list sessions"), "{run:?}");
    ensure!(!said.contains("auto"), "{run:?}");
    Ok(())
}

/// Each of two connections at the same time has its own fallback.
fn two_at_once() -> Result<()> {
    let [one, other] = [
        FileServer::start_with_sessions(ADMIN, &sessions())?,
        FileServer::start_with_sessions(ADMIN, &sessions()[..1])?,
    ];
    let servers = [one.address().to_string(), other.address().to_string()];
    let rows = List::new(&servers[0])?.login(ADMIN).args(&[&servers[1], "-l", "1"]).rows()?;
    let counts = servers.each_ref().map(|server| rows.iter().filter(|row| row.server == *server).count());
    ensure!(counts == [2, 1], "{rows:?}");
    Ok(())
}

/// The server ignores them.
fn filters() -> Result<()> {
    let server = FileServer::start_with_sessions(ADMIN, &sessions())?;
    for (filter, name, user) in
        [("--user", "bob", r"LAB\bob"), ("--user", "ALICE", "alice"), ("--client", "FE80:0::1", r"LAB\bob")]
    {
        let rows = List::new(server.address().to_string())?.login(ADMIN).args(&[filter, name]).rows()?;
        ensure!(rows.len() == 1 && rows[0].user.as_deref() == Some(user), "{filter} {name} gives {rows:?}");
    }
    Ok(())
}

fn wrong_password() -> Result<()> {
    let server = FileServer::start(ADMIN)?;
    let wrong = netsession_interop::account::Account { password: "Wr0ng-Passw0rd", ..ADMIN };
    let error = List::new(server.address().to_string())?.login(wrong).error()?;
    ensure!(error["kind"] == "logon_refused" && error["name"] == "STATUS_LOGON_FAILURE", "{error}");
    Ok(())
}

/// The server service serves one pipe at a time, to all clients: the bind of a second one would have no answer, and block it
/// for good. So files are asked for after the sessions, over the one pipe.
fn watch() -> Result<()> {
    let server = FileServer::start_with_sessions(ADMIN, &sessions())?;
    let proxy = Proxy::to(server.address()).start()?;
    let list = List::of_command("watch", proxy.address().to_string())?.login(ADMIN);
    let arguments = ["--files", "--initial", "-f", "jsonl", "--interval", "200ms"];
    let mut child =
        list.args(&arguments).into_command().stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    // The log-on in single steps, and then more than two looks.
    proxy.wait_for(&mut child, |trace| trace.frames(Side::Client).count() > 16)?;
    child.kill()?;
    let output = child.wait_with_output()?;
    let lines = str::from_utf8(&output.stdout)?.lines();
    let events: Vec<serde_json::Value> = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
    let connected = |event: &serde_json::Value| event["event"] == "connected";
    ensure!(events.len() == 2 && events.iter().all(connected), "{events:#?}");
    ensure!(proxy.traces().len() == 1, "{} connections", proxy.traces().len());
    Ok(())
}
