//! Several servers at once.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use netsession_interop::faulty::{self, Fault, Faulty};
use netsession_interop::proxy::Proxy;
use netsession_interop::suite::{Need, Suite};

use crate::support::{list, only_trace, shared};

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "servers::one_fails", one_fails);
    suite.test(NEEDS, "servers::one_fails::jsonl", one_fails_in_jsonl);
    suite.test(NEEDS, "servers::slow_one_delays_no_other", slow_one);
    suite.test(NEEDS, "servers::in_the_order_given", order);
    suite.test(NEEDS, "servers::named_twice_is_asked_once", twice);
}

fn one_fails() -> Result<()> {
    let good = shared(&[])?;
    let bad = faulty::refusing();
    let run = list(bad)?.args(&[&good.address().to_string(), "-f", "json"]).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    let rows = run.rows_of_a_partial_success()?;
    let server = good.address().to_string();
    ensure!(!rows.is_empty() && rows.iter().all(|row| row.server == server), "{rows:?}");
    ensure!(run.outcome.stderr.contains(&bad.to_string()), "{run:?}");
    Ok(())
}

fn one_fails_in_jsonl() -> Result<()> {
    let good = shared(&[])?;
    let bad = faulty::refusing();
    let run = list(bad)?.args(&[&good.address().to_string(), "-f", "jsonl"]).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    let (errors, rows): (Vec<_>, Vec<_>) =
        run.lines()?.into_iter().partition(|line| line["error"].is_object());
    ensure!(
        !rows.is_empty() && rows.iter().all(|row| row["server"] == good.address().to_string()),
        "{rows:?}"
    );
    let [error] = errors.as_slice() else { anyhow::bail!("not one error: {errors:?}") };
    ensure!(error["server"] == bad.to_string(), "{error}");
    ensure!(error["error"]["kind"].is_string() && error["error"]["message"].is_string(), "{error}");
    ensure!(
        error["error"]["code"].is_null() && error["error"]["name"].is_null(),
        "the server sent none: {error}"
    );
    Ok(())
}

fn slow_one() -> Result<()> {
    let good = shared(&[])?;
    let slow = Faulty::start(Fault::Swallow)?;
    // Wide: the other one must answer within it.
    let args = [&good.address().to_string(), "-f", "jsonl", "--timeout", "20s"];
    let run = list(slow.address())?.args(&args).run()?;
    ensure!(run.outcome.code == Some(1), "{run:?}");
    let lines = run.lines()?;
    // As they answer: the slow one comes last although it was named first.
    ensure!(lines.first().context("no line")?["server"] == good.address().to_string(), "{lines:?}");
    ensure!(lines.last().context("no line")?["server"] == slow.address().to_string(), "{lines:?}");
    // The slow one never answers.
    ensure!(run.outcome.elapsed < Duration::from_secs(120), "past its deadline: {run:?}");
    Ok(())
}

fn order() -> Result<()> {
    let (first, second) = (shared(&[])?, shared(&["server smb encrypt = off"])?);
    for pair in [[&first, &second], [&second, &first]] {
        let [one, two] = pair.map(|samba| samba.address().to_string());
        let rows = list(&one)?.args(&[&two]).rows()?;
        let mut servers: Vec<_> = rows.into_iter().map(|row| row.server).collect();
        servers.dedup();
        ensure!(servers == [one, two], "{servers:?}");
    }
    Ok(())
}

fn twice() -> Result<()> {
    let samba = shared(&[])?;
    let proxy = Proxy::to(samba.address()).start()?;
    let server = proxy.address().to_string();
    list(&server)?.args(&[&server, &format!(r"\\{server}")]).rows()?;
    only_trace(&proxy).map(|_| ())
}
