//! Every kind of fault as it stands in a scenario file: the double as a program, `netsession` against it.

use std::time::Duration;

use anyhow::{Result, ensure};
use netsession_interop::account::DOUBLE_ADMIN;
use netsession_interop::double::Double;
use netsession_interop::netsession::List;
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::Scenario;

use crate::deadline::PROCESS;

const SESSIONS: usize = 300;

/// What `netsession` makes of it: all sessions, or one of these kinds of error.
#[derive(Clone, Copy, Debug)]
enum End {
    Listed,
    Fails(&'static [&'static str]),
}

use End::{Fails, Listed};

const TIMEOUT: End = Fails(&["timeout"]);
const CLOSED: End = Fails(&["closed"]);
const INTEGRITY: End = Fails(&["integrity"]);
const MISBEHAVED: End = Fails(&["misbehaved"]);
const STATUS: End = Fails(&["status"]);
const GUEST: End = Fails(&["guest"]);

/// Step, kind, anything else, whether the session is encrypted, and what comes of it.
type Case = (&'static str, &'static str, &'static str, bool, End);

const CASES: &[Case] = &[
    ("enumerate", r#""stall""#, "", true, TIMEOUT),
    ("other", r#""stall""#, "", true, Listed),
    ("enumerate", r#""close""#, "", true, CLOSED),
    ("enumerate", r#""reset""#, "", true, CLOSED),
    ("negotiate", r#"{ garbage = "HTTP/1.1 400 Bad Request\r\n\r\n" }"#, "", true, Fails(&["not_smb"])),
    ("enumerate", "{ cut-off = 100 }", "", true, CLOSED),
    ("enumerate", "{ byte-by-byte = 0 }", "", true, Listed),
    ("enumerate", "{ byte-by-byte = 1000 }", "", true, TIMEOUT),
    ("enumerate", "{ flip-bit = 800 }", "", false, INTEGRITY),
    ("enumerate", "{ flip-bit = 800 }", "", true, INTEGRITY),
    ("enumerate", "{ frame-length = 0xffffff }", "", true, Fails(&["limit"])),
    ("enumerate", r#""keep-alive""#, "", true, Listed),
    ("negotiate", r#""keep-alive""#, "", true, Listed),
    ("negotiate", "{ keep-alives-without-end = 10 }", "", true, TIMEOUT),
    ("enumerate", "{ keep-alives-without-end = 0 }", "", true, TIMEOUT),
    ("negotiate", "{ session-refused = 0x81 }", "", true, Fails(&["host_denied"])),
    ("bind", r#""next-command-own-size""#, "", false, Listed),
    // At once: what comes a millisecond later can come after the last row.
    ("create", "{ unsolicited-without-end = 0 }", "", true, Fails(&["misbehaved", "integrity"])),
    ("log-on", "{ interim-without-end = 10 }", "", true, TIMEOUT),
    ("enumerate", "{ interim-without-end = 0 }", "", true, TIMEOUT),
    ("tree-connect", "{ status = 0xC00000BB }", "", true, STATUS),
    ("enumerate", "{ status = 0xC00000BB }", "", true, STATUS),
    ("enumerate", "{ status = 0xC00000BB }", "skip = 1", true, Listed),
    ("challenge", r#""wrong-message-id""#, "", true, MISBEHAVED),
    ("negotiate", r#""no-credits""#, "", true, MISBEHAVED),
    ("read", r#""interim""#, "", true, Listed),
    ("read", r#""bare-interim""#, "", true, Listed),
    ("enumerate", r#""unprotected""#, "", false, INTEGRITY),
    ("enumerate", r#""unprotected""#, "", true, INTEGRITY),
    ("enumerate", r#""signed-only""#, "", true, INTEGRITY),
    ("log-on", r#""guest""#, "", true, GUEST),
    ("log-on", r#""null-session""#, "", true, GUEST),
    ("bind", r#""bind-nak""#, "", true, Fails(&["unsupported"])),
    ("bind", r#""bind-rejection""#, "", true, Fails(&["unsupported"])),
    ("bind", r#""other-transfer-syntax""#, "", true, MISBEHAVED),
    ("enumerate", "{ rpc-fault = 0x1C010014 }", "", true, STATUS),
    ("bind", "{ rpc-fault = 0x1C010014 }", "", true, STATUS),
    ("enumerate", "{ alloc-hint = 0 }", "", true, Listed),
    ("enumerate", "{ alloc-hint = 30000 }", "", true, Fails(&["misbehaved", "timeout"])),
    ("enumerate", "{ alloc-hint-off = -100 }", "", true, Listed),
    ("enumerate", r#""other-call""#, "", true, MISBEHAVED),
    ("enumerate", r#""fragments-reversed""#, "", true, Listed),
    ("enumerate", r#""fragment-missing""#, "", true, Fails(&["malformed", "timeout"])),
    ("enumerate", r#""fragment-loop""#, "", true, MISBEHAVED),
    ("enumerate", r#""page-without-progress""#, "", true, MISBEHAVED),
    ("enumerate", r#""page-without-entry""#, "", true, MISBEHAVED),
    ("enumerate", r#""pages-without-end""#, "", true, Fails(&["timeout", "limit"])),
    // Refused by its count, before the entries come.
    ("enumerate", "{ count = 0xffffffff }", "", true, Fails(&["limit"])),
    ("enumerate", r#""surrogate""#, "", true, Listed),
    // Of calls that close something.
    ("enumerate", r#""already-gone""#, "", true, Listed),
    // A compound is refused, in each way that has single steps after it, or cut.
    ("create", "{ status = 0xC000000D }", r#"when = "compound""#, true, Listed),
    ("bind", "{ status = 0xC00000E5 }", r#"when = "compound""#, true, Listed),
    ("bind", "{ status = 0xC00000BB }", r#"when = "compound""#, true, Listed),
    ("bind", "{ status = 0xC0000008 }", r#"when = "compound""#, true, Listed),
    ("create", "{ status = 0xC0000128 }", r#"when = "compound""#, true, Listed),
    ("create", "{ status = 0x00050002 }", r#"when = "compound""#, true, Listed),
    ("tree-connect", r#""close""#, r#"when = "compound""#, true, Listed),
    // An answer to the compound that cannot be believed: once more, in single steps.
    ("tree-connect", r#""next-command-past-end""#, r#"when = "compound""#, false, Listed),
    ("create", r#""unprotected""#, r#"when = "compound""#, false, Listed),
    ("create", r#""unprotected""#, "", false, INTEGRITY),
    ("bind", "{ flip-bit = 800 }", r#"when = "compound""#, true, Listed),
    ("bind", "{ status = 0xC0000008 }", "times = 1", true, Listed),
    ("create", "{ status = 0xC0000022 }", r#"when = "compound""#, true, Fails(&["access_denied"])),
    ("validate", "{ status = 0xC0000022 }", "", true, Listed),
];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[], "faults::every_kind_and_step_is_here", complete);
    for (number, case) in CASES.iter().enumerate() {
        let (step, kind, ..) = case;
        let kind: String = kind.chars().filter(|c| c.is_alphanumeric() || "-=".contains(*c)).collect();
        suite.test(
            &[Need::Program, Need::TestServer],
            format!("faults::{number}::{step}::{kind}"),
            move || ends(case),
        );
    }
}

fn scenario(case: &Case) -> String {
    let (step, kind, more, encrypted, _) = case;
    let encryption = if *encrypted { "required" } else { "off" };
    let (name, password) = (DOUBLE_ADMIN.name, DOUBLE_ADMIN.password);
    format!(
        r#"
        [smb]
        dialects = ["3.1.1"]
        encryption = "{encryption}"
        [[user]]
        name = "{name}"
        password = "{password}"
        administrator = true
        [[session]]
        client = "10.0.0.5"
        user = "user{{n}}"
        repeat = {SESSIONS}
        [[fault]]
        step = "{step}"
        kind = {kind}
        {more}
        "#
    )
}

/// Short where the deadline ends it. Otherwise what ends it must come first, also on a machine that is busy.
fn deadline(end: End) -> Duration {
    let ends_by_deadline = matches!(end, Fails(kinds) if kinds.contains(&"timeout"));
    Duration::from_secs(if ends_by_deadline { 1 } else { 20 })
}

fn ends(case: &Case) -> Result<()> {
    let server = Double::start(&scenario(case))?;
    let list = List::new(server.address())?.login(DOUBLE_ADMIN).args(&["-l", "1", "-f", "jsonl"]);
    let deadline = deadline(case.4);
    let run = list.args(&["--timeout", &format!("{}s", deadline.as_secs())]).run()?;
    let lines = run.lines()?;
    match case.4 {
        Listed => {
            ensure!(run.outcome.code == Some(0) && lines.len() == SESSIONS, "{case:?}: {run:?}");
            let users: std::collections::BTreeSet<_> =
                lines.iter().map(|line| line["user"].as_str()).collect();
            ensure!(users.len() == SESSIONS && !users.contains(&None), "{case:?}: {run:?}");
        }
        Fails(kinds) => {
            ensure!(run.outcome.code == Some(1) && lines.len() == 1, "{case:?}: {run:?}");
            let kind = lines[0]["error"]["kind"].as_str().unwrap_or_default();
            ensure!(kinds.contains(&kind), "{case:?}: {run:?}");
            ensure!(run.outcome.elapsed < deadline + deadline / 10 + PROCESS, "too late: {case:?}: {run:?}");
        }
    }
    Ok(())
}

/// What can stand in a file is told by the error for what cannot.
fn complete() -> Result<()> {
    for (text, in_cases) in [
        ("[[fault]]\nstep = \"create\"\nkind = \"tea\"", CASES.iter().map(|case| case.1).collect::<Vec<_>>()),
        ("[[fault]]\nstep = \"tea\"\nkind = \"stall\"", CASES.iter().map(|case| case.0).collect()),
    ] {
        let error = text.parse::<Scenario>().err().map(|error| error.to_string()).unwrap_or_default();
        let (_, known) = error.split_once("expected one of ").unwrap_or_default();
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        ensure!(known.len() >= 10, "{error}");
        for name in known {
            let is_there = |text: &&str| text.split(['"', ' ']).any(|word| word == name);
            ensure!(in_cases.iter().any(is_there), "no case for {name}");
        }
    }
    Ok(())
}
