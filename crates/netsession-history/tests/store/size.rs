//! How large a store is: a sample of `cargo bench -p netsession-benches --bench history`.

use std::fs;

use netsession_history::{History, Query, Recorder};

use crate::support::{answer, folder, seconds, session, settings, start};

/// Enough that the file is worth the maintenance.
const ROUNDS: u64 = 16;

#[test]
fn maintenance_leaves_120_bytes_an_interval_at_most() {
    let folder = folder();
    let length = || fs::metadata(&folder.store).unwrap().len();
    let (t, mut random) = (start(), fastrand::Rng::with_seed(1));
    let mut recorder = Recorder::open(&folder.store, settings()).unwrap();
    for round in 0..ROUNDS {
        for server in 0..50 {
            let mut made_up = || {
                let (user, client) = (random.u32(0..2000), random.u16(0..4000));
                let client = format!("10.0.{}.{}", client >> 8, client & 255);
                session(&format!("CORP\\user{user}"), &client, random.u64(0..28_800))
            };
            let sessions = (0..50).map(|_| made_up()).collect();
            let (name, time) = (format!("fs{server}.corp.example.com"), t + seconds(round * 120));
            recorder.add(answer(&name, time, sessions));
            recorder.add(answer(&name, time + seconds(60), Vec::new()));
        }
        recorder.commit().unwrap();
    }
    drop(recorder);
    let before = length();
    // The maintenance of a day is due when a store is opened.
    Recorder::open(&folder.store, settings()).unwrap().maintain(|_, _| false).unwrap();
    let count = ROUNDS * 50 * 50;
    assert!(length() <= count * 120, "{} of {before} bytes for {count} intervals", length());
    let sessions = History::open(&folder.store).unwrap().sessions(&Query::default()).unwrap();
    assert_eq!(u64::try_from(sessions.len()).unwrap(), count);
}
