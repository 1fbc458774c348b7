//! How long `netsession top` takes from a key to the frame that it asks for, while half of its servers stall.
//!
//! `cargo build --release -p netsession-cli && cargo bench -p netsession-benches --bench top_keys`
//!
//! The whole program on a terminal: the loop of `top` waits for keys, answers and time at once, and no part of it says how
//! long a key waits. Measured is from the byte that a keyboard sends until the terminal has the frame.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where something fails"
)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, ExitCode};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};
use netsession_testserver::{Server, ServerHandle};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use unicode_width::UnicodeWidthChar as _;

const SERVERS: u32 = 100;
const SESSIONS: usize = 100;
const KEYS: usize = 400;
const SIZE: (u16, u16) = (140, 40);
const BOUND: Duration = Duration::from_millis(50);
/// Far more than anything takes.
const LIMIT: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    // `cargo test --benches` asks every benchmark to do nothing.
    if std::env::args().any(|argument| argument == "--bench") { measure() } else { ExitCode::SUCCESS }
}

/// What the terminal shows, as far as it takes to find a word: cells, moves of the cursor, and clearing.
struct Shown {
    cells: Vec<Vec<char>>,
    cursor: (usize, usize),
    /// An escape sequence that has begun.
    escape: Option<String>,
    /// Whether some server had not answered.
    has_stalled: bool,
    is_over: bool,
}

impl Shown {
    fn new() -> Self {
        let blank = vec![vec![' '; usize::from(SIZE.0)]; usize::from(SIZE.1)];
        Self { cells: blank, cursor: (0, 0), escape: None, has_stalled: false, is_over: false }
    }

    fn take(&mut self, text: &str) {
        for c in text.chars() {
            match self.escape.take() {
                Some(begun) => self.go_on(begun, c),
                None if c == '\u{1b}' => self.escape = Some(String::new()),
                None => self.put(c),
            }
        }
        self.has_stalled |= self.has(&format!(" of {SERVERS} servers"));
    }

    fn go_on(&mut self, mut begun: String, c: char) {
        let is_end = begun.starts_with('[') && ('@'..='~').contains(&c);
        begun.push(c);
        if !is_end && (begun == "[" || begun.starts_with('[')) {
            self.escape = Some(begun);
        } else if let Some(place) = begun.strip_prefix('[').and_then(|rest| rest.strip_suffix('H')) {
            let mut numbers = place.split(';').map(|number| number.parse().unwrap_or(1));
            let (line, column): (usize, usize) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
            self.cursor = (column - 1, line - 1);
        } else if begun == "[2J" {
            self.cells.iter_mut().flatten().for_each(|cell| *cell = ' ');
        }
    }

    fn put(&mut self, c: char) {
        let (column, line) = self.cursor;
        if let Some(cell) = self.cells.get_mut(line).and_then(|cells| cells.get_mut(column)) {
            *cell = c;
        }
        self.cursor.0 += c.width().unwrap_or_default();
    }

    fn has(&self, word: &str) -> bool {
        self.cells.iter().any(|line| line.iter().collect::<String>().contains(word))
    }
}

/// The program, and the other end of its terminal.
struct Terminal {
    child: Child,
    keyboard: File,
    shown: Arc<(Mutex<Shown>, Condvar)>,
}

