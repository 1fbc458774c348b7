//! `netsession history stats`: sums, and a bar for each day.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Write;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use netsession_history::{Interval, Session};
use serde::Serialize;

use super::gaps;
use super::store::StoreArgs;
use super::window::{Window, WindowArgs};
use crate::output::Sink;
use crate::process::{Exit, Terminal};

const BAR: usize = 30;
const HEADER: &str = "DAY         SESSIONS  USERS   PEAK";

/// Show how many sessions and users there were, by day
///
/// Days are those of the local time zone. A session counts on each day on which it was there. The peak is the most
/// sessions that were there at the same time.
#[derive(Debug, Args)]
pub(super) struct StatsArgs {
    #[command(flatten)]
    store: StoreArgs,

    #[command(flatten)]
    window: WindowArgs,

    /// Output format
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    format: StatsFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum StatsFormat {
    /// For people
    #[default]
    Table,
    /// One object
    Json,
}

pub(super) fn run(
    args: &StatsArgs,
    out: &mut Sink<'_>,
    err: &mut dyn Write,
    terminal: Terminal,
) -> Result<Exit> {
    let mut history = args.store.open()?;
    let window = args.window.window(None, &history)?;
    let mut counter = Counter::new(&window);
    history.visit_sessions(&window.query(), |interval| counter.add(&interval))?;
    let stats = counter.finish();
    let bytes = match args.format {
        StatsFormat::Table => stats.table(terminal.width.map(usize::from)).into_bytes(),
        StatsFormat::Json => {
            let mut bytes = serde_json::to_vec(&stats)?;
            bytes.push(b'\n');
            bytes
        }
    };
    out.write(&bytes).context("cannot write the output")?;
    gaps::tell(&history, &window, false, err)?;
    Ok(Exit::Success)
}

#[derive(Debug, Serialize)]
pub(super) struct Stats {
    sessions: usize,
    users: usize,
    clients: usize,
    peak: usize,
    peak_time: Option<String>,
    #[serde(skip)]
    peak_local: Option<String>,
    days: Vec<Day>,
}

#[derive(Debug, Serialize)]
struct Day {
    day: String,
    sessions: usize,
    users: usize,
    peak: usize,
}

/// Counts intervals, in any order.
struct Counter<'w> {
    window: &'w Window,
    hasher: RandomState,
    users: HashSet<u64>,
    clients: HashSet<u64>,
    sessions: usize,
    days: BTreeMap<Date, (usize, HashSet<u64>)>,
    /// Beginnings count up, ends count down.
    steps: Vec<(i64, i8)>,
}

impl<'w> Counter<'w> {
    fn new(window: &'w Window) -> Self {
        Self {
            window,
            hasher: RandomState::new(),
            users: HashSet::new(),
            clients: HashSet::new(),
            sessions: 0,
            days: BTreeMap::new(),
            steps: Vec::new(),
        }
    }

    fn add(&mut self, interval: &Interval<Session>) {
        let now = self.window.now();
        let until = interval.until.map_or(now, |until| Timestamp::try_from(until).unwrap_or(now));
        let from = Timestamp::try_from(interval.from).unwrap_or(now);
        // Only the part within the window.
        let from = self.window.since.map_or(from, |since| from.max(since));
        let until = self.window.until.map_or(until, |limit| until.min(limit)).max(from);
        self.sessions = self.sessions.saturating_add(1);
        let user = interval.item.user.as_ref().filter(|user| !user.is_empty());
        let user = user.map(|user| self.hasher.hash_one(user.to_lowercase()));
        self.users.extend(user);
        let client = Some(&interval.item.client).filter(|client| !client.is_empty());
        self.clients.extend(client.map(|client| self.hasher.hash_one(client)));
        self.steps.push((from.as_second(), 1));
        // One that was in a single answer is there for the second of that answer.
        let end = until.as_second().max(from.as_second().saturating_add(1));
        self.steps.push((end, -1));
        let date = |time: Timestamp| self.window.zoned(time).date();
        // It is not there any more at its end, which may be the first second of a day.
        let last = Timestamp::from_second(end.saturating_sub(1)).unwrap_or(from);
        let (mut day, last) = (date(from), date(last));
        loop {
            let (sessions, users) = self.days.entry(day).or_default();
            *sessions = sessions.saturating_add(1);
            users.extend(user);
            match day.tomorrow() {
                Ok(next) if next <= last => day = next,
                _ => return,
            }
        }
    }

