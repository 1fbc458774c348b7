//! A member server with winbind, whose users are shown as `ADLAB+name` (`winbind separator = +`).

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use netsession_interop::account::Account;
use netsession_interop::domain::BOB;
use netsession_interop::member::{ADMIN, Member};
use netsession_interop::netsession::{List, Row};
use netsession_interop::process;
use netsession_interop::shared::Shared;
use netsession_interop::suite::{Need, Suite};

use crate::support::{domain, ensure_error};

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Domain, Need::Debian13];

static MEMBER: Shared<(), Member> = Shared::empty();

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "member::lists_users_with_the_separator", separator);
    for filter in
        ["labadm", r"ADLAB\labadm", "ADLAB/labadm", "ADLAB+labadm", "adlab+LABADM", "labadm@adlab.test"]
    {
        suite.test(NEEDS, format!("member::filter::{filter}"), move || finds(filter));
    }
    suite.test(NEEDS, "member::filter::of_another_user", finds_no_other);
    suite.test(NEEDS, "member::own_session_is_marked", own_session);
    suite.test(NEEDS, "member::without_the_right", without_the_right);
}

/// Ends the server.
pub(crate) fn stop() {
    MEMBER.clear();
}

fn member() -> Result<Arc<Member>> {
    MEMBER.get((), || Member::start(&*domain()?))
}

fn list() -> Result<List> {
    Ok(List::new(member()?.address().to_string())?.login(ADMIN))
}

fn is_labadm(row: &Row) -> bool {
    row.user.as_deref() == Some("ADLAB+labadm")
}

fn separator() -> Result<()> {
    let rows = list()?.rows()?;
    ensure!(rows.iter().any(is_labadm), "{rows:?}");
    Ok(())
}

/// The listing has that user's sessions and no other.
fn finds(filter: &str) -> Result<()> {
    let rows = list()?.args(&["--user", filter]).rows()?;
    ensure!(!rows.is_empty() && rows.iter().all(is_labadm), "--user {filter} gives {rows:?}");
    Ok(())
}

fn finds_no_other() -> Result<()> {
    for filter in ["adm", r"OTHER\labadm", "OTHER+labadm"] {
        let rows = list()?.args(&["--user", filter]).rows()?;
        ensure!(rows.is_empty(), "--user {filter} gives {rows:?}");
    }
    Ok(())
}

/// The login says `ADLAB\labadm`, and the server `ADLAB+labadm`.
/// Where another test's session of the same account is as young, neither can be told: until it is alone.
fn own_session() -> Result<()> {
    let begin = Instant::now();
    loop {
        let run = list()?.args(&["--user", "ADLAB+labadm"]).run()?;
        let text = run.text()?;
        ensure!(run.outcome.code == Some(0) && text.contains("ADLAB+labadm"), "{run:?}");
        if text.contains("your own session") {
            return Ok(());
        }
        let is_alone = text.contains("1 session,");
        ensure!(!is_alone && begin.elapsed() < process::PATIENCE, "the own session is not marked: {run:?}");
        thread::sleep(Duration::from_millis(200));
    }
}

fn without_the_right() -> Result<()> {
    let bob = Account { name: r"ADLAB\bob", password: BOB.password };
    let error = List::new(member()?.address().to_string())?.login(bob).error()?;
    ensure_error(&error, "access_denied", Some(5), Some("ERROR_ACCESS_DENIED"))
}
