//! The store of `netsession record`: 1,000,000 intervals of 1,000 servers over a year, and beside it the same data with
//! the same indexes in SQLite, by the system's `sqlite3`.
//!
//! `cargo build --release -p netsession-cli && cargo bench -p netsession-benches --bench history`; with `-- --keep` both
//! stores are left for a profiler. It says of each bound whether it is met, and ends with an error where one is not.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where something fails"
)]

use std::fs::File as FsFile;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use netsession_history::{Outcome, Query, Recorder, Round, Session, Settings};

const SERVERS: u64 = 1000;
const EACH: u64 = 10;
const ROUNDS: u64 = 100;
const STEP: u64 = 365 * 86_400 / ROUNDS;
const START: u64 = 1_760_000_000;
const TRIES: usize = 11;

/// A question to the store, as a whole process.
const QUESTION: Duration = Duration::from_millis(50);
/// A round of 100,000 sessions of which 1,000 changed, with its commit.
const ROUND: Duration = Duration::from_secs(1);
const ROUND_CPU: Duration = Duration::from_millis(300);
/// An interval, after the maintenance of a day.
const BYTES: f64 = 120.0;
/// In sizes and times of SQLite.
const SQLITE_SIZE: f64 = 1.5;
const SQLITE_TIME: f64 = 2.0;

/// What is measured beside what it may be.
#[derive(Default)]
struct Bounds {
    broken: usize,
}

impl Bounds {
    fn check<T: PartialOrd + std::fmt::Debug>(&mut self, what: &str, measured: T, bound: T) {
        let is_met = measured <= bound;
        println!("  {}: {what}: {measured:.1?}, at most {bound:.1?}", if is_met { "met" } else { "BROKEN" });
        self.broken += usize::from(!is_met);
    }
}

