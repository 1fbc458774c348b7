//! Sessions in every format.

mod formats;
mod selection;
mod table;

use netsession_proto::srvs::{self, SessionInfo};

use super::*;
use crate::output::tests::denied_error;
use crate::output::{Row as _, RunSummary, ServerRows};

/// A session as a server sends it at level 502.
fn info(client: &str, user: &str, opens: u32, time: u32, idle: u32) -> SessionInfo {
    SessionInfo {
        client: format!(r"\\{client}"),
        user: Some(user.into()),
        opens: Some(opens),
        time: Some(time),
        idle_time: Some(idle),
        flags: Some(0),
        client_type: Some(String::new()),
        transport: Some(r"\Device\NetbiosSmb".into()),
    }
}

fn few() -> Vec<SessionInfo> {
    vec![
        info("10.0.0.9", "admin", 1, 2, 0),
        info("10.0.0.5", r"LAB\alice", 3, 7500, 45),
        info("[fe80::1:2:3:4]", r"LAB\bob", 120, 273_600, 90_000),
    ]
}

/// The rows of these sessions at this level, in their order; `own` is the index of the program's own session.
fn rows(level: srvs::Level, sessions: Vec<SessionInfo>, own: Option<usize>) -> Rows<SessionRow> {
    let sessions = sessions.into_iter().map(|session| session.reduced_to(level).into()).collect();
    let level = Level::from(level);
    let mut rows = row::rows(Listing::from_parts("fs1", level, level, 1, sessions).with_own(own));
    rows.sort();
    rows
}

fn answered(server: &str, level: srvs::Level, sessions: Vec<SessionInfo>) -> ServerRows<SessionRow> {
    ServerRows { server: server.into(), result: Ok(rows(level, sessions, None)) }
}

fn denied(server: &str) -> ServerRows<SessionRow> {
    ServerRows { server: server.into(), result: Err(denied_error(server)) }
}

#[test]
fn longest_idle_first_then_client_and_user() {
    let sessions = vec![
        info("b", "x", 0, 9, 1),
        info("b", "a", 0, 9, 1),
        info("a", "z", 0, 9, 1),
        info("c", "c", 0, 9, 10),
        info("d", "d", 0, 9, 0),
    ];
    let rows = rows(srvs::Level::L1, sessions, Some(3)).rows;
    let order: Vec<_> = rows.iter().map(|row| (row.session.client(), row.session.user().unwrap())).collect();
    assert_eq!(order, [("c", "c"), ("a", "z"), ("b", "a"), ("b", "x"), ("d", "d")]);
    assert_eq!(rows.iter().position(SessionRow::is_marked), Some(0));
}

#[test]
fn an_address_may_have_a_zone() {
    let sessions = vec![info("[fe80::1%eth0]", "x", 0, 0, 0), info("WS-01", "x", 0, 0, 0)];
    let rows = row::rows(Listing::from_parts(
        "fs1",
        Level::L502,
        Level::L502,
        1,
        sessions.into_iter().map(Into::into).collect(),
    ));
    let addresses: Vec<_> = rows.rows.iter().map(SessionRow::client_address).collect();
    assert_eq!(addresses, ["fe80::1".parse().ok(), None]);
}

fn summary(servers: &[ServerRows<SessionRow>]) -> String {
    let mut summary = RunSummary::default();
    servers.iter().for_each(|server| summary.add(server));
    summary.text()
}

#[test]
fn a_run_is_summed_up() {
    let one = |user: &str| answered("fs1", srvs::Level::L1, vec![info("a", user, 3, 9, 1)]);
    let servers = [one("alice"), denied("fs2"), one("ALICE"), denied("fs4")];
    insta::assert_snapshot!(summary(&servers), @r"
    netsession: 4 servers: 2 answered, 2 failed (2 access_denied)
      2 sessions, 1 user, 6 open files
    ");
}

#[test]
fn partial_sums_say_at_least() {
    let level = |level| answered("fs1", level, vec![info("a", "bob", 3, 9, 1)]);
    let servers = [level(srvs::Level::L1), level(srvs::Level::L10), level(srvs::Level::L0)];
    insta::assert_snapshot!(summary(&servers), @r"
    netsession: 3 servers: 3 answered
      3 sessions, at least 1 user, at least 3 open files
    ");
    insta::assert_snapshot!(summary(&[answered("fs1", srvs::Level::L1, vec![])]), @r"
    netsession: 1 server: 1 answered
      no sessions
    ");
}
