//! `netsession time` through Windows' own NetRemoteTOD.

use anyhow::{Context, Result, ensure};
use netsession_interop::suite::{Need, Suite};
use netsession_interop::wine::List;

use crate::support::{ensure_calls, prefix};

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Wine], "time::clock_of_a_server", clock);
    suite.test(&[Need::Wine], "time::refused", refused);
}

fn clock() -> Result<()> {
    let (run, report) = List::of_command(&*prefix()?, "time", &["table", "-f", "jsonl"])?.run()?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    ensure!(line["time"] == "2026-11-25T21:56:07.50Z", "{line}");
    ensure!(line["timezone_minutes"] == 60 && line["offset_seconds"].is_f64(), "{line}");
    // Nothing is left behind.
    ensure_calls(&report, &[("table", 1)])
}

fn refused() -> Result<()> {
    let (run, report) = List::of_command(&*prefix()?, "time", &["code-5", "-f", "jsonl"])?.run()?;
    let line = run.lines()?.pop().with_context(|| format!("{run:?}"))?;
    ensure!(line["error"]["kind"] == "access_denied" && line["error"]["code"] == 5, "{line}");
    ensure_calls(&report, &[("code-5", 1)])
}