impl Terminal {
    fn start(servers: &[SocketAddr]) -> Self {
        let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&user).unwrap();
        unlockpt(&user).unwrap();
        let name = ptsname(&user, Vec::new()).unwrap();
        let terminal = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let (ws_col, ws_row) = SIZE;
        tcsetwinsize(&terminal, Winsize { ws_col, ws_row, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let this = std::env::current_exe().unwrap();
        let release = this.parent().and_then(Path::parent).unwrap();
        let mut command = Command::new(release.join("netsession"));
        command.args(["top", "--interval", "1s", "--timeout", "3s"]);
        command.args(servers.iter().map(ToString::to_string));
        for (name, value) in [
            ("NETSESSION_LOGIN", "admin"),
            ("NETSESSION_PASSWORD", "Passw0rd!"),
            ("XDG_CONFIG_HOME", "/nonexistent"),
            ("KRB5CCNAME", "/nonexistent"),
            ("TERM", "xterm"),
        ] {
            command.env(name, value);
        }
        let end = || terminal.try_clone().unwrap();
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        let user = File::from(user);
        let keyboard = user.try_clone().unwrap();
        let shown = Arc::new((Mutex::new(Shown::new()), Condvar::new()));
        let reads = Arc::clone(&shown);
        spawn(move || read(user, &reads));
        Self { child, keyboard, shown }
    }

    /// Until the screen is so.
    fn wait(&self, what: &str, is_so: impl Fn(&Shown) -> bool) {
        let (shown, changed) = &*self.shown;
        let (shown, waited) = changed
            .wait_timeout_while(shown.lock().unwrap(), LIMIT, |shown| !is_so(shown) && !shown.is_over)
            .unwrap();
        assert!(!waited.timed_out() && !shown.is_over, "it never came to: {what}");
    }

    /// From a key to the frame that has, or has no more, this word.
    fn press(&mut self, key: u8, word: &str, is_there: bool) -> Duration {
        let begun = Instant::now();
        self.keyboard.write_all(&[key]).unwrap();
        self.wait(word, |shown| shown.has(word) == is_there);
        begun.elapsed()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the program writes, as it comes.
fn read(mut terminal: File, shown: &(Mutex<Shown>, Condvar)) {
    let (mut bytes, mut begun) = (vec![0; 64 << 10], Vec::new());
    loop {
        let read = terminal.read(&mut bytes).unwrap_or_default();
        begun.extend_from_slice(bytes.get(..read).unwrap());
        // A character may be cut in two.
        let whole = begun.utf8_chunks().next().map_or(0, |chunk| chunk.valid().len());
        let rest = begun.split_off(whole);
        let text = String::from_utf8(std::mem::replace(&mut begun, rest)).unwrap();
        let mut state = shown.0.lock().unwrap();
        state.take(&text);
        state.is_over = read == 0;
        shown.1.notify_all();
        if read == 0 {
            return;
        }
    }
}

/// Doubles on 127.1.GROUP.x: each answers once a connection, then stalls, or always answers.
fn doubles(group: u8, stalls: bool) -> (Vec<SocketAddr>, ServerHandle) {
    let mut scenario = shipped("windows").unwrap();
    if stalls {
        scenario = scenario.with_fault(Fault::new(Step::Enumerate, FaultKind::Stall).after(1));
    }
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let first = Ipv4Addr::new(127, 1, group, 1).to_bits();
    let addresses = (0..SERVERS / 2).map(|number| (Ipv4Addr::from_bits(first + number), port).into());
    let (addresses, handle) = Server::start_on(scenario, &addresses.collect::<Vec<_>>()).unwrap();
    let template = handle.host().sessions().snapshot().first().cloned().unwrap();
    let sessions = (0..SESSIONS).map(|number| {
        let mut session = template.clone();
        session.client = format!(r"\\10.1.{group}.{number}");
        session
    });
    handle.host().sessions().replace(sessions.collect());
    (addresses, handle)
}

fn measure() -> ExitCode {
    let ((mut addresses, _stalling), (others, _answering)) = (doubles(1, true), doubles(2, false));
    addresses.extend(others);
    let mut terminal = Terminal::start(&addresses);
    terminal.wait("every server has answered", |shown| shown.has("10100 sessions"));
    terminal.wait("half of them stall", |shown| shown.has_stalled);
    let mut times = Vec::new();
    let keys = [
        (b'?', "Keys of netsession top", true),
        (b'?', "Keys of netsession top", false),
        (b'3', "STATE", true),
        (b'1', "STATE", false),
    ];
    for (key, word, is_there) in keys.into_iter().cycle().take(KEYS) {
        times.push(terminal.press(key, word, is_there));
        // At any moment between two answers.
        sleep(Duration::from_millis(fastrand::u64(20..120)));
    }
    times.sort_unstable();
    let share =
        |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1)).copied().unwrap();
    let (median, most, longest) = (share(50), share(99), share(100));
    let is_held = most <= BOUND;
    println!(
        "from a key to its frame, {} of {SERVERS} servers stall: median {median:.1?}, 99 % {most:.1?}, longest \
         {longest:.1?}; bound {BOUND:?} for 99 %: {}",
        SERVERS / 2,
        if is_held { "held" } else { "NOT HELD" }
    );
    if is_held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
