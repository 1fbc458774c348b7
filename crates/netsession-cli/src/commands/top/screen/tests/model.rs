//! What servers answer, and what is kept of it.

use std::time::Duration;

use netsession::{ErrorKind, Level};

use super::fixture::{NOON, answer, at, busy, draw, failure, own, session, text, waiting};
use crate::commands::top::screen::action::Action;
use crate::commands::top::screen::view::View;
use crate::commands::top::screen::{Event, Screen, SessionItem, Update};

fn marks(screen: &mut Screen, name: &str) -> Vec<char> {
    let shown = text(screen, 140, 40);
    let lines = shown.lines().filter(|line| line.contains(name) && !line.starts_with("LAB"));
    lines.filter_map(|line| line.chars().next()).collect()
}

#[test]
fn new_rows_are_marked_and_gone_ones_fade() {
    let mut screen = busy();
    assert_eq!((marks(&mut screen, "bob"), marks(&mut screen, "paul")), (vec!['+'], vec!['-']));
    screen.tick(at(NOON + 6));
    assert_eq!((marks(&mut screen, "bob"), marks(&mut screen, "paul")), (vec!['+'], vec![]));
    screen.tick(at(NOON + 9));
    assert_eq!(marks(&mut screen, "bob"), [' ']);
}

#[test]
fn server_that_fails_keeps_its_sessions_and_is_a_row_with_advice() {
    let mut screen = busy();
    let before = marks(&mut screen, "svc-backup");
    let reason = failure(ErrorKind::TimedOut, "fs2.lab.example");
    let sessions = vec![session(2, r"LAB\svc-backup", "10.20.1.9", 240, 7200, 0)];
    let update = answer(1, Level::L502, sessions, NOON + 3);
    let events = vec![Event::Unreachable(reason.clone())];
    screen.apply(Update { failure: Some(reason.clone()), events, ..update });
    let shown = text(&mut screen, 140, 40);
    assert!(shown.contains("! fs2.lab.example  timeout: "), "{shown}");
    assert!(shown.contains("2 of 4 servers"), "{shown}");
    assert_eq!(marks(&mut screen, "svc-backup"), before, "what was known last");
    // It answers again.
    screen.apply(Update { events: vec![Event::Reachable], ..answer(1, Level::L502, Vec::new(), NOON + 8) });
    assert!(!text(&mut screen, 140, 40).contains("timeout"));
}

#[test]
fn many_failures_leave_room_for_sessions() {
    let names = (0..50).map(|number| format!("fs{number}"));
    let mut screen = Screen::new(names, Duration::from_secs(5), at(0));
    screen.apply(answer(0, Level::L502, vec![session(1, "alice", "10.0.0.5", 1, 1, 1)], 1));
    for index in 1..50 {
        let reason = failure(ErrorKind::Connect, "fs");
        let update = answer(index, Level::L502, Vec::new(), 1);
        screen.apply(Update { failure: Some(reason), level: None, ..update });
    }
    let shown = text(&mut screen, 80, 24);
    assert_eq!(shown.matches("  connect: ").count(), 3, "{shown}");
    assert!(shown.contains("and 46 more do not answer: 3 shows them") && shown.contains("alice"), "{shown}");
}

#[test]
fn idle_is_unknown_until_a_server_shows_that_it_tells_it() {
    let mut screen = waiting();
    let people = |idle| vec![session(1, "carol", "10.0.0.5", 1, 9, idle), own(2, "admin", "10.0.0.1")];
    let idle = |screen: &mut Screen| {
        let shown = text(screen, 80, 24);
        let line = shown.lines().find(|line| line.contains("carol")).unwrap().to_owned();
        line.split_whitespace().last().unwrap().to_owned()
    };
    // As Samba: level 1, and always 0.
    screen.apply(answer(0, Level::L1, people(0), 1));
    assert_eq!(idle(&mut screen), "–");
    // A NAS that has level 1 alone, and tells.
    screen.apply(answer(0, Level::L1, people(7), 2));
    assert_eq!(idle(&mut screen), "7s");
    screen.apply(answer(0, Level::L1, people(0), 3));
    assert_eq!(idle(&mut screen), "0s");
    // Windows gives an administrator level 502.
    let mut screen = waiting();
    screen.apply(answer(0, Level::L502, people(0), 1));
    assert_eq!(idle(&mut screen), "0s");
}

