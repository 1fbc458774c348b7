use std::time::{Duration, UNIX_EPOCH};

use jiff::tz::TimeZone;
use netsession::{Error, ErrorKind, Level, Listing, Refresh, Session, Snapshot, WatchedServer};

use super::*;

const BEGIN: u64 = 1_795_705_200; // 2026-11-26T15:00:00Z

fn session(user: &str, client: &str, connected: u64, idle: u64) -> Session {
    let session = Session::builder(client).user(user).opens(2).connected(Duration::from_secs(connected));
    session.idle(Duration::from_secs(idle)).build()
}

fn answer(at: u64, sessions: impl IntoIterator<Item = Session>) -> Refresh {
    let listing = Listing::builder("fs1", Level::L502).sessions(sessions).build();
    Refresh::by_hand(
        "fs1",
        UNIX_EPOCH + Duration::from_secs(BEGIN + at),
        Ok(Snapshot::by_hand(listing, None)),
    )
}

fn failure(at: u64) -> Refresh {
    let error = Error::for_testing(ErrorKind::TimedOut, "fs1");
    Refresh::by_hand("fs1", UNIX_EPOCH + Duration::from_secs(BEGIN + at), Err(error))
}

/// A morning at a server.
fn morning() -> Vec<Refresh> {
    let (alice, bob) = (
        |at| session(r"LAB\alice", "10.0.0.5", 7_200_u64 + at, 12),
        |at, idle| session(r"LAB\bob", "2001:db8:77:5:1234:5678:9abc:def0", 600_u64 + at, idle),
    );
    let evil = |at| session("\u{1b}[2Jeve\u{202e}", "WS-01", at, 0);
    vec![
        answer(0, [alice(0), bob(0, 0)]),
        answer(5, [alice(5), bob(5, 905), evil(3)]),
        answer(10, [bob(10, 1), evil(8)]),
        failure(15),
        failure(45),
        answer(75, [bob(75, 1)]),
    ]
}

fn events(initial: bool) -> Vec<Event> {
    let mut changes = changes(initial);
    morning().into_iter().flat_map(|refresh| changes.take(refresh)).collect()
}

fn changes(initial: bool) -> Changes {
    Changes {
        names: vec!["fs1".to_owned()],
        known: vec![WatchedServer::new(Some(Duration::from_secs(900)))],
        is_new: vec![true],
        without_files: Trouble::new(LISTS_FILES_AGAIN),
        initial,
        format: Format::Lines,
        lines: Lines::new(&[], Terminal::default()),
        left: None,
        errors: ErrorTexts::default(),
    }
}

/// The level says which fields were listed: after a refusal the next answer may be of a lower one.
#[test]
fn what_ended_has_the_level_of_the_answer_that_listed_it() {
    let mut changes = changes(false);
    let at_level = |at, level, sessions: &[Session]| {
        let listing = Listing::builder("fs1", level).sessions(sessions.to_vec()).build();
        let time = UNIX_EPOCH + Duration::from_secs(BEGIN + at);
        Refresh::by_hand("fs1", time, Ok(Snapshot::by_hand(listing, None)))
    };
    changes.take(at_level(0, Level::L502, &[session("alice", "10.0.0.5", 7_200, 0)]));
    let events = changes.take(at_level(5, Level::L10, &[session("bob", "10.0.0.6", 2, 0)]));
    let levels: Vec<_> = events.iter().map(|event| (event.name(), event.level)).collect();
    assert_eq!(levels, [("disconnected", Some(Level::L502)), ("connected", Some(Level::L10))]);
}

fn lines(width: Option<u16>, colour: bool) -> String {
    let names = ["fs1".to_owned(), "fs2.example.com".to_owned()];
    let lines = Lines::in_zone(&names, Terminal { width, colour }, TimeZone::UTC);
    events(true).iter().map(|event| lines.line(event)).collect()
}

#[test]
fn lines_of_a_morning() {
    let shown = [lines(None, false), lines(Some(80), false), lines(Some(50), false)];
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn session_without_names_has_no_trailing_blanks() {
    let mut changes = changes(true);
    let session = Session::builder("").build();
    let lines = Lines::in_zone(&["fs1".to_owned()], Terminal::default(), TimeZone::UTC);
    let shown: Vec<_> = changes.take(answer(0, [session])).iter().map(|event| lines.line(event)).collect();
    assert_eq!(shown, ["2026-11-26 15:00:00  fs1  connected     -                 -\n"]);
}

#[test]
fn colour_is_of_the_event_alone() {
    let shown = lines(Some(80), true);
    assert!(shown.contains("\u{1b}[31munreachable \u{1b}[0m"), "{shown:?}");
    let plain = shown.replace("\u{1b}[31m", "").replace("\u{1b}[32m", "").replace("\u{1b}[33m", "");
    assert_eq!(plain.replace("\u{1b}[2m", "").replace("\u{1b}[0m", ""), lines(Some(80), false));
}

#[test]
fn json_lines_of_a_morning() {
    let lines: String =
        events(false).iter().map(|event| String::from_utf8(json::line(event).unwrap()).unwrap()).collect();
    insta::assert_snapshot!(lines);
}
