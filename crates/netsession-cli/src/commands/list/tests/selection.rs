//! `--columns`, `--sort` and `--no-header`, in every format.

use netsession::Level;

use super::{answered, denied, few, info, rows};
use crate::args::ColumnArgs;
use crate::commands::list::SessionRow;
use crate::output::tests::whole;
use crate::output::{self, Selection, ServerRows};
use crate::process::Terminal;

fn selection(columns: &[&str], sort: &[&str], no_header: bool) -> anyhow::Result<Selection<SessionRow>> {
    let names = |names: &[&str]| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Some(names).filter(|names| !names.is_empty())
    };
    let (columns, sort) = (names(columns), names(sort));
    Selection::new(&ColumnArgs { columns, sort, no_header })
}

fn servers() -> Vec<ServerRows<SessionRow>> {
    vec![
        answered("fs2", Level::L502, few()),
        denied("fs3"),
        answered("fs1", Level::L10, vec![info("10.0.0.10", r"lab\ALICE", 0, 60, 50)]),
    ]
}

fn table(servers: &[ServerRows<SessionRow>], selection: &Selection<SessionRow>) -> String {
    String::from_utf8(output::tables(servers, selection, Terminal::default())).unwrap()
}

fn csv(selection: &Selection<SessionRow>) -> String {
    let servers = servers();
    let mut bytes = output::csv_header(selection).unwrap();
    bytes.extend(whole(output::csv(&output::all_lines(&servers, selection), selection)));
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}

fn refusal(columns: &[&str], sort: &[&str]) -> String {
    selection(columns, sort, false).unwrap_err().to_string()
}

#[test]
fn columns_of_a_table() {
    let selection = selection(&["user", "idle", "level", "flags"], &[], false).unwrap();
    insta::assert_snapshot!(table(&servers(), &selection), @r"
    fs2
    USER        IDLE  LEVEL  FLAGS
    LAB\bob    1d 1h    502
    LAB\alice    45s    502
    admin         0s    502

    3 sessions, 3 users, 124 open files (level 502)

    fs1
    USER       IDLE  LEVEL  FLAGS
    lab\ALICE   50s     10

    1 session, 1 user (level 10)
    ");
}

#[test]
fn one_table_for_all_with_the_server_as_a_column() {
    let selection = selection(&["server", "client", "opens"], &["client"], false).unwrap();
    insta::assert_snapshot!(table(&servers(), &selection), @r"
    SERVER  CLIENT         OPENS
    fs2     10.0.0.5           3
    fs2     10.0.0.9           1
    fs1     10.0.0.10
    fs2     fe80::1:2:3:4    120
    ");
}

#[test]
fn rows_alone_without_a_header() {
    let selected = selection(&["client", "user"], &[], true).unwrap();
    insta::assert_snapshot!(table(&servers(), &selected), @r"
    fe80::1:2:3:4  LAB\bob
    10.0.0.5       LAB\alice
    10.0.0.9       admin
    10.0.0.10      lab\ALICE
    ");
    assert_eq!(csv(&selected).lines().next(), Some(r"fe80::1:2:3:4,LAB\bob"));
    // The mark is not a column: a script that splits at blanks would count it.
    let own = [ServerRows { server: "fs1".into(), result: Ok(rows(Level::L0, few(), Some(0))) }];
    insta::assert_snapshot!(table(&own, &selection(&[], &[], true).unwrap()), @r"
    10.0.0.5
    10.0.0.9
    fe80::1:2:3:4
    ");
}

#[test]
fn each_table_is_sorted_by_itself() {
    let selection = selection(&[], &["-opens"], false).unwrap();
    let shown = table(&servers(), &selection);
    let servers: Vec<_> = shown.lines().filter(|line| line.starts_with("fs")).collect();
    assert_eq!(servers, ["fs2", "fs1"]);
    let users: Vec<_> = shown.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(users[..4], ["USER", r"LAB\bob", r"LAB\alice", "admin"]);
}

#[test]
fn data_is_sorted_across_servers_and_unknown_values_come_last() {
    for (sort, expected) in [
        (&["-connected"][..], [r"LAB\bob", r"LAB\alice", r"lab\ALICE", "admin"]),
        (&["opens"], ["admin", r"LAB\alice", r"LAB\bob", r"lab\ALICE"]),
        (&["-opens"], [r"LAB\bob", r"LAB\alice", "admin", r"lab\ALICE"]),
        (&["user"], ["admin", r"LAB\alice", r"lab\ALICE", r"LAB\bob"]),
        (&["-server", "idle_seconds"], ["admin", r"LAB\alice", r"LAB\bob", r"lab\ALICE"]),
        (&["client"], [r"LAB\alice", "admin", r"lab\ALICE", r"LAB\bob"]),
    ] {
        let selection = selection(&["user"], sort, true).unwrap();
        assert_eq!(csv(&selection).lines().collect::<Vec<_>>(), expected, "{sort:?}");
    }
}

#[test]
fn columns_are_the_keys_of_json() {
    let servers = servers();
    let selection = selection(&["idle", "client", "flags"], &["idle"], false).unwrap();
    let lines = output::all_lines(&servers, &selection);
    let text = String::from_utf8(whole(output::json_lines(&lines, &selection))).unwrap();
    insta::assert_snapshot!(text, @r#"
    {"idle_seconds":0,"client":"10.0.0.9","flags":[]}
    {"idle_seconds":45,"client":"10.0.0.5","flags":[]}
    {"idle_seconds":50,"client":"10.0.0.10","flags":null}
    {"idle_seconds":90000,"client":"fe80::1:2:3:4","flags":[]}
    "#);
    let array = String::from_utf8(whole(output::json(&lines, &selection))).unwrap();
    assert_eq!(array.replace(",\n", "\n"), format!("[\n{text}]\n"));
}

#[test]
fn unknown_columns_are_refused_with_the_names() {
    insta::assert_snapshot!(refusal(&["client", "flavour"], &[]), @r#"--columns: there is no column "flavour": the columns are server, level, client, user, opens, connected_seconds, idle_seconds, flags, client_type, transport, client_name"#);
    assert!(refusal(&[], &["-"]).starts_with(r#"--sort: there is no column "": the columns are "#));
    assert!(refusal(&["\u{1b}[2J"], &[]).contains(r"\u{1b}"));
    assert_eq!(refusal(&["idle", "idle_seconds"], &[]), "--columns: idle_seconds is named twice");
    assert_eq!(refusal(&[], &["user", "-user"]), "--sort: user is named twice");
    assert!(refusal(&["a\u{1b}b"], &[]).starts_with(r#"--columns: there is no column "a\u{1b}b": "#));
}