fn main() -> ExitCode {
    // `cargo test --benches` asks every benchmark to do nothing.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let folder = std::env::temp_dir().join(format!("netsession-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut bounds = Bounds::default();
    measure(&folder, &mut bounds);
    if std::env::args().any(|argument| argument == "--keep") {
        println!("kept in {}", folder.display());
    } else {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    println!("{} bounds are broken", bounds.broken);
    if bounds.broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure(folder: &Path, bounds: &mut Bounds) {
    let (store, sqlite) = (folder.join("store"), folder.join("sqlite"));
    let mut settings = Settings::default();
    (settings.retain, settings.max_size, settings.interval) = (None, None, Duration::from_secs(STEP));
    let begun = Instant::now();
    let mut recorder = Recorder::open(&store, settings.clone()).unwrap();
    fill(&mut recorder);
    println!("recorded in {:.1?}: {}", begun.elapsed(), sizes(&store));
    // As once a day.
    let begun = Instant::now();
    recorder.maintain(|_, _| false).unwrap();
    println!("daily maintenance in {:.1?}: {}", begun.elapsed(), sizes(&store));
    let ours = size_on_disk(&store);
    bounds.check("bytes an interval after the maintenance", bytes_each(ours), BYTES);
    let copy = folder.join("copy");
    std::fs::copy(&store, &copy).unwrap();
    drop(recorder);
    day_of_rounds(&copy, settings.clone());
    std::fs::remove_file(&copy).unwrap();
    println!("store: {}", sizes(&store));
    fill_sqlite(&store, &sqlite, folder);
    let theirs = size(&sqlite);
    println!("SQLite {theirs} bytes, {:.1} an interval", bytes_each(theirs));
    bounds.check("sizes of SQLite after the maintenance", bytes_each(ours) / bytes_each(theirs), SQLITE_SIZE);

    let middle = START + 180 * 86_400;
    let program = program();
    let moment = format!("@{middle}");
    let at = rfc3339(middle);
    for (what, options, sql) in [
        ("--at", vec!["--at", &at], format!("SELECT * FROM full WHERE since<={middle} AND until>{middle}")),
        ("--user", vec!["--user", "user42"], "SELECT * FROM full WHERE user='CORP\\user42'".to_owned()),
        ("--client", vec!["--client", "10.0.1.7"], "SELECT * FROM full WHERE client='10.0.1.7'".to_owned()),
    ] {
        let [(time, rows), (theirs, their_rows)] = medians([
            &|| {
                let mut command = Command::new(&program);
                command.args(["history", "-f", "csv", "--store"]).arg(&store).args(&options);
                command
            },
            &|| {
                let mut command = Command::new("sqlite3");
                command.args(["-csv", "-header"]).arg(&sqlite).arg(&sql);
                command
            },
        ]);
        println!(
            "{what}: {time:.1?} for {rows} lines; sqlite3 {theirs:.1?} for {their_rows} lines ({moment})"
        );
        bounds.check(what, time, QUESTION);
        bounds.check(&format!("{what}, in times of sqlite3"), time.div_duration_f64(theirs), SQLITE_TIME);
    }
    big_round(folder, settings, bounds);
}

/// Ten sessions a server and round, which are gone a minute later.
fn fill(recorder: &mut Recorder) {
    let mut random = fastrand::Rng::with_seed(1);
    for round in 0..ROUNDS {
        for server in 0..SERVERS {
            let time = START + round * STEP + server * STEP / SERVERS;
            let sessions = (0..EACH).map(|_| session(&mut random)).collect();
            let name = format!("fs{server}.corp.example.com");
            recorder.add(answer(&name, time, sessions));
            recorder.add(answer(&name, time + 60, Vec::new()));
        }
        recorder.commit().unwrap();
    }
}

/// What the file becomes after the maintenance, by rounds of 1,000 changes.
fn day_of_rounds(store: &Path, settings: Settings) {
    let mut random = fastrand::Rng::with_seed(2);
    let mut recorder = Recorder::open(store, settings).unwrap();
    recorder.maintain(|_, _| false).unwrap();
    for round in 1..=30 {
        let time = START + ROUNDS * STEP + round * 60;
        for server in 0..SERVERS / 10 {
            let sessions = (0..EACH).map(|_| session(&mut random)).collect();
            let name = format!("fs{server}.corp.example.com");
            recorder.add(answer(&name, time, sessions));
        }
        recorder.commit().unwrap();
        recorder.maintain(|_, _| false).unwrap();
        if [1, 2, 10, 30].contains(&round) {
            println!("after {round} rounds of 1,000 changes: {}", sizes(store));
        }
    }
}

fn session(random: &mut fastrand::Rng) -> Session {
    let mut session = Session::new(format!("10.0.{}.{}", random.u8(0..40), random.u8(..)));
    session.user = Some(format!("CORP\\user{}", random.u32(0..5000)).into());
    session.connected = Some(Duration::from_secs(random.u64(0..28_800)));
    session.idle = Some(Duration::from_secs(random.u64(0..900)));
    session.opens = Some(random.u32(0..40));
    session.flags = Some(0);
    session.client_type = Some("".into());
    session.transport = Some(r"\Device\NetbiosSmb".into());
    session.level = 502;
    session
}

fn answer(server: &str, time: u64, sessions: Vec<Session>) -> Round {
    Round::new(server, UNIX_EPOCH + Duration::from_secs(time), Outcome::answered(sessions, None))
}

/// The same intervals, names in tables of their own, indexed by time, user and client.
fn fill_sqlite(store: &Path, sqlite: &Path, folder: &Path) {
    let rows = folder.join("rows.sql");
    let mut out = BufWriter::new(FsFile::create(&rows).unwrap());
    let mut names = [("server", Vec::new()), ("user", Vec::new()), ("client", Vec::new())]
        .map(|(table, _): (_, Vec<String>)| (table, std::collections::HashMap::<String, usize>::new()));
    writeln!(
        out,
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;
         CREATE TABLE server(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE user(id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE client(id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE span(since INTEGER, until INTEGER, server INTEGER, user INTEGER, client INTEGER, opens INTEGER,
           idle INTEGER, flags INTEGER, level INTEGER, exact INTEGER);
         CREATE VIEW \"full\" AS SELECT server.name AS server, level, client.name AS client, user.name AS user, opens, idle,
           flags, since, until, exact FROM span JOIN server ON server.id=span.server JOIN user ON user.id=span.user
           JOIN client ON client.id=span.client;"
    )
    .unwrap();
    let mut history = netsession_history::History::open(store).unwrap();
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    history
        .visit_sessions(&Query::default(), |interval| {
            let texts =
                [interval.server.into(), interval.item.user.unwrap_or_default(), interval.item.client]
                    .map(|text: std::sync::Arc<str>| text.to_string());
            let mut ids = Vec::new();
            for ((table, known), text) in names.iter_mut().zip(texts) {
                let next = known.len();
                let id = *known.entry(text.clone()).or_insert(next);
                if id == next {
                    writeln!(out, "INSERT INTO {table} VALUES({id},'{text}');").unwrap();
                }
                ids.push(id.to_string());
            }
            let (since, until) = (seconds(interval.from), interval.until.map_or(0, seconds));
            let (opens, idle) =
                (interval.item.opens.unwrap_or(0), interval.item.idle.unwrap_or_default().as_secs());
            writeln!(
                out,
                "INSERT INTO span VALUES({since},{until},{},{opens},{idle},0,502,3);",
                ids.join(",")
            )
            .unwrap();
        })
        .unwrap();
    writeln!(
        out,
        "CREATE INDEX by_time ON span(since,until); CREATE INDEX by_user ON span(user,since);
         CREATE INDEX by_client ON span(client,since); CREATE INDEX user_name ON user(name);
         CREATE INDEX client_name ON client(name); COMMIT; ANALYZE;"
    )
    .unwrap();
    drop(out);
    let input = FsFile::open(rows).unwrap();
    let status = Command::new("sqlite3").arg(sqlite).stdin(input).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
}

/// A round of 100,000 sessions of which 1,000 changed.
fn big_round(folder: &Path, settings: Settings, bounds: &mut Bounds) {
    let store = folder.join("round");
    let mut recorder = Recorder::open(&store, settings).unwrap();
    let rounds = |first: u64, age: u64| {
        (0..SERVERS).map(move |server| {
            let sessions = (0..100).map(|number| {
                let mut session = Session::new(format!("10.0.{}.{number}", server % 250));
                let person = if number == 0 { first } else { number };
                session.user = Some(format!("CORP\\user{server}-{person}").into());
                session.connected = Some(Duration::from_secs(if number == 0 { 10 } else { 3600 + age }));
                session
            });
            answer(&format!("fs{server}.corp.example.com"), START + age, sessions.collect())
        })
    };
    rounds(1000, 0).for_each(|round| recorder.add(round));
    recorder.commit().unwrap();
    recorder.maintain(|_, _| false).unwrap();
    let memory = resident();
    for number in 1..4 {
        let listings: Vec<_> = rounds(1000 + number, number * 30).collect();
        let (begun, cpu) = (Instant::now(), cpu_time());
        listings.into_iter().for_each(|round| recorder.add(round));
        recorder.commit().unwrap();
        recorder.maintain(|_, _| false).unwrap();
        let (wall, cpu) = (begun.elapsed(), cpu_time() - cpu);
        bounds.check("round of 100,000 sessions of which 1,000 changed", wall, ROUND);
        bounds.check("its CPU time", cpu, ROUND_CPU);
    }
    println!("memory with 100,000 sessions: {} MiB before, {} MiB at most", memory >> 20, peak() >> 20);
}

/// The median time of each command, and the lines that it printed. One after the other in turn, so that a machine that is
/// busy for a while is so for both.
fn medians<const N: usize>(commands: [&dyn Fn() -> Command; N]) -> [(Duration, usize); N] {
    let mut runs = commands.map(|_| (Vec::new(), 0));
    for _ in 0..TRIES {
        for (command, (times, lines)) in commands.iter().zip(&mut runs) {
            let begun = Instant::now();
            let output = command().stderr(Stdio::null()).output().unwrap();
            assert!(output.status.success());
            *lines = output.stdout.iter().filter(|byte| **byte == b'\n').count();
            times.push(begun.elapsed());
        }
    }
    runs.map(|(mut times, lines)| {
        times.sort();
        (times.get(TRIES / 2).copied().unwrap_or_default(), lines)
    })
}

/// The program, built for release.
fn program() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let release = this.parent().and_then(Path::parent).unwrap();
    release.join("netsession")
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}

/// The length of the file, and what it takes on the disk: a part of it may never have been written.
fn sizes(path: &Path) -> String {
    let blocks = size_on_disk(path);
    let (length, each) = (size(path), bytes_each(size(path)));
    format!("{length} bytes ({each:.1} an interval), {blocks} on the disk ({:.1})", bytes_each(blocks))
}

fn size_on_disk(path: &Path) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(&std::fs::metadata(path).unwrap()) * 512
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "one digit is shown")]
fn bytes_each(bytes: u64) -> f64 {
    bytes as f64 / (SERVERS * EACH * ROUNDS) as f64
}

fn rfc3339(seconds: u64) -> String {
    let output =
        Command::new("date").args(["-u", "-d", &format!("@{seconds}"), "+%Y-%m-%dT%H:%M:%SZ"]).output();
    String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
}

/// User and system time of this process, in ticks of 10 ms.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.iter().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 10)
}

fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap_or(0) << 10
}

fn resident() -> u64 {
    status("VmRSS:")
}

fn peak() -> u64 {
    status("VmHWM:")
}
