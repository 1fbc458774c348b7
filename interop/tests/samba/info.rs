//! `netsession info` against Samba, whose own clients say the same.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, BOB};
use netsession_interop::netsession::List;
use netsession_interop::proxy::Proxy;
use netsession_interop::rpcclient;
use netsession_interop::suite::{Need, Suite};
use serde_json::json;

use crate::support::{only_trace, python3_srvsvc, shared};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Samba, Need::Program], "info::any_user_may_ask_in_five_round_trips", any_user);
    suite.test(&[Need::Samba, Need::Program, Need::Python3Samba], "info::python3_samba_says_the_same", same);
    suite.test(
        &[Need::Samba, Need::Program, Need::Rpcclient],
        "info::rpcclient_says_the_same",
        same_as_rpcclient,
    );
}

fn any_user() -> Result<()> {
    let proxy = Proxy::to(shared(&[])?.address()).start()?;
    let run =
        List::of_command("info", proxy.address().to_string())?.login(BOB).args(&["-f", "jsonl"]).run()?;
    let lines = run.lines()?;
    ensure!(run.outcome.code == Some(0) && lines.len() == 1, "{run:?}");
    ensure!(lines[0]["version"] == "6.1" && lines[0]["roles"].is_array(), "{lines:?}");
    ensure!(only_trace(&proxy)?.round_trips() == 5, "{:?}", only_trace(&proxy)?);
    Ok(())
}

const ASKS: &str = r#"
import json
info = pipe.NetSrvGetInfo(None, 101)
version = "%d.%d" % (info.version_major, info.version_minor)
print(json.dumps([info.server_name, version, info.server_type, info.comment]))
"#;

fn same() -> Result<()> {
    let samba = shared(&[])?;
    let address = samba.address();
    let said: serde_json::Value = serde_json::from_str(&python3_srvsvc(address, ASKS)?)?;
    let run = List::of_command("info", address.to_string())?.login(ADMIN).args(&["-f", "jsonl"]).run()?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    ensure!(json!([line["name"], line["version"], said[2], line["comment"]]) == said, "{line}, not {said}");
    let bits = said[2].as_u64().context("no type")?;
    let roles = line["roles"].as_array().context("no roles")?;
    for (bit, role) in [(0x200, "print_server"), (0x800, "unix"), (0x8000, "server"), (0x80_0000, "dfs")] {
        ensure!(roles.contains(&json!(role)) == (bits & bit != 0), "{role} of {bits:#x}: {line}");
    }
    Ok(())
}

fn same_as_rpcclient() -> Result<()> {
    let samba = shared(&[])?;
    let address = samba.address();
    let theirs = rpcclient::say(address, BOB, "srvinfo")?;
    let run = List::of_command("info", address.to_string())?.login(BOB).args(&["-f", "jsonl"]).run()?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    for key in ["name", "version", "comment"] {
        let value = line[key].as_str().with_context(|| format!("{line}"))?;
        ensure!(!value.is_empty() && theirs.contains(value), "{key}: {line}, not {theirs}");
    }
    Ok(())
}
