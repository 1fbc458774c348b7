//! What several of the tests need.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use netsession_interop::account::{ADMIN, Account};
use netsession_interop::netsession::{List, Row, Run};
use netsession_interop::proxy::{Proxy, Trace};
use netsession_interop::samba::Samba;
use netsession_interop::shared::Shared;
use serde_json::Value;

static SERVERS: Shared<Vec<&'static str>, Samba> = Shared::empty();

/// A warm Samba with these settings, shared by all tests that want the same. Sessions of other tests come and go.
pub(crate) fn shared(settings: &[&'static str]) -> Result<Arc<Samba>> {
    SERVERS.get(settings.to_vec(), || warm(settings))
}

/// A warm Samba for one test alone.
pub(crate) fn warm(settings: &[&'static str]) -> Result<Samba> {
    let samba = settings.iter().fold(Samba::builder(), |builder, line| builder.global(*line)).start()?;
    samba.warm_up().with_context(|| format!("the server said: {}", samba.log()))?;
    Ok(samba)
}

/// Ends the shared ones.
pub(crate) fn stop_servers() {
    SERVERS.clear();
}

/// `netsession list SERVER` as a user who may.
pub(crate) fn list(server: impl ToString) -> Result<List> {
    Ok(List::new(server.to_string())?.login(ADMIN))
}

/// The caller's own session is always there: a listing without it did not come from the server.
pub(crate) fn ensure_lists(rows: &[Row], who: Account) -> Result<()> {
    ensure!(
        rows.iter().any(|row| row.user.as_deref() == Some(who.name)),
        "no session of {}: {rows:?}",
        who.name
    );
    Ok(())
}

/// The one connection that went through a proxy.
pub(crate) fn only_trace(proxy: &Proxy) -> Result<Trace> {
    let mut traces = proxy.traces();
    ensure!(traces.len() == 1, "{} connections instead of one", traces.len());
    traces.pop().context("no connection")
}

/// Kind, code and name of an error in jsonl, and words of its message.
pub(crate) fn ensure_error(error: &Value, kind: &str, code: Option<(u32, &str)>, words: &str) -> Result<()> {
    ensure!(error["kind"] == kind, "not {kind}: {error}");
    let (number, name) = code.unzip();
    ensure!(
        error["code"] == Value::from(number) && error["name"] == Value::from(name),
        "not {code:?}: {error}"
    );
    let message = error["message"].as_str().unwrap_or_default();
    ensure!(message.contains(words), "not {words:?} in: {error}");
    Ok(())
}

/// Something that a failed run must show.
pub(crate) fn ensure_says(text: &str, any_of: &[&str]) -> Result<()> {
    let lower = text.to_lowercase();
    ensure!(
        any_of.iter().any(|words| lower.contains(&words.to_lowercase())),
        "none of {any_of:?} in: {text}"
    );
    Ok(())
}

/// What kind of error a run with `-f jsonl` failed with: exit code 1, one line, the server named in it.
pub(crate) fn failure(run: &Run, proxy: &Proxy) -> Result<String> {
    ensure!(run.outcome.code == Some(1), "exit code {:?}: {run:?}", run.outcome.code);
    let lines = run.lines()?;
    let [line] = lines.as_slice() else { bail!("not one line: {run:?}") };
    let message = line["error"]["message"].as_str().unwrap_or_default();
    ensure!(message.contains(&proxy.address().to_string()), "the server is not named: {run:?}");
    Ok(line["error"]["kind"].as_str().context("an error without a kind")?.to_owned())
}

/// What a script of python3-samba prints, with `pipe` open to the server service as the administrator.
pub(crate) fn python3_srvsvc(address: SocketAddr, script: &str) -> Result<String> {
    const OPENS: &str = r#"
import sys
from samba.dcerpc import srvsvc
from samba import credentials, param
lp = param.LoadParm(); lp.load_default(); lp.set("smb ports", sys.argv[2])
creds = credentials.Credentials(); creds.guess(lp)
creds.set_username(sys.argv[3]); creds.set_password(sys.argv[4])
pipe = srvsvc.srvsvc("ncacn_np:%s[\\pipe\\srvsvc,smb2]" % sys.argv[1], lp, creds)
"#;
    let output = Command::new("/usr/bin/python3")
        .args(["-c", &format!("{OPENS}{script}"), &address.ip().to_string(), &address.port().to_string()])
        .args([ADMIN.name, ADMIN.password])
        .output()?;
    ensure!(output.status.success(), "python3-samba: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
