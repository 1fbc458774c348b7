//! What keys do to the state, from what a terminal reports to what is drawn.

use std::time::Duration;

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use super::fixture::{NOON, answer, at, busy, draw, refused_closing, refusing_files, session, text, waiting};
use crate::commands::top::screen::dialog::{Target, What};
use crate::commands::top::screen::{Ending, Request, Screen, action};

/// Types these characters; `\n` is Enter, `\x1b` is Esc, `\t` is Tab, and arrows are arrows.
fn type_keys(screen: &mut Screen, keys: &str) -> Option<Request> {
    let mut request = None;
    for key in keys.chars() {
        request = press(screen, key);
        draw(screen, 80, 24);
    }
    request
}

/// Without a frame after it.
fn press(screen: &mut Screen, key: char) -> Option<Request> {
    let code = match key {
        '\n' => KeyCode::Enter,
        '\x1b' => KeyCode::Esc,
        '\t' => KeyCode::Tab,
        '←' => KeyCode::Left,
        '→' => KeyCode::Right,
        '↓' => KeyCode::Down,
        key => KeyCode::Char(key),
    };
    let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    let action = action(&event, screen.mode(), screen.may_close());
    action.and_then(|action| screen.perform(action))
}

fn click(screen: &mut Screen, column: u16, row: u16) {
    let kind = MouseEventKind::Down(MouseButton::Left);
    let event = Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE });
    let action = action(&event, screen.mode(), screen.may_close()).unwrap();
    screen.perform(action);
    draw(screen, 80, 24);
}

fn ready() -> Screen {
    let mut screen = busy();
    draw(&mut screen, 80, 24);
    screen
}

/// The users from top to bottom.
fn users(screen: &mut Screen) -> Vec<String> {
    let shown = text(screen, 140, 40);
    let lines = shown.lines().filter(|line| line.contains("LAB\\") && !line.contains(" of "));
    let user = |line: &str| {
        let word = line.split_whitespace().find(|word| word.starts_with("LAB\\")).unwrap_or_default();
        word.trim_start_matches("LAB\\").to_owned()
    };
    // The line of details has one as well.
    lines.filter(|line| !line.starts_with("LAB\\")).map(user).collect()
}

#[test]
fn sorted_by_the_chosen_column_and_reversed() {
    let mut screen = ready();
    // By client. Right of it is the user.
    type_keys(&mut screen, "→s");
    let by_user = users(&mut screen);
    let mut expected = by_user.clone();
    expected.sort_by_key(|name| name.to_lowercase());
    assert_eq!(by_user, expected);
    type_keys(&mut screen, "s");
    expected.reverse();
    assert_eq!(users(&mut screen), expected);
    // Numbers begin with the largest.
    type_keys(&mut screen, "→s");
    assert_eq!(users(&mut screen)[0], "svc-backup", "240 open files");
    type_keys(&mut screen, "s");
    assert_eq!(users(&mut screen).last().unwrap(), "svc-backup");
}

#[test]
fn click_on_a_header_sorts_and_again_reverses() {
    let mut screen = ready();
    let header = text(&mut screen, 80, 24).lines().nth(2).unwrap().to_owned();
    let column = u16::try_from(header.chars().collect::<String>().find("OPENS").unwrap()).unwrap() - 1;
    click(&mut screen, column, 2);
    assert!(text(&mut screen, 80, 24).contains("OPENS▼"), "{}", text(&mut screen, 80, 24));
    click(&mut screen, column + 1, 2);
    assert!(text(&mut screen, 80, 24).contains("OPENS▲"));
    // A click on a name of a view shows it.
    click(&mut screen, 25, 1);
    assert!(text(&mut screen, 80, 24).contains("STATE"));
}

