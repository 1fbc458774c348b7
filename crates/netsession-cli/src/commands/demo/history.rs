//! `netsession demo --history`: a made-up month in a store, and what to ask it.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Parser;
use jiff::civil::Weekday;
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};
use netsession_history::{Outcome, Recorder, Round, Session, Settings};

use crate::commands::history::{self, HistoryArgs};
use crate::output::Sink;
use crate::process::{Exit, Terminal};
use crate::text::moment;

const INTERVAL: Duration = Duration::from_secs(600);
const DAYS: i32 = 30;

/// Name, computer, server, first minute of the day, hours of work.
const PEOPLE: [(&str, &str, &str, i64, i64); 7] = [
    (r"LAB\alice", "10.0.0.11", "fs1", 485, 9),
    (r"LAB\bob", "10.0.0.12", "fs1", 465, 8),
    (r"LAB\carol", "10.0.0.13", "fs1", 560, 8),
    (r"LAB\dave", "10.0.0.14", "fs2", 510, 8),
    (r"LAB\erin", "10.0.0.15", "fs2", 360, 10),
    (r"LAB\frank", "10.0.0.16", "fs2", 540, 7),
    (r"LAB\backup", "10.0.0.2", "fs1", 60, 1),
];

const QUESTIONS: [(&str, &[&str]); 4] = [
    ("Who was connected at three o'clock last Tuesday?", &["--at", "tuesday 03:00"]),
    ("When else was that user connected?", &["--user", "dave", "--since", "9d ago"]),
    ("Who used the computer of that night?", &["--client", "10.0.0.66"]),
    ("How many people work when?", &["stats", "--since", "9d ago"]),
];

/// `netsession history`, as it is typed.
#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    args: HistoryArgs,
}

pub(super) fn run(out: &mut Sink<'_>, err: &mut dyn Write, terminal: Terminal) -> Result<Exit> {
    let folder = std::env::temp_dir().join(format!("netsession-demo-{}", std::process::id()));
    #[cfg_attr(not(unix), expect(unused_mut, reason = "other systems have no mode"))]
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let shown = show(&folder.join("history"), out, err, terminal);
    drop(std::fs::remove_dir_all(&folder));
    shown
}

fn show(store: &Path, out: &mut Sink<'_>, err: &mut dyn Write, terminal: Terminal) -> Result<Exit> {
    record(store, &ZonedDateTime::now())?;
    write(out, "A month of two file servers was made up and recorded. Four questions:\n")?;
    for (question, words) in QUESTIONS {
        let typed: Vec<_> = words
            .iter()
            .map(|word| if word.contains(' ') { format!("'{word}'") } else { (*word).into() })
            .collect();
        write(out, &format!("\n{question}\n$ netsession history {}\n\n", typed.join(" ")))?;
        let (command, options) =
            if words.first() == Some(&"stats") { words.split_at(1) } else { words.split_at(0) };
        let words = ["history"].into_iter().chain(command.iter().copied());
        let words = words.map(std::ffi::OsString::from).chain(["--store".into(), store.into()]);
        let line = Line::try_parse_from(words.chain(options.iter().map(Into::into)))?;
        let exit = history::run(line.args, out, err, terminal);
        if exit != Exit::Success {
            return Ok(exit);
        }
    }
    write(
        out,
        "\nRecord your own servers:  netsession record fs1 fs2\nAsk, also meanwhile:      netsession history --at 'yesterday 15:00'\n",
    )?;
    Ok(Exit::Success)
}

fn write(out: &mut Sink<'_>, text: &str) -> Result<()> {
    out.write(text.as_bytes()).context("cannot write the output")
}

/// A month up to now, as a recorder would have seen it.
fn record(store: &Path, now: &ZonedDateTime) -> Result<()> {
    let sessions = sessions(now)?;
    let first = now.checked_sub(DAYS.days())?.timestamp().as_second();
    let (from, until) = outage(now)?;
    let mut settings = Settings::default();
    settings.interval = INTERVAL;
    let mut recorder = Recorder::open(store, settings)?;
    let step = i64::try_from(INTERVAL.as_secs())?;
    let mut time = first;
    while time < now.timestamp().as_second() {
        for server in ["fs1", "fs2"] {
            let outcome = if server == "fs2" && (from..until).contains(&time) {
                Outcome::Failed("connect: no route to host".into())
            } else {
                Outcome::answered(listed(&sessions, server, time), None)
            };
            let time = moment::system_time(Timestamp::from_second(time)?);
            recorder.add(Round::new(server, time, outcome));
        }
        time = time.saturating_add(step);
    }
    // A recorder does so after each round; this one has a month in one.
    Ok(recorder.commit()?)
}

/// A session: who, from where, on which server, from when until when.
type MadeUp = (&'static str, &'static str, &'static str, i64, i64);

fn sessions(now: &ZonedDateTime) -> Result<Vec<MadeUp>> {
    let mut sessions = Vec::new();
    for back in 0..=DAYS {
        let day = now.checked_sub(back.days())?.start_of_day()?;
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        for (person, (user, client, server, minute, hours)) in (0_i64..).zip(PEOPLE) {
            if is_weekend && user != r"LAB\backup" {
                continue;
            }
            // Not every day to the minute.
            let late = i64::from(back).wrapping_mul(7).wrapping_add(person.wrapping_mul(13)) % 40;
            let from = day.checked_add(minute.saturating_add(late).minutes())?.timestamp().as_second();
            let until = from.saturating_add(hours.saturating_mul(3600));
            sessions.push((user, client, server, from, until));
        }
    }
    let (_, after) = outage(now)?;
    sessions.push((r"LAB\dave", "10.0.0.66", "fs1", after.saturating_add(240), after.saturating_add(2640)));
    Ok(sessions)
}

/// From 02:10 to 02:40 of the last Tuesday with a 3 o'clock.
fn outage(now: &ZonedDateTime) -> Result<(i64, i64)> {
    let time = moment::parse("tuesday 03:00", &now.clone().into()).map_err(anyhow::Error::msg)?.as_second();
    Ok((time.saturating_sub(50 * 60), time.saturating_sub(20 * 60)))
}

fn listed(sessions: &[MadeUp], server: &str, time: i64) -> Vec<Session> {
    let there =
        sessions.iter().filter(|(_, _, on, from, until)| *on == server && (*from..*until).contains(&time));
    let session = |(user, client, _, from, _): &MadeUp| {
        let mut session = Session::new(*client);
        session.user = Some((*user).into());
        session.connected = u64::try_from(time.saturating_sub(*from)).ok().map(Duration::from_secs);
        session.idle = Some(Duration::from_secs(60));
        session.opens = Some(2);
        session.flags = Some(0);
        session.client_type = Some("".into());
        session.transport = Some("".into());
        session.level = 502;
        session
    };
    there.map(session).collect()
}