    fn finish(mut self) -> Stats {
        // At the same second what ends goes first: one that follows another is not at the same time.
        self.steps.sort_unstable();
        let (mut open, mut peak, mut peak_time) = (0_usize, 0, None);
        // The peak of a day, and what is there at its end.
        let mut peaks = BTreeMap::<Date, (usize, usize)>::new();
        let (mut day, mut day_ends) = (None, i64::MIN);
        for (time, step) in &self.steps {
            let before = open;
            open = if *step > 0 { open.saturating_add(1) } else { open.saturating_sub(1) };
            if *time >= day_ends {
                let zoned = self.window.zoned(Timestamp::from_second(*time).unwrap_or_default());
                day = Some(zoned.date());
                // What was there before is there when the day begins.
                if zoned.start_of_day().is_ok_and(|start| start < zoned) {
                    peaks.entry(zoned.date()).or_default().0 = before;
                }
                let tomorrow = zoned.tomorrow().and_then(|tomorrow| tomorrow.start_of_day());
                day_ends = tomorrow.map_or(i64::MAX, |tomorrow| tomorrow.timestamp().as_second());
            }
            if let Some(day) = day {
                let (most, last) = peaks.entry(day).or_default();
                (*most, *last) = ((*most).max(open), open);
            }
            if open > peak {
                (peak, peak_time) = (open, Timestamp::from_second(*time).ok());
            }
        }
        let mut carried = 0;
        let days = self.days.into_iter().map(|(day, (sessions, users))| {
            // On a day on which nothing began or ended, what was there before is there.
            let (peak, last) = peaks.get(&day).copied().unwrap_or((carried, carried));
            carried = last;
            Day { day: day.to_string(), sessions, users: users.len(), peak: peak.min(sessions) }
        });
        Stats {
            days: days.collect(),
            sessions: self.sessions,
            users: self.users.len(),
            clients: self.clients.len(),
            peak,
            peak_time: peak_time.map(|time| time.to_string()),
            peak_local: peak_time.map(|time| self.window.local_with_zone(time)),
        }
    }
}

impl Stats {
    /// For a terminal of this width: the end of a bar is the first to go.
    fn table(&self, width: Option<usize>) -> String {
        let mut text = String::new();
        let Self { sessions, users, clients, peak, .. } = self;
        // Writing to a string does not fail.
        let _ = writeln!(text, "sessions  {sessions}");
        let _ = writeln!(text, "users     {users}");
        let _ = writeln!(text, "clients   {clients}");
        if let Some(time) = &self.peak_local {
            let line = format!("peak      {peak} at the same time, at {time}");
            let _ = match width {
                Some(width) if line.len() > width => {
                    writeln!(text, "peak      {peak} at the same time,\n          at {time}")
                }
                _ => writeln!(text, "{line}"),
            };
        }
        if self.days.is_empty() {
            return text;
        }
        let largest = self.days.iter().map(|day| day.peak).max().unwrap_or(1).max(1);
        let _ = writeln!(text, "\n{HEADER}");
        let room = width.map_or(BAR, |width| width.saturating_sub(HEADER.len()).saturating_sub(2).min(BAR));
        for Day { day, sessions, users, peak } in &self.days {
            let bar = "#".repeat(peak.saturating_mul(room).div_ceil(largest));
            let line = format!("{day}  {sessions:>8}  {users:>5}  {peak:>5}  {bar}");
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let stats = Stats {
            sessions: 7,
            users: 3,
            clients: 4,
            peak: 5,
            peak_time: None,
            peak_local: Some("2026-07-24 15:00:00 CEST".to_owned()),
            days: vec![Day { day: "2026-07-24".to_owned(), sessions: 7, users: 3, peak: 5 }],
        };
        for width in [40, 60, 80] {
            let table = stats.table(Some(width));
            assert!(table.lines().all(|line| line.len() <= width), "{width}:\n{table}");
        }
        let longest = stats.table(Some(80)).lines().map(str::len).max();
        assert_eq!(longest, Some(HEADER.len() + 2 + BAR), "as wide as without a terminal");
        assert_eq!(stats.table(Some(80)), stats.table(None));
    }
}