#[test]
fn what_is_not_known_stands_last_in_either_direction() {
    let mut screen = ready();
    type_keys(&mut screen, "→→→→s");
    for _ in 0..2 {
        let shown = text(&mut screen, 80, 24);
        assert!(shown.contains("IDLE▼") || shown.contains("IDLE▲"), "{shown}");
        let idle: Vec<bool> = shown
            .lines()
            .filter(|line| line.contains("10.20") && !line.contains(" on "))
            .map(|line| line.ends_with('–'))
            .collect();
        assert!(idle.is_sorted() && idle.ends_with(&[true, true]), "{shown}");
        type_keys(&mut screen, "s");
    }
}

#[test]
fn cursor_stays_on_its_session() {
    let mut screen = ready();
    type_keys(&mut screen, "↓↓↓↓↓");
    let chosen = |screen: &mut Screen| text(screen, 80, 24).lines().nth(21).unwrap().to_owned();
    let before = chosen(&mut screen);
    assert_eq!(before, r"LAB\m.keller from 10.20.4.23 on fs1");
    type_keys(&mut screen, "→ss→s");
    assert_eq!(chosen(&mut screen), before, "sorted");
    let mut sessions: Vec<_> =
        (10..60).map(|id| session(id, "new", &format!("10.1.0.{id}"), 1, 1, 1)).collect();
    sessions.push(session(2, r"LAB\m.keller", "10.20.4.23", 3, 62, 1260));
    screen.apply(answer(0, netsession::Level::L502, sessions, NOON + 5));
    assert_eq!(chosen(&mut screen), before, "refreshed");
}

#[test]
fn filter_applies_while_it_is_typed() {
    let mut screen = ready();
    type_keys(&mut screen, "/ALI");
    assert_eq!(users(&mut screen), ["alice", "alice"]);
    type_keys(&mut screen, "ce fs2");
    assert_eq!(users(&mut screen), ["alice"]);
    // Kept while the view changes, and seen.
    type_keys(&mut screen, "\n2");
    let shown = text(&mut screen, 80, 24);
    assert!(shown.contains("/ALIce fs2") && shown.contains("No row matches the filter"), "{shown}");
    type_keys(&mut screen, "1\x1b");
    assert_eq!(users(&mut screen).len(), 9);
}

#[test]
fn enter_goes_down_and_esc_comes_back() {
    let mut screen = ready();
    type_keys(&mut screen, "/alice fs1\n");
    assert_eq!(
        type_keys(&mut screen, "\n"),
        Some(Request::ListFiles),
        "files are listed once they are looked at"
    );
    let files = text(&mut screen, 80, 24);
    assert!(
        files.contains(r"Files of LAB\alice from 10.20.4.17 on fs1") && files.contains("2 rows"),
        "{files}"
    );
    type_keys(&mut screen, "\x1b");
    assert!(text(&mut screen, 80, 24).contains("/alice fs1"), "the filter is there again");
    type_keys(&mut screen, "\x1b3");
    // The second of the servers.
    type_keys(&mut screen, "↓\n");
    let sessions = text(&mut screen, 80, 24);
    assert!(sessions.contains("Sessions on fs2.lab.example") && sessions.contains("3 rows"), "{sessions}");
    type_keys(&mut screen, "\x1b");
    assert!(text(&mut screen, 80, 24).contains("STATE"));
    assert_eq!(type_keys(&mut screen, "2"), None, "and not a second time");
}

#[test]
fn groups() {
    let mut screen = ready();
    type_keys(&mut screen, "u");
    let shown = text(&mut screen, 80, 24);
    let alice = shown.lines().find(|line| line.contains(r"LAB\alice")).unwrap();
    let words: Vec<_> = alice.split_whitespace().collect();
    assert_eq!(words[..5], [r"LAB\alice", "2", "1", "2", "14"], "{shown}");
    type_keys(&mut screen, "/alice\n\n");
    assert!(text(&mut screen, 80, 24).contains(r"Sessions of LAB\alice"));
    assert_eq!(users(&mut screen), ["alice", "alice"]);
    type_keys(&mut screen, "\x1b\x1bc");
    assert!(text(&mut screen, 80, 24).contains("by client"));
    type_keys(&mut screen, "c");
    assert!(!text(&mut screen, 80, 24).contains("by client"));
    type_keys(&mut screen, "4u");
    assert!(text(&mut screen, 80, 24).contains("by user"), "from a view without groups");
}

