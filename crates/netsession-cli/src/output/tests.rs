//! A command of other rows than sessions, as a test of what every command has.

use anyhow::Result;
use netsession::{Error, ErrorKind};

use super::*;
use crate::args::ColumnArgs;
use crate::process::Terminal;

pub(crate) fn denied_error(server: &str) -> Error {
    Error::for_testing(ErrorKind::AccessDenied, server)
}

/// All pieces of an output.
pub(crate) fn whole(pieces: impl Iterator<Item = Result<Vec<u8>>>) -> Vec<u8> {
    pieces.collect::<Result<Vec<_>>>().unwrap().concat()
}

/// The clock of a server.
struct Clock {
    time: &'static str,
    offset: f64,
    timezone: Option<i64>,
}

impl Row for Clock {
    type Totals = ();

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("time", "TIME", |clock: &Self| clock.time.into()).always(),
        Column::new("offset_seconds", "OFFSET", |clock: &Self| clock.offset.into()).alias("offset").number(),
        Column::new("timezone_minutes", "TIMEZONE", |clock: &Self| clock.timezone.into()).number(),
    ];
    const TABLE: &'static [&'static str] = &["time", "offset_seconds", "timezone_minutes"];
    const ONE_TABLE: bool = true;
}

fn clock(server: &str, offset: f64, timezone: Option<i64>) -> ServerRows<Clock> {
    let rows = vec![Clock { time: "2026-11-25T20:00:00Z", offset, timezone }];
    ServerRows { server: server.into(), result: Ok(rows.into()) }
}

fn clocks() -> [ServerRows<Clock>; 3] {
    let failed = ServerRows { server: "fs2".into(), result: Err(denied_error("fs2")) };
    [clock("fs1", 0.125, Some(60)), failed, clock("fs3", -3.0, None)]
}

#[test]
fn clocks_in_every_format() {
    let (servers, selection) = (clocks(), Selection::default());
    let lines = all_lines(&servers, &selection);
    let shown = [
        tables(&servers, &selection, Terminal::default()),
        whole(json(&lines, &selection)),
        whole(json_lines(&lines, &selection)),
        csv_header(&selection).unwrap(),
        whole(csv(&lines, &selection)),
    ];
    let shown = String::from_utf8(shown.concat()).unwrap().replace("\r\n", "\n");
    insta::assert_snapshot!(shown, @r#"
    SERVER  TIME                  OFFSET  TIMEZONE
    fs1     2026-11-25T20:00:00Z   0.125        60
    fs3     2026-11-25T20:00:00Z  -3.000
    [
    {"server":"fs1","time":"2026-11-25T20:00:00Z","offset_seconds":0.125,"timezone_minutes":60},
    {"server":"fs3","time":"2026-11-25T20:00:00Z","offset_seconds":-3.0,"timezone_minutes":null}
    ]
    {"server":"fs1","time":"2026-11-25T20:00:00Z","offset_seconds":0.125,"timezone_minutes":60}
    {"server":"fs3","time":"2026-11-25T20:00:00Z","offset_seconds":-3.0,"timezone_minutes":null}
    server,time,offset_seconds,timezone_minutes
    fs1,2026-11-25T20:00:00Z,0.125,60
    fs3,2026-11-25T20:00:00Z,-3,
    "#);
}

#[test]
fn clocks_have_the_options_of_every_command() {
    let names = |text: &str| Some(text.split(',').map(str::to_owned).collect());
    let args = ColumnArgs { columns: names("server,offset"), sort: names("offset"), ..ColumnArgs::default() };
    let shown = tables(&clocks(), &Selection::new(&args).unwrap(), Terminal::default());
    insta::assert_snapshot!(String::from_utf8(shown).unwrap(), @r"
    SERVER  OFFSET
    fs3     -3.000
    fs1      0.125
    ");
    assert_eq!(
        columns_help::<Clock>(),
        "Columns:\n  server, time, offset_seconds (offset), timezone_minutes"
    );
}

#[test]
fn the_columns_of_a_table_are_columns() {
    fn check<R: Row>() {
        let known: Vec<_> = R::COLUMNS.iter().map(|column| column.key).collect();
        assert!(R::TABLE.iter().all(|key| known.contains(key)), "{:?}", R::TABLE);
    }
    check::<Clock>();
    check::<crate::commands::list::SessionRow>();
}

#[test]
fn a_run_without_totals_counts_servers_alone() {
    let mut summary = RunSummary::default();
    clocks().iter().for_each(|server| summary.add(server));
    assert_eq!(summary.text(), "netsession: 3 servers: 2 answered, 1 failed (1 access_denied)\n");
    assert!(summary.has_failures());
}

#[test]
fn the_line_of_a_failed_server() {
    let text = String::from_utf8(json_error("fs1", &denied_error("fs1")).unwrap()).unwrap();
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["server"], "fs1");
    assert_eq!(line["error"]["kind"], "access_denied");
    assert_eq!(line["error"]["code"], 5);
    assert!(line["error"]["message"].as_str().unwrap().starts_with("fs1: "));
    let closed = json_error("fs1", &Error::for_testing(ErrorKind::Closed, "fs1")).unwrap();
    let text = String::from_utf8(closed).unwrap();
    assert!(text.contains(r#""kind":"closed","code":null,"name":null,"message":"#), "{text}");
    assert!(text.ends_with("}}\n"));
}