#[test]
fn what_a_level_does_not_count_is_not_0() {
    use netsession::Session;
    let session = |id, user: Option<&str>| {
        let builder = Session::builder(format!("10.0.0.{id}"));
        let session = user.into_iter().fold(builder, |builder, user| builder.user(user)).build();
        SessionItem { id, session: session.into(), start: None, is_own: false }
    };
    let mut screen = waiting();
    screen.perform(Action::Show(View::Servers));
    let row = |screen: &mut Screen| {
        let shown = text(screen, 140, 40);
        let row = shown.lines().find(|line| line.starts_with("  fs1")).unwrap().to_owned();
        let words: Vec<_> = row.split_whitespace().skip(2).take(3).map(str::to_owned).collect();
        (shown.lines().next().unwrap().to_owned(), words.join(" "))
    };
    // Level 10 counts no open files; level 0 has computers alone.
    screen.apply(answer(0, Level::L10, vec![session(1, Some("alice")), session(2, Some("bob"))], 1));
    let (title, shown) = row(&mut screen);
    assert_eq!(shown, "2 2 –");
    assert!(title.contains("2 sessions  2 users  – open files"), "{title}");
    screen.apply(answer(0, Level::L0, vec![session(1, None), session(2, None)], 2));
    let (title, shown) = row(&mut screen);
    assert_eq!(shown, "2 – –");
    assert!(title.contains("2 sessions  – users  – open files"), "{title}");
    // Another server counts them.
    let carol = super::fixture::session(1, "carol", "10.0.0.5", 3, 1, 1);
    screen.apply(answer(1, Level::L502, vec![carol], 3));
    assert!(row(&mut screen).0.contains("3 sessions  1+ users  3+ open files"), "{}", row(&mut screen).0);
    screen.apply(answer(0, Level::L502, Vec::new(), 4));
    let (title, shown) = row(&mut screen);
    assert_eq!(shown, "0 0 0");
    assert!(title.contains("1 session  1 user  3 open files"), "{title}");
}

#[test]
fn last_thousand_changes_are_kept() {
    let mut screen = waiting();
    for second in 0..300 {
        let events = (0..5).map(|_| Event::Reachable).collect();
        screen.apply(Update { events, ..answer(0, Level::L502, Vec::new(), second) });
    }
    assert_eq!(screen.changes.len(), 1000);
    screen.tick(at(299));
    assert_eq!(screen.rate.per_minute(screen.now), 300);
    assert_eq!(screen.changes.front().unwrap().time, at(299));
}

#[test]
fn time_connected_goes_on_between_answers() {
    let mut screen = busy();
    let connected = |screen: &mut Screen| {
        let shown = text(screen, 80, 24);
        let line = shown.lines().find(|line| line.contains("carol")).unwrap().to_owned();
        line.split_whitespace().skip(4).take(2).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(connected(&mut screen), "33m 1s");
    screen.tick(at(NOON + 41));
    assert_eq!(connected(&mut screen), "33m 41s");
}

#[test]
fn table_stands_still_while_rows_scroll() {
    let mut screen = waiting();
    let mut sessions: Vec<_> =
        (0..100).map(|id| session(id, "u", &format!("10.0.0.{id}"), 1, 1, 1)).collect();
    sessions[0] = session(0, r"LAB\somebody.with.a.long.name", "10.0.0.0", 1, 1, 1);
    screen.apply(answer(0, Level::L502, sessions, 1));
    let header = |screen: &mut Screen| text(screen, 120, 20).lines().nth(2).unwrap().to_owned();
    let before = header(&mut screen);
    screen.perform(crate::commands::top::screen::action::Action::Bottom);
    draw(&mut screen, 120, 20);
    assert_eq!(header(&mut screen), before);
}
