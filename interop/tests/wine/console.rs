//! A console: names in any script, colours, a password that is not shown. Wine makes one of a Unix terminal.

use anyhow::{Result, ensure};
use netsession_interop::faulty;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_calls, list};
use crate::table::TABLE;

const NEEDS: &[Need] = &[Need::Wine, Need::Terminal];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "console::names_in_any_script", names_in_any_script);
    suite.test(NEEDS, "console::colours", colours);
    suite.test(NEEDS, "console::password_without_echo", password_without_echo);
}

fn names_in_any_script() -> Result<()> {
    let (shown, report) = list(&["table"])?.run_in_terminal("", "")?;
    ensure_calls(&report, &[("table", 1)])?;
    for known in TABLE.iter().filter(|known| !known.user.contains('🦀')) {
        ensure!(shown.contains(known.user), "no {:?} in {shown:?}", known.user);
    }
    Ok(())
}

/// The heading is bold, unless it is not wanted. In a pipe there is nothing of it: `rows::table_and_csv`.
fn colours() -> Result<()> {
    const BOLD_HEADING: &str = "\u{1b}[1mCLIENT";
    let (shown, _) = list(&["table"])?.run_in_terminal("", "")?;
    ensure!(shown.contains(BOLD_HEADING), "no colours in {shown:?}");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let (shown, _) = list(&["table"])?.env(name, value).run_in_terminal("", "")?;
        ensure!(shown.contains("CLIENT") && !shown.contains(BOLD_HEADING), "{name}: {shown:?}");
    }
    Ok(())
}

fn password_without_echo() -> Result<()> {
    let server = faulty::refusing().to_string();
    let run = list(&["-U", "admin", &server])?;
    let (shown, report) = run.run_in_terminal("Password for admin:", "hunter2\r")?;
    ensure_calls(&report, &[])?;
    ensure!(!shown.contains("hunter2"), "shown: {shown:?}");
    ensure!(shown.contains("connect: refused"), "it did not go on: {shown:?}");
    Ok(())
}
