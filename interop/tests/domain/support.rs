//! The one domain, and what several of the tests need.

use std::sync::Arc;

use anyhow::{Result, ensure};
use netsession_interop::account::Account;
use netsession_interop::domain::{Domain, REALM};
use netsession_interop::netsession::Row;
use netsession_interop::shared::Shared;
use serde_json::Value;

static DOMAIN: Shared<(), Domain> = Shared::empty();

/// The domain that all tests share.
pub(crate) fn domain() -> Result<Arc<Domain>> {
    DOMAIN.get((), Domain::start)
}

/// Ends it.
pub(crate) fn stop() {
    DOMAIN.clear();
}

/// `user@REALM`
pub(crate) fn principal(who: Account) -> String {
    format!("{}@{REALM}", who.name)
}

/// The caller's own session is always there: a listing without it did not come from the server.
pub(crate) fn ensure_lists(rows: &[Row], who: Account) -> Result<()> {
    let shown = format!(r"ADLAB\{}", who.name);
    ensure!(rows.iter().any(|row| row.user.as_deref() == Some(&shown)), "no session of {shown}: {rows:?}");
    Ok(())
}

/// Everything that a text must say.
pub(crate) fn ensure_says(text: &str, all_of: &[&str]) -> Result<()> {
    for words in all_of {
        ensure!(text.contains(words), "not {words:?} in: {text}");
    }
    Ok(())
}

/// Kind, code and name of an error in jsonl.
pub(crate) fn ensure_error(error: &Value, kind: &str, code: Option<u32>, name: Option<&str>) -> Result<()> {
    ensure!(error["kind"] == kind, "not {kind}: {error}");
    ensure!(error["code"] == Value::from(code), "not {code:?}: {error}");
    ensure!(error["name"] == Value::from(name), "not {name:?}: {error}");
    Ok(())
}
