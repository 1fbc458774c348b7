//! Sessions in every format.

mod formats;
mod selection;
mod table;
mod widths;

use std::time::Duration;

use netsession::{Session, SessionBuilder, SessionFlags};

use super::*;
use crate::output::tests::denied_error;
use crate::output::{Row as _, RunSummary, ServerRows};

/// A session as a server sends it at level 502.
fn info(client: &str, user: &str, opens: u32, time: u32, idle: u32) -> SessionBuilder {
    Session::builder(format!(r"\\{client}"))
        .user(user)
        .opens(opens)
        .connected(Duration::from_secs(time.into()))
        .idle(Duration::from_secs(idle.into()))
        .flags(SessionFlags::default())
        .client_type("")
        .transport(r"\Device\NetbiosSmb")
}

/// Every level that a listing can have.
fn levels() -> impl Iterator<Item = Level> {
    Level::ALL.iter().copied().filter(|level| *level != Level::Auto)
}

fn few() -> Vec<SessionBuilder> {
    vec![
        info("10.0.0.9", "admin", 1, 2, 0),
        info("10.0.0.5", r"LAB\alice", 3, 7500, 45),
        info("[fe80::1:2:3:4]", r"LAB\bob", 120, 273_600, 90_000),
    ]
}

/// The rows of these sessions at this level, in their order; `own` is the index of the program's own session.
fn rows(level: Level, sessions: Vec<SessionBuilder>, own: Option<usize>) -> Rows<SessionRow> {
    let sessions = sessions.into_iter().map(|session| session.reduced_to(level).build());
    let mut rows = row::rows(Listing::builder("fs1", level).sessions(sessions).own(own).build());
    rows.sort();
    rows
}

fn answered(server: &str, level: Level, sessions: Vec<SessionBuilder>) -> ServerRows<SessionRow> {
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
    let rows = rows(Level::L1, sessions, Some(3)).rows;
    let order: Vec<_> = rows.iter().map(|row| (row.session.client(), row.session.user().unwrap())).collect();
    assert_eq!(order, [("c", "c"), ("a", "z"), ("b", "a"), ("b", "x"), ("d", "d")]);
    assert_eq!(rows.iter().position(SessionRow::is_marked), Some(0));
}

#[test]
fn an_address_is_looked_up_without_its_zone_and_as_ipv4() {
    let clients = ["[fe80::1%eth0]", "WS-01", "::ffff:10.0.0.5"];
    let sessions = clients.map(|client| info(client, "x", 0, 0, 0));
    let sessions = sessions.into_iter().map(SessionBuilder::build);
    let rows = row::rows(Listing::builder("fs1", Level::L502).sessions(sessions).build());
    let addresses: Vec<_> = rows.rows.iter().map(SessionRow::client_address).collect();
    // The last is the address 10.0.0.5, which has the name.
    assert_eq!(addresses, ["fe80::1".parse().ok(), None, "10.0.0.5".parse().ok()]);
}

fn summary(servers: &[ServerRows<SessionRow>]) -> String {
    let mut summary = RunSummary::default();
    servers.iter().for_each(|server| summary.add(server));
    summary.text()
}

#[test]
fn a_run_is_summed_up() {
    let one = |user: &str| answered("fs1", Level::L1, vec![info("a", user, 3, 9, 1)]);
    let servers = [one("alice"), denied("fs2"), one("ALICE"), denied("fs4")];
    insta::assert_snapshot!(summary(&servers), @r"
    netsession: 4 servers: 2 answered, 2 failed (2 access_denied)
      2 sessions, 1 user, 6 open files
    ");
}

#[test]
fn partial_sums_say_at_least() {
    let level = |level| answered("fs1", level, vec![info("a", "bob", 3, 9, 1)]);
    let servers = [level(Level::L1), level(Level::L10), level(Level::L0)];
    insta::assert_snapshot!(summary(&servers), @r"
    netsession: 3 servers: 3 answered
      3 sessions, at least 1 user, at least 3 open files
    ");
    insta::assert_snapshot!(summary(&[answered("fs1", Level::L1, vec![])]), @r"
    netsession: 1 server: 1 answered
      no sessions
    ");
}
