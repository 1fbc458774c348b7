//! The keys, in every format that has them.

use netsession::{Level, SessionBuilder, SessionFlags};

use super::{answered, denied, few, info, levels};
use crate::commands::list::SessionRow;
use crate::output::tests::whole;
use crate::output::{self, Selection, ServerRows};

fn json(servers: &[ServerRows<SessionRow>]) -> String {
    let selection = Selection::default();
    String::from_utf8(whole(output::json(&output::all_lines(servers, &selection), &selection))).unwrap()
}

fn json_lines(servers: &[ServerRows<SessionRow>]) -> String {
    let selection = Selection::default();
    String::from_utf8(whole(output::json_lines(&output::all_lines(servers, &selection), &selection))).unwrap()
}

fn csv(level: Level, sessions: Vec<SessionBuilder>) -> String {
    let (selection, servers) = (Selection::default(), [answered("fs1", level, sessions)]);
    String::from_utf8(whole(output::csv(&output::all_lines(&servers, &selection), &selection))).unwrap()
}

#[test]
fn json_every_level() {
    let servers: Vec<_> = levels().map(|level| answered("fs1", level, few())).collect();
    insta::assert_snapshot!(json(&servers));
}

#[test]
fn json_follows_the_contract() {
    let session = info("10.0.0.5", "alice", 3, 3600, 12).flags(SessionFlags::from_bits(1));
    let text = json(&[answered("fs1", Level::L502, vec![session])]);
    let expected = r#"{"server":"fs1","level":502,"client":"10.0.0.5","user":"alice","opens":3,"connected_seconds":3600,"idle_seconds":12,"flags":["guest"],"client_type":"","transport":"\\Device\\NetbiosSmb","client_name":null}"#;
    assert_eq!(text, format!("[\n{expected}\n]\n"));
}

#[test]
fn json_names_are_data() {
    let session = info("WS\u{202e}\u{1b}[31m\"", "=cmd|'/c calc'!A1", 0, 0, 0)
        .flags(SessionFlags::from_bits(7))
        .transport("\u{fffd}");
    let text = json(&[answered("fs1", Level::L502, vec![session])]);
    insta::assert_snapshot!(text);
    assert!(text.contains('\u{202e}') && text.contains(r"\u001b[31m"));
}

#[test]
fn json_no_session_is_an_empty_array() {
    assert_eq!(json(&[answered("fs1", Level::L1, vec![])]), "[]\n");
    assert_eq!(json(&[denied("fs1")]), "[]\n");
}

#[test]
fn json_servers_as_given_without_those_that_failed() {
    let servers = [
        answered("fs2", Level::L0, vec![info("b", "", 0, 0, 0)]),
        denied("fs3"),
        answered("fs1", Level::L0, vec![info("a", "", 0, 0, 0)]),
    ];
    let shown: Vec<_> =
        json(&servers).lines().filter_map(|line| line.get(11..14).map(String::from)).collect();
    assert_eq!(shown, ["fs2", "fs1"]);
}

#[test]
fn jsonl_sessions() {
    insta::assert_snapshot!(json_lines(&[answered("fs1", Level::L1, few())]));
    assert_eq!(json_lines(&[answered("fs1", Level::L1, vec![])]), "");
}

#[test]
fn csv_every_level() {
    let lines: Vec<_> = levels().map(|level| csv(level, few())).collect();
    insta::assert_snapshot!(lines.concat().replace("\r\n", "\n"));
}

#[test]
fn csv_header_and_lines_have_the_same_columns() {
    let header = output::csv_header(&Selection::<SessionRow>::default()).unwrap();
    assert_eq!(
        String::from_utf8(header).unwrap(),
        "server,level,client,user,opens,connected_seconds,idle_seconds,flags,client_type,transport,client_name\r\n"
    );
    assert_eq!(csv(Level::L0, vec![info("a", "b", 0, 0, 0)]), "fs1,0,a,,,,,,,,\r\n");
}

#[test]
fn csv_names_are_data() {
    let session = info("a,\"b\"\r\nc", "=HYPERLINK(\"x\")", 1, 2, 3).flags(SessionFlags::from_bits(7));
    assert_eq!(
        csv(Level::L1, vec![session]),
        "fs1,1,\"a,\"\"b\"\"\r\nc\",\"=HYPERLINK(\"\"x\"\")\",1,2,3,guest|no_encryption|0x4,,,\r\n"
    );
}

/// Written in pieces, it is one document.
#[test]
fn long_output_is_one_document() {
    let sessions: Vec<_> = (0..2_500).map(|n| info(&format!("10.0.0.{n}"), "alice", 1, 2, 3)).collect();
    let servers = [answered("fs1", Level::L1, sessions.clone())];
    let parsed: serde_json::Value = serde_json::from_str(&json(&servers)).unwrap();
    assert_eq!(parsed.as_array().unwrap().len(), 2_500);
    assert_eq!(json_lines(&servers).lines().count(), 2_500);
    assert_eq!(csv(Level::L1, sessions).lines().count(), 2_500);
}
