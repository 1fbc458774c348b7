//! Fills a store with made-up intervals, for `cargo xtask bench-history`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::expect_used
)]
use netsession_history::{History, Outcome, Query, Recorder, Round, Session, Settings};
use std::time::{Duration, Instant, UNIX_EPOCH};

fn main() {
    let path = std::env::args().nth(1).expect("path");
    let count: u64 = std::env::args().nth(2).map_or(1_000_000, |n| n.parse().unwrap());
    let mut settings = Settings::default();
    settings.retain = None;
    settings.max_size = None;
    let mut recorder = Recorder::open(&path, settings.clone()).unwrap();
    let begun = Instant::now();
    // 1,000 servers, a year, each round of a server ends all sessions of the one before.
    let servers = 1000;
    let rounds = count / servers / 10;
    let step = 365 * 86_400 / rounds;
    let t0 = 1_760_000_000;
    let mut random = fastrand::Rng::with_seed(1);
    for round in 0..=rounds {
        for server in 0..servers {
            let time = t0 + round * step + server * step / servers;
            let sessions = if round == rounds {
                vec![]
            } else {
                (0..10)
                    .map(|_| Session {
                        client: format!("10.{}.{}.{}", random.u8(0..4), random.u8(..), random.u8(..)),
                        user: Some(format!("CORP\\user{}", random.u32(0..5000))),
                        connected: Some(Duration::from_secs(random.u64(0..step.min(28_800)))),
                        idle: Some(Duration::from_secs(random.u64(0..900))),
                        opens: Some(random.u32(0..40)),
                        flags: Some(0),
                        client_type: Some(String::new()),
                        transport: Some(String::new()),
                        level: 1,
                    })
                    .collect()
            };
            recorder.add(Round {
                server: format!("fs{server}.corp.example.com"),
                time: UNIX_EPOCH + Duration::from_secs(time),
                uptime: None,
                outcome: Outcome::Answered { sessions, files: None },
            });
        }
        recorder.commit().unwrap();
    }
    println!("filled in {:?}; {} bytes", begun.elapsed(), std::fs::metadata(&path).unwrap().len());
    let begun = Instant::now();
    recorder.forget(|_| false).unwrap();
    println!("rewritten in {:?}; {} bytes", begun.elapsed(), std::fs::metadata(&path).unwrap().len());
    drop(recorder);
    println!("closed; {} bytes", std::fs::metadata(&path).unwrap().len());
    for _ in 0..3 {
        let begun = Instant::now();
        let mut history = History::open(&path).unwrap();
        let opened = begun.elapsed();
        let at =
            history.sessions(&Query::at(UNIX_EPOCH + Duration::from_secs(t0 + 180 * 86_400))).unwrap().len();
        println!(
            "opened {opened:?}, at {:?}: {at} rows, {} gaps",
            begun.elapsed(),
            history.gaps(&Query::at(UNIX_EPOCH + Duration::from_secs(t0 + 180 * 86_400))).unwrap().len()
        );
        let begun = Instant::now();
        let mut history = History::open(&path).unwrap();
        let user = history.sessions(&Query::default().user(|user| user.ends_with("user42"))).unwrap().len();
        println!("user {:?}: {user} rows", begun.elapsed());
    }
    let begun = Instant::now();
    drop(Recorder::open(&path, settings).unwrap());
    println!("recorder opens in {:?}", begun.elapsed());
}
