//! A member server with winbind, whose users are shown as `ADLAB+name` (`winbind separator = +`).

use std::sync::Arc;

use anyhow::{Result, ensure};
use netsession_interop::account::Account;
use netsession_interop::domain::BOB;
use netsession_interop::member::{ADMIN, Member};
use netsession_interop::netsession::{List, Row};
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
    for filter in ["adm", r"OTHER\labadm", "OTHER+labadm", "labadm@other.test"] {
        let rows = list()?.args(&["--user", filter]).rows()?;
        ensure!(rows.is_empty(), "--user {filter} gives {rows:?}");
    }
    Ok(())
}

/// The login says `ADLAB\labadm`, and the server `ADLAB+labadm`.
fn own_session() -> Result<()> {
    let run = list()?.args(&["--user", "ADLAB+labadm"]).run()?;
    let text = run.text()?;
    ensure!(run.outcome.code == Some(0) && text.contains("ADLAB+labadm"), "{run:?}");
    ensure!(text.contains("your own session"), "the own session is not marked: {run:?}");
    Ok(())
}

fn without_the_right() -> Result<()> {
    let bob = Account { name: r"ADLAB\bob", password: BOB.password };
    let error = List::new(member()?.address().to_string())?.login(bob).error()?;
    ensure_error(&error, "access_denied", Some(5), Some("ERROR_ACCESS_DENIED"))
}