#[test]
fn pause_and_intervals() {
    let mut screen = ready();
    assert_eq!(type_keys(&mut screen, " "), Some(Request::Pause(true)));
    assert!(text(&mut screen, 80, 24).contains("PAUSED"));
    let before = text(&mut screen, 80, 24);
    screen.tick(at(NOON + 3600));
    assert_eq!(text(&mut screen, 80, 24), before, "the clock stands");
    assert_eq!(type_keys(&mut screen, " "), Some(Request::Pause(false)));
    let seconds = |seconds| Some(Request::SetInterval(Duration::from_secs(seconds)));
    assert_eq!(type_keys(&mut screen, "+"), seconds(10));
    assert_eq!(type_keys(&mut screen, "---"), seconds(2));
    assert!(text(&mut screen, 80, 24).contains("every 2s"));
    assert_eq!(type_keys(&mut screen, "--"), seconds(1));
    assert_eq!(type_keys(&mut screen, "++++++++++++++"), seconds(300));
}

#[test]
fn own_sessions_are_hidden_by_a_key() {
    let mut screen = ready();
    assert!(text(&mut screen, 80, 24).contains("* fs1"));
    type_keys(&mut screen, "o");
    let shown = text(&mut screen, 80, 24);
    assert!(!shown.contains("* fs1") && shown.contains("own hidden"), "{shown}");
}

#[test]
fn closing_asks_first() {
    let mut screen = ready();
    type_keys(&mut screen, "/alice fs1\n");
    let target = Target {
        server: 0,
        what: What::Session { client: "10.20.4.17".to_owned(), user: r"LAB\alice".to_owned() },
    };
    assert_eq!(type_keys(&mut screen, "x"), Some(Request::Close(target.clone())));
    assert_eq!(type_keys(&mut screen, "y"), None, "nothing is asked yet");
    assert!(screen.question("fs1: 1 session will be ended".to_owned()));
    assert!(text(&mut screen, 80, 24).contains("1 session will be ended"));
    assert_eq!(type_keys(&mut screen, "y"), Some(Request::Answer(true)));
    screen.closed(Ending::AsWanted("session of LAB\\alice from 10.20.4.17: closed".to_owned()));
    assert!(text(&mut screen, 80, 24).contains("10.20.4.17: closed"));

    assert_eq!(type_keys(&mut screen, "x"), Some(Request::Close(target.clone())));
    assert!(screen.question("again".to_owned()));
    assert_eq!(type_keys(&mut screen, "\n"), Some(Request::Answer(false)), "only yes is yes");
    assert!(text(&mut screen, 80, 24).contains("nothing was closed"));

    assert_eq!(type_keys(&mut screen, "x"), Some(Request::Close(target)));
    assert_eq!(type_keys(&mut screen, "\x1b"), Some(Request::Answer(false)), "before the question is there");
    assert!(!screen.question("late".to_owned()));
}

