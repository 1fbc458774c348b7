//! `netsession time` beside python3-samba's NetRemoteTOD.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{ADMIN, BOB};
use netsession_interop::netsession::List;
use netsession_interop::proxy::Proxy;
use netsession_interop::suite::{Need, Suite};

use crate::support::{only_trace, python3_srvsvc, shared};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Samba, Need::Program], "time::any_user_may_ask_in_five_round_trips", any_user);
    suite.test(&[Need::Samba, Need::Program, Need::Python3Samba], "time::python3_samba_says_the_same", same);
}

fn any_user() -> Result<()> {
    let proxy = Proxy::to(shared(&[])?.address()).start()?;
    let run =
        List::of_command("time", proxy.address().to_string())?.login(BOB).args(&["-f", "jsonl"]).run()?;
    let lines = run.lines()?;
    ensure!(run.outcome.code == Some(0) && lines.len() == 1, "{run:?}");
    // The same machine: the server tells whole seconds, at some moment of the run.
    let offset = lines[0]["offset_seconds"].as_f64().context("no offset")?;
    let took = run.outcome.elapsed.as_secs_f64();
    ensure!((-1.5 - took..0.5 + took).contains(&offset), "{offset} in {took} s");
    ensure!(lines[0]["timezone_minutes"].is_i64(), "{lines:?}");
    ensure!(only_trace(&proxy)?.round_trips() == 5, "{:?}", only_trace(&proxy)?);
    Ok(())
}

const ASKS: &str = r#"
info = pipe.NetRemoteTOD("\\\\" + sys.argv[1])
print(info.elapsed, info.timezone)
"#;

fn same() -> Result<()> {
    let samba = shared(&[])?;
    let address = samba.address();
    let said = python3_srvsvc(address, ASKS)?;
    let (elapsed, west) = said.trim().split_once(' ').with_context(|| format!("python3-samba: {said:?}"))?;
    let run = List::of_command("time", address.to_string())?.login(ADMIN).args(&["-f", "jsonl"]).run()?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    let date =
        Command::new("date").args(["-d", line["time"].as_str().context("no time")?, "+%s"]).output()?;
    let ours: i64 = String::from_utf8(date.stdout)?.trim().parse()?;
    let theirs: i64 = elapsed.parse()?;
    ensure!((0..=10).contains(&(ours - theirs)), "{ours} after {theirs}");
    ensure!(line["timezone_minutes"] == -west.parse::<i64>()?, "{line} and {west} to the west");
    Ok(())
}
