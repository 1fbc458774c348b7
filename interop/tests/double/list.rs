//! `netsession list` on every shipped scenario, at every level: what is listed, what is refused, how it exits.
//! Where something is listed, python3-samba lists the same.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{Account, DOUBLE_ADMIN, DOUBLE_ALICE};
use netsession_interop::netsession::List;
use netsession_interop::oracle;
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::{Server, scenario};

use crate::truth;

/// What `-l LEVEL` ends in.
#[derive(Clone, Copy, Debug)]
enum End {
    /// Rows of the level of the first number, as the server shows them at the level of the second.
    Listed(u32, u32),
    /// Exit code 1, and this kind of error.
    Refused(&'static str),
}

use End::{Listed, Refused};

const DENIED: End = Refused("access_denied");
const NO_LEVEL: End = Refused("level_not_supported");

/// For each scenario, and for an administrator and another user: `auto`, 0, 1, 2, 10 and 502.
const EXPECTED: [(&str, Account, [End; 6]); 10] = [
    ("windows", DOUBLE_ADMIN, EACH),
    ("windows", DOUBLE_ALICE, [Listed(10, 10), Listed(0, 0), DENIED, DENIED, Listed(10, 10), DENIED]),
    ("windows-hardened", DOUBLE_ADMIN, EACH),
    ("windows-hardened", DOUBLE_ALICE, [DENIED; 6]),
    ("illumos", DOUBLE_ADMIN, EACH),
    ("illumos", DOUBLE_ALICE, [DENIED; 6]),
    ("samba", DOUBLE_ADMIN, [Listed(1, 1), Listed(0, 0), Listed(1, 1), NO_LEVEL, Listed(10, 1), NO_LEVEL]),
    ("samba", DOUBLE_ALICE, [DENIED; 6]),
    (
        "nas-level-1",
        DOUBLE_ADMIN,
        [Listed(1, 1), Listed(0, 1), Listed(1, 1), NO_LEVEL, Listed(10, 1), NO_LEVEL],
    ),
    ("nas-level-1", DOUBLE_ALICE, [DENIED, DENIED, DENIED, NO_LEVEL, DENIED, NO_LEVEL]),
];

const EACH: [End; 6] =
    [Listed(502, 502), Listed(0, 0), Listed(1, 1), Listed(2, 2), Listed(10, 10), Listed(502, 502)];

pub(crate) fn add(suite: &mut Suite) {
    for (name, who, ends) in EXPECTED {
        for (level, end) in ["auto", "0", "1", "2", "10", "502"].into_iter().zip(ends) {
            let test = format!("list::{name}::{}::level_{level}", who.name);
            suite.test(&[Need::Program, Need::Python3Samba], test, move || list(name, who, level, end));
        }
    }
}

fn list(name: &str, who: Account, level: &str, end: End) -> Result<()> {
    let (address, _server) = Server::start(scenario::shipped(name)?)?;
    let list = List::new(address.to_string())?.login(who).args(&["-l", level]);
    match end {
        Listed(shown, asked) => {
            let rows = list.rows()?;
            ensure!(rows.iter().all(|row| row.level == shown), "not of level {shown}: {rows:?}");
            let theirs = oracle::list(address, who, asked)?.ok().context("python3-samba was refused")?;
            ensure!(!theirs.is_empty(), "there is nothing to compare");
            truth::ensure_shows(&rows, &truth::at_level(theirs, shown))
        }
        Refused(kind) => {
            let error = list.error()?;
            ensure!(error["kind"] == kind, "{error}");
            Ok(())
        }
    }
}
