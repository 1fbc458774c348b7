//! Four servers: two Windows ones, a Samba that tells no idle times, and one that refuses.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netsession::{Error, ErrorKind, FileAccess, Level, OpenFile, Session};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

use crate::commands::top::screen::action::Action;
use crate::commands::top::screen::{
    Ending, Event, Failure, FileItem, Palette, Request, Screen, SessionItem, Update,
};

/// A moment of the test, in seconds.
pub(super) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

/// When the servers have answered last.
pub(super) const NOON: u64 = 600;

/// A session of this user from this client: number of open files, minutes connected, seconds idle.
pub(super) fn session(id: u64, user: &str, client: &str, opens: u32, minutes: u64, idle: u64) -> SessionItem {
    let (connected, idle) = (Duration::from_secs(minutes * 60), Duration::from_secs(idle));
    let session = Session::builder(client).user(user).opens(opens).connected(connected).idle(idle).build();
    SessionItem { id, session: Arc::new(session), start: at(NOON).checked_sub(connected), is_own: false }
}

pub(super) fn own(id: u64, user: &str, client: &str) -> SessionItem {
    SessionItem { is_own: true, ..session(id, user, client, 1, 0, 0) }
}

pub(super) fn file(id: u32, user: &str, client: &str, path: &str) -> FileItem {
    let builder = OpenFile::builder(id).user(user).client(client).path(path).locks(id % 3);
    let unc = path.replace(r"D:\", r"\\fs1\");
    let builder = builder.share("projects").unc(&unc).access(FileAccess::from_bits(1 + id % 2 * 2));
    FileItem { id: id.into(), file: Arc::new(builder.build()) }
}

pub(super) fn failure(kind: ErrorKind, server: &str) -> Failure {
    Failure::from(&Error::for_testing(kind, server))
}

pub(super) fn answer(index: usize, level: Level, sessions: Vec<SessionItem>, seconds: u64) -> Update {
    Update {
        index,
        time: at(seconds),
        took: Duration::from_millis(7),
        level: Some(level),
        failure: None,
        is_last: false,
        sessions,
        files: None,
        files_failure: None,
        events: Vec::new(),
    }
}

fn people() -> [Vec<SessionItem>; 3] {
    [
        vec![
            session(1, r"LAB\alice", "10.20.4.17", 12, 185, 3),
            session(2, r"LAB\m.keller", "10.20.4.23", 3, 62, 1260),
            session(3, r"LAB\bob", "10.20.9.5", 1, 2, 0),
            own(4, r"LAB\admin", "10.20.1.2"),
            session(5, "LAB\\e\u{202e}vil\u{1b}[2J", "2001:db8:20:4::1f3a", 0, 4000, 86_400),
        ],
        vec![
            session(1, r"LAB\alice", "10.20.4.17", 2, 180, 40),
            session(2, r"LAB\svc-backup", "10.20.1.9", 240, 7200, 0),
            session(3, r"LAB\Größenwahn.Maximilian", "ws-buchhaltung-0815.lab.example.com", 7, 410, 700),
        ],
        vec![session(1, "carol", "10.20.4.40", 5, 33, 0), session(2, "田中", "10.20.4.41", 1, 8, 0)],
    ]
}

fn files() -> Vec<FileItem> {
    vec![
        file(16, r"LAB\alice", "10.20.4.17", r"D:\projects\alpha\report.xlsx"),
        file(
            17,
            r"LAB\alice",
            "10.20.4.17",
            r"D:\projects\2026\quarterly figures\Board of Directors\October\report.xlsx",
        ),
        file(21, r"LAB\bob", "10.20.9.5", r"D:\projects\alpha\"),
        file(29, r"LAB\m.keller", "10.20.4.23", r"D:\営業部\資料\二〇二六年度\見積書の一覧.xlsx"),
        file(31, "LAB\\x", "10.20.4.99", "D:\\projects\\alpha\\\u{202e}fdp.exe"),
    ]
}

/// Before the first answer.
pub(super) fn waiting() -> Screen {
    let servers = ["fs1", "fs2.lab.example", "nas3", "fs9"].map(str::to_owned);
    Screen::new(servers, Duration::from_secs(5), at(0)).palette(Palette::new(true))
}

/// All four have answered, somebody has come, and somebody has gone.
pub(super) fn busy() -> Screen {
    let mut screen = waiting();
    let [mut fs1, fs2, nas3] = people();
    let bob = fs1.remove(2);
    let gone = session(9, r"LAB\paul", "10.20.4.77", 1, 44, 300);
    fs1.push(gone.clone());
    let with_files = |update: Update, events| Update { files: Some(files()), events, ..update };
    for (second, changes) in (0..590).step_by(10).zip([1, 0, 2, 4, 1, 0, 0, 3, 7, 2, 5].into_iter().cycle()) {
        let event = |number| if number % 2 == 0 { Event::Connected } else { Event::Disconnected };
        let events = (0..changes).map(|number| event(number)(bob.clone())).collect();
        screen.apply(with_files(answer(0, Level::L502, fs1.clone(), second), events));
    }
    screen.apply(answer(1, Level::L502, fs2, 590));
    screen.apply(answer(2, Level::L1, nas3, 595));
    let failure = failure(ErrorKind::AccessDenied, "fs9");
    let events = vec![Event::Unreachable(failure.clone())];
    let nothing = answer(3, Level::L502, Vec::new(), 596);
    screen.apply(Update { failure: Some(failure), events, level: None, ..nothing });
    fs1.pop();
    fs1.insert(2, bob.clone());
    let events = vec![Event::Connected(bob), Event::Disconnected(gone), Event::Opened(files().remove(2))];
    screen.apply(with_files(answer(0, Level::L502, fs1, NOON), events));
    // The visits of bob before are long over.
    screen.tick(at(NOON + 1));
    screen
}

/// One of the four lists no files.
pub(super) fn refusing_files() -> Screen {
    let mut screen = busy();
    let [_, fs2, _] = people();
    let failure = Failure {
        text: "fs2.lab.example: enumeration of open files: access denied (ERROR_ACCESS_DENIED 5)".to_owned(),
        ..failure(ErrorKind::AccessDenied, "fs2.lab.example")
    };
    screen.apply(Update { files_failure: Some(failure), ..answer(1, Level::L502, fs2, NOON) });
    screen
}

/// What a Samba says to an administrator who is in no group of Domain Admins.
pub(super) fn refused_closing() -> Ending {
    let failure = Failure {
        kind: ErrorKind::AccessDenied,
        text: "nas3: ending a session: access denied (ERROR_ACCESS_DENIED 5)".to_owned(),
        advice: Some(
            "The right to list sessions is not enough to end them. On Samba only root and the members of Domain Admins \
             may: on a standalone server map a group, net groupmap add rid=512 ntgroup=\"Domain Admins\" \
             unixgroup=GROUP type=domain, then net cache flush. On Windows the account must be in Administrators or \
             Server Operators."
                .to_owned(),
        ),
    };
    Ending::Problem {
        text: "session of carol from 10.20.4.40: not closed".to_owned(),
        failure: Some(failure),
    }
}

pub(super) fn perform(screen: &mut Screen, actions: &[Action]) -> Option<Request> {
    let mut request = None;
    for action in actions {
        request = screen.perform(*action);
        draw(screen, 80, 24);
    }
    request
}

pub(super) fn draw(screen: &mut Screen, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| screen.render(frame.area(), frame.buffer_mut())).unwrap();
    terminal.backend().buffer().clone()
}

/// The lines of the screen.
pub(super) fn lines(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    (area.top()..area.bottom())
        .map(|y| {
            let mut line = String::new();
            let mut skip = 0;
            for x in area.left()..area.right() {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                skip = crate::text::fit::width(symbol).saturating_sub(1);
            }
            line.trim_end().to_owned()
        })
        .collect()
}

pub(super) fn text(screen: &mut Screen, width: u16, height: u16) -> String {
    lines(&draw(screen, width, height)).join("\n")
}
