//! `netsession info` through Windows' own NetServerGetInfo.

use anyhow::{Context, Result, ensure};
use netsession_interop::suite::{Need, Suite};
use netsession_interop::wine::List;
use serde_json::json;

use crate::support::{ensure_calls, prefix};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Wine], "info::what_a_server_says", says);
    suite.test(&[Need::Wine], "info::null_strings_are_empty", null);
    suite.test(&[Need::Wine], "info::refused", refused);
}

fn says() -> Result<()> {
    let (run, report) = List::of_command(&*prefix()?, "info", &["table", "-f", "jsonl"])?.run()?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    let expected = json!({
        "server": "table", "name": "table", "version": "10.0", "roles": ["domain_controller", "dfs"],
        "comment": "\u{7530}\u{1f980}",
    });
    ensure!(line == expected, "{line}");
    // Nothing is left behind.
    ensure_calls(&report, &[("table", 1)])
}

fn null() -> Result<()> {
    let (run, report) = List::of_command(&*prefix()?, "info", &["table-null", "-f", "jsonl"])?.run()?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    ensure!(line["name"] == "" && line["comment"] == "" && line["version"] == "10.0", "{line}");
    ensure_calls(&report, &[("table-null", 1)])
}

fn refused() -> Result<()> {
    let (run, report) = List::of_command(&*prefix()?, "info", &["code-5", "-f", "jsonl"])?.run()?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    ensure!(line["error"]["kind"] == "access_denied" && line["error"]["code"] == 5, "{line}");
    ensure_calls(&report, &[("code-5", 1)])
}