fn closes(request: Option<Request>) -> String {
    match request {
        Some(Request::Close(Target { what: What::Session { user, .. }, .. })) => user,
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_that_come_at_once_work_on_what_the_one_before_has_left() {
    let mut screen = ready();
    let last = "/bob\nx".chars().fold(None, |_, key| press(&mut screen, key));
    assert_eq!(closes(last), r"LAB\bob");
    let mut screen = ready();
    let last = "o→s↓x".chars().fold(None, |_, key| press(&mut screen, key));
    assert_eq!(closes(last), "carol", "the first by user, below the server that does not answer");
}

#[test]
fn closed_is_the_row_that_is_seen() {
    let mut screen = waiting();
    let first = session(7, "first", "10.0.0.9", 1, 1, 1);
    screen.apply(answer(0, netsession::Level::L502, vec![first.clone()], 1));
    draw(&mut screen, 80, 24);
    // Not drawn yet: a session above it.
    let above = session(8, "above", "10.0.0.1", 1, 1, 1);
    screen.apply(answer(0, netsession::Level::L502, vec![first, above], 2));
    assert_eq!(closes(press(&mut screen, 'x')), "first");
}

#[test]
fn what_cannot_be_closed_says_why() {
    let mut screen = ready();
    for (keys, expected) in [
        ("/admin\nx", "your own session"),
        ("\x1b/paul\nx", "gone already"),
        ("\x1bu↓x", "Enter shows those of the group"),
        ("\x1b3x", "choose one in view 1 or 2"),
        ("4x", "choose one in view 1 or 2"),
    ] {
        assert_eq!(type_keys(&mut screen, keys), None, "{keys:?}");
        let shown = text(&mut screen, 80, 24);
        assert!(shown.lines().last().unwrap().contains(expected), "{keys:?}: {shown}");
    }
    let mut screen = ready().read_only();
    assert_eq!(type_keys(&mut screen, "/alice\nx"), None);
    assert!(!text(&mut screen, 140, 40).contains("x close"));
    type_keys(&mut screen, "?");
    assert!(!text(&mut screen, 80, 40).contains("end the session"));
}

#[test]
fn help_lists_every_key_on_any_screen() {
    let mut screen = ready();
    type_keys(&mut screen, "?");
    let mut seen = text(&mut screen, 40, 12);
    for _ in 0..60 {
        let event = Event::Key(KeyEvent::new(KeyCode::Down, KeyModifiers::NONE));
        screen.perform(action(&event, screen.mode(), true).unwrap());
        seen.push_str(&text(&mut screen, 40, 12));
    }
    for (key, _) in crate::commands::top::screen::keys::KEYS {
        assert!(seen.contains(key), "{key}");
    }
}

#[test]
fn help_goes_with_its_keys_and_q_quits_there_too() {
    let mut screen = ready();
    for leaves in ["?", "\x1b", "\n"] {
        assert_eq!(type_keys(&mut screen, "?"), None);
        assert!(text(&mut screen, 80, 24).contains("q, Ctrl-C        quit"));
        assert_eq!(type_keys(&mut screen, leaves), None);
        assert!(text(&mut screen, 80, 24).contains("CLIENT"), "{leaves:?} leaves the list of keys");
    }
    assert_eq!(type_keys(&mut screen, "?q"), Some(Request::Quit), "as the list says");
}

fn closing_failed() -> Screen {
    let mut screen = ready();
    assert!(matches!(type_keys(&mut screen, "/carol\nx"), Some(Request::Close(_))));
    assert!(screen.question("nas3: 1 session will be ended".to_owned()));
    assert_eq!(type_keys(&mut screen, "y"), Some(Request::Answer(true)));
    screen.closed(refused_closing());
    screen
}

/// Words in the order of the screen, without frames and ends of lines.
fn words(screen: &str) -> String {
    let words = screen.split_whitespace().filter(|word| !word.starts_with(['│', '┌', '└']));
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn closing_that_failed_says_why_and_what_to_do() {
    let mut screen = closing_failed();
    let shown = words(&text(&mut screen, 80, 24));
    for expected in [
        "session of carol from 10.20.4.40: not closed",
        "access_denied: nas3: ending a session: access denied",
        "net groupmap add rid=512 ntgroup=\"Domain Admins\" unixgroup=GROUP type=domain, then net cache flush.",
        "Server Operators.",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    // Any key closes it, and does nothing else.
    for key in "qxy1 \n\x1b↓".chars() {
        let mut screen = closing_failed();
        text(&mut screen, 80, 24);
        assert_eq!(press(&mut screen, key), None);
        let shown = text(&mut screen, 80, 24);
        assert!(!shown.contains("access_denied: nas3") && shown.contains("/carol"), "{key:?}: {shown}");
    }
}

#[test]
fn notice_is_read_to_its_end_on_a_low_screen() {
    let mut screen = closing_failed();
    let first = text(&mut screen, 40, 12);
    assert!(first.contains("not closed") && first.contains("Up, Down: more"), "{first}");
    for _ in 0..40 {
        press(&mut screen, '↓');
        text(&mut screen, 40, 12);
    }
    let last = text(&mut screen, 40, 12);
    assert!(last.contains("Server Operators."), "{last}");
    press(&mut screen, 'q');
    assert!(!text(&mut screen, 40, 12).contains("Server Operators."));
}

/// The server answers after Esc: keys are for something else by then.
#[test]
fn closing_that_was_left_takes_no_keys() {
    let mut screen = ready();
    type_keys(&mut screen, "/carol\nx\x1b");
    screen.closed(refused_closing());
    let shown = text(&mut screen, 80, 24);
    assert!(shown.lines().last().unwrap().contains("not closed"), "{shown}");
    assert_eq!(type_keys(&mut screen, "q"), Some(Request::Quit));
}

#[test]
fn what_is_left_alone_says_why_in_full() {
    let mut screen = ready();
    type_keys(&mut screen, "/carol\nx");
    let text_of_it = "file 17: left alone: the server lists no path with it, and the id alone does not say what \
                      would be closed";
    screen.closed(Ending::Problem { text: text_of_it.to_owned(), failure: None });
    let shown = words(&text(&mut screen, 40, 24));
    assert!(shown.contains("the id alone does not say what would be closed"), "{shown}");
}

#[test]
fn long_message_is_whole() {
    let mut screen = ready();
    let line = r"file 17: D:\projects\2026\quarterly figures\Board of Directors\October\report.xlsx of LAB\alice: closed";
    type_keys(&mut screen, "/carol\nx");
    screen.closed(Ending::AsWanted(line.to_owned()));
    let shown = text(&mut screen, 80, 24);
    assert!(shown.ends_with("LAB\\alice: closed"), "{shown}");
    let shown = text(&mut screen, 40, 12);
    assert!(shown.lines().last().unwrap().ends_with('…'), "{shown}");
}

#[test]
fn enter_on_a_server_that_fails_shows_the_whole_advice_over_its_sessions() {
    // From a row above the sessions, from the servers, and from the change of that moment.
    for keys in ["\n", "3↓↓\n", "4/access_denied\n\n"] {
        let mut screen = ready();
        type_keys(&mut screen, keys);
        let advice = super::fixture::failure(netsession::ErrorKind::AccessDenied, "fs9").advice.unwrap();
        let shown = words(&text(&mut screen, 80, 24));
        assert!(shown.contains(&advice), "{keys:?}: {shown}");
        type_keys(&mut screen, " ");
        let shown = text(&mut screen, 80, 24);
        assert!(shown.contains("Sessions on fs9") && !shown.contains("PAUSED"), "{keys:?}: {shown}");
    }
}

#[test]
fn refused_files_are_no_files() {
    let mut screen = refusing_files();
    draw(&mut screen, 80, 24);
    type_keys(&mut screen, "2");
    for (width, height) in [(80, 24), (40, 12)] {
        let shown = text(&mut screen, width, height);
        assert!(shown.contains("! fs2.lab.example  files refused: acce"), "{shown}");
    }
    // Those of one session of it.
    type_keys(&mut screen, "1/backup\n\n");
    let shown = text(&mut screen, 80, 24);
    assert!(shown.contains("Files of LAB\\svc-backup"), "{shown}");
    assert!(shown.contains("files refused: access_denied") && !shown.contains("No open files"), "{shown}");
    // Another server lists none of this user: what the other one refuses is not its answer.
    type_keys(&mut screen, "\x1b\x1b/paul\n\n");
    let shown = text(&mut screen, 80, 24);
    assert!(shown.contains("No open files.") && !shown.contains("refused"), "{shown}");
    type_keys(&mut screen, "3");
    assert!(text(&mut screen, 80, 24).contains("files refused"));
    type_keys(&mut screen, "↓\n");
    let shown = words(&text(&mut screen, 40, 24));
    assert!(shown.contains("refused to list its open files. access_denied:"), "{shown}");
}
