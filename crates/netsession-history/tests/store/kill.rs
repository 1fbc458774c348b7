//! A recorder that is killed at any moment loses one round at most.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use netsession_history::{History, Query, Recorder};

use crate::support::{answer, folder, seconds, session, settings, start};

const STORE: &str = "NETSESSION_TEST_STORE";
const BEGIN: &str = "NETSESSION_TEST_BEGIN";

const KILLS_OF_A_STORE: u64 = 20;

fn listing(round: u64) -> Vec<netsession_history::Session> {
    // Each session lasts for seven rounds.
    let users = (round.saturating_sub(6)..=round).flat_map(|begun| {
        (0..30).map(move |n| session(&format!("u{begun}-{n}"), "10.0.0.5", (round - begun) * 30))
    });
    users.collect()
}

/// The child: records as fast as it can, and says which rounds are committed.
#[test]
#[ignore = "run by the test below"]
fn child() {
    let (Ok(store), Ok(begin)) = (std::env::var(STORE), std::env::var(BEGIN)) else { return };
    let begin: u64 = begin.parse().unwrap();
    let start =
        SystemTime::UNIX_EPOCH + seconds(std::env::var("NETSESSION_TEST_START").unwrap().parse().unwrap());
    let mut recorder = Recorder::open(store, settings()).unwrap();
    for round in begin.. {
        recorder.add(answer("fs1", start + seconds(round * 30), listing(round)));
        recorder.commit().unwrap();
        println!("committed {round}");
        if round % 16 == 0 {
            recorder.forget(|user| user == "u0-0").unwrap();
        }
    }
}

#[test]
fn kill_loses_one_round_at_most() {
    let (mut folder, start) = (folder(), start());
    let kills: u64 =
        std::env::var("NETSESSION_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(12);
    let mut random = fastrand::Rng::with_seed(kills);
    let mut next = 0;
    for kill in 0..kills {
        // Every row of a store is looked at after each kill.
        if kill % KILLS_OF_A_STORE == 0 {
            (folder, next) = (crate::support::folder(), 0);
        }
        let since_1970 = start.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["kill::child", "--ignored", "--exact", "--nocapture"])
            .env(STORE, &folder.store)
            .env(BEGIN, next.to_string())
            .env("NETSESSION_TEST_START", since_1970.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Some rounds, and then somewhere within the next one.
        let wanted = random.usize(1..20);
        let rounds = |line: Result<String, std::io::Error>| {
            line.unwrap().strip_prefix("committed ").map(|round| round.parse::<u64>().unwrap())
        };
        let seen = lines.by_ref().filter_map(rounds).take(wanted).last();
        std::thread::sleep(Duration::from_micros(random.u64(0..20_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let seen =
            lines.filter_map(rounds).last().or(seen).unwrap_or_else(|| panic!("kill {kill}: no round"));
        let mut history = History::open(&folder.store).unwrap();
        assert!(history.recorded_by().is_none());
        let last = history.servers()[0].last.unwrap().duration_since(start).unwrap().as_secs() / 30;
        // Committed, and not said any more.
        assert!(last == seen || last == seen + 1, "kill {kill}: {last} is stored, {seen} was said");
        let mut by_user = HashMap::<_, Vec<_>>::new();
        for interval in history.sessions(&Query::default()).unwrap() {
            let until = interval.until.unwrap();
            assert!(interval.from <= until);
            by_user.entry(interval.item.user.clone().unwrap()).or_default().push((interval.from, until));
        }
        for (user, mut spans) in by_user {
            spans.sort();
            assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{user} overlaps: {spans:?}");
            // No session of these servers ever comes back: it is one interval, over every kill.
            assert_eq!(spans.len(), 1, "{user}: {spans:?}");
        }
        next = last + 1;
    }
}
