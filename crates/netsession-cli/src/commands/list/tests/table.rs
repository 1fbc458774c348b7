use netsession::{Level, SessionBuilder, SessionFlags};

use super::{answered, denied, few, info, levels, rows};
use crate::commands::list::SessionRow;
use crate::output::{Row as _, Selection, ServerRows, tables};
use crate::process::Terminal;

fn text(servers: &[ServerRows<SessionRow>], terminal: Terminal) -> String {
    String::from_utf8(tables(servers, &Selection::default(), terminal)).unwrap()
}

fn in_a_pipe(servers: &[ServerRows<SessionRow>]) -> String {
    text(servers, Terminal::default())
}

fn on_columns(width: u16, servers: &[ServerRows<SessionRow>]) -> String {
    text(servers, Terminal { width: Some(width), colour: false })
}

fn one(level: Level, sessions: Vec<SessionBuilder>) -> [ServerRows<SessionRow>; 1] {
    [answered("fs1", level, sessions)]
}

/// With the first session as the program's own.
fn with_own(level: Level) -> [ServerRows<SessionRow>; 1] {
    [ServerRows { server: "fs1".into(), result: Ok(rows(level, few(), Some(0))) }]
}

/// Names of users, and of attackers.
fn odd_names() -> Vec<SessionBuilder> {
    let guest = info("10.0.0.66", "\u{1b}[2J\u{1b}[31mroot", 0, 60, 59).flags(SessionFlags::from_bits(7));
    let unknown = info("田中のパソコン-01", "田中", 5, 3600, 58)
        .transport(r"\Device\NetBT_Tcpip_{2EE3A1C5-3B0B-4D2B-9F55-8D0D6E6C8C4E}");
    vec![
        guest,
        unknown,
        info(
            "WORKSTATION-WITH-A-VERY-LONG-NAME.corp.example.com",
            r"CORPORATION\firstname.lastname",
            4_294_967_295,
            u32::MAX - 1,
            57,
        ),
        info("gpj.\u{202e}exe.\u{200b}tfarc", "two words\r\n", 1, 2, 56),
        info("e\u{301}ve\u{fffd}", "", 1, 2, 55),
    ]
}

#[test]
fn every_level_in_80_columns() {
    for level in levels() {
        insta::assert_snapshot!(format!("level_{level}"), on_columns(80, &one(level, few())));
    }
}

#[test]
fn the_own_session_is_marked() {
    insta::assert_snapshot!(on_columns(80, &with_own(Level::L502)));
}

#[test]
fn colour_is_of_whole_lines() {
    let coloured = text(&with_own(Level::L1), Terminal { width: Some(80), colour: true });
    insta::assert_snapshot!(coloured.replace('\u{1b}', "ESC"));
}

#[test]
fn odd_names_in_a_pipe() {
    insta::assert_snapshot!(in_a_pipe(&one(Level::L502, odd_names())));
}

#[test]
fn odd_names_in_80_columns() {
    insta::assert_snapshot!(on_columns(80, &one(Level::L502, odd_names())));
}

#[test]
fn odd_names_in_60_columns() {
    insta::assert_snapshot!(on_columns(60, &one(Level::L1, odd_names())));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    use unicode_width::UnicodeWidthStr as _;
    for width in [60, 72, 80, 120] {
        let text = on_columns(width, &one(Level::L502, odd_names()));
        for line in text.lines() {
            assert!(line.width() <= usize::from(width), "{width}: {line}");
            assert!(!line.contains(char::is_control) && !line.ends_with(' '), "{line:?}");
        }
    }
}

#[test]
fn too_narrow_terminal_breaks_lines_and_loses_nothing() {
    for width in [1, 10, 30] {
        let text = on_columns(width, &one(Level::L502, odd_names()));
        let without_breaks: String = text.split_whitespace().collect();
        assert!(without_breaks.contains("5sessions"), "{text}");
    }
}

#[test]
fn names_of_clients() {
    let mut rows = rows(Level::L1, few(), None);
    let is_alice = |row: &&mut SessionRow| row.session.client() == "10.0.0.5";
    rows.rows.iter_mut().find(is_alice).unwrap().set_client_name("ws-alice.example.com\u{202e}".into());
    insta::assert_snapshot!(on_columns(80, &[ServerRows { server: "fs1".into(), result: Ok(rows) }]));
}

#[test]
fn several_servers() {
    let servers = [
        answered("fs2\u{1b}:4455", Level::L502, few()),
        denied("fs3"),
        answered("fs1", Level::L10, vec![info("10.0.0.5", r"lab\ALICE", 0, 60, 0)]),
        answered("fs4", Level::L1, vec![]),
    ];
    insta::assert_snapshot!(in_a_pipe(&servers));
}

#[test]
fn no_sessions() {
    assert_eq!(in_a_pipe(&one(Level::L1, vec![])), "no sessions (level 1)\n");
    assert_eq!(in_a_pipe(&[denied("fs1")]), "");
    assert_eq!(in_a_pipe(&[denied("fs1"), denied("fs2")]), "");
}

/// The widest cell may be in the last of many rows.
#[test]
fn long_table_has_one_layout() {
    let mut sessions: Vec<_> = (0..3_000).map(|_| info("10.0.0.5", "alice", 7, 60, 59)).collect();
    sessions.push(info(
        "WORKSTATION-WITH-A-VERY-LONG-NAME.corp.example.com",
        r"CORPORATION\f",
        1_234_567,
        60,
        1,
    ));
    let servers = one(Level::L502, sessions);
    for table in [in_a_pipe(&servers), on_columns(80, &servers)] {
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.iter().filter(|line| *line == &lines[0]).count(), 1, "one header");
        let alices = lines.get(1..3_001).unwrap();
        assert!(alices.iter().all(|line| line == &alices[0]), "{table}");
        assert_ne!(lines[3_001], alices[0]);
    }
    let text = in_a_pipe(&servers);
    assert_eq!(text.lines().count(), 1 + 3_001 + 2, "header, sessions, summary");
}
