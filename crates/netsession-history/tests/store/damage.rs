//! Files that a power cut or a bad disk left: they open, or are refused in words. Nothing is made up.

use std::collections::HashMap;
use std::fs;
use std::panic;
use std::path::Path;

use netsession_history::{Error, History, Interval, Query, Recorder, Session};

use crate::support::{answer, filled, folder, record, seconds, session, settings, start};

fn read(path: &Path) -> Result<Vec<Interval<Session>>, Error> {
    let mut history = History::open(path)?;
    history.gaps(&Query::default())?;
    history.sessions(&Query::default())
}

/// What is in the whole store.
struct Truth {
    rows: Vec<Interval<Session>>,
    /// The indexes of `rows`, as each was stored when it began.
    begun: HashMap<String, usize>,
}

impl Truth {
    fn read(path: &Path) -> Self {
        let rows = read(path).unwrap();
        let begun = rows.iter().enumerate().map(|(index, row)| (as_begun(row), index)).collect();
        let truth = Self { rows, begun };
        assert_eq!(truth.begun.len(), truth.rows.len(), "rows that are not told apart");
        truth
    }

    /// Whether the row is in the store, or was before its end was written: an older commit is no made-up one.
    fn has(&self, row: &Interval<Session>) -> bool {
        let Some(whole) = self.begun.get(&as_begun(row)).map(|index| &self.rows[*index]) else {
            return false;
        };
        let is_older = row.item.opens.is_none()
            && row.item.idle.is_none()
            && !row.until_exact
            && row.until.is_none_or(|until| until >= row.from && whole.until.is_none_or(|end| until <= end));
        row == whole || is_older
    }
}

/// A row without what is stored at its end, as a text.
fn as_begun(row: &Interval<Session>) -> String {
    let mut begun = row.clone();
    (begun.until, begun.until_exact) = (None, false);
    (begun.item.opens, begun.item.idle) = (None, None);
    format!("{begun:?}")
}

/// Copies of a store with damage, by a seed.
fn damaged(whole: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    match random.u8(0..5) {
        0 => bytes.truncate(random.usize(0..bytes.len())),
        1 => {
            // The last pages were not written.
            let from = random.usize(0..bytes.len() / 4096) * 4096;
            bytes[from..].fill(0);
        }
        2 => {
            for _ in 0..random.u8(1..20) {
                let page = random.usize(0..bytes.len() / 4096) * 4096;
                bytes[page..page + 4096].fill(0);
            }
        }
        3 => {
            for _ in 0..random.u8(1..50) {
                let place = random.usize(0..bytes.len());
                bytes[place] ^= 1 << random.u8(0..8);
            }
        }
        _ => {
            // A page holds what another one should.
            let pages = bytes.len() / 4096;
            let (from, to) = (random.usize(0..pages) * 4096, random.usize(0..pages) * 4096);
            bytes.copy_within(from..from + 4096, to);
        }
    }
    bytes
}

fn try_copies(whole: &[u8], count: u64, truth: &Truth) -> (u32, u32) {
    let other = folder();
    let (mut opened, mut refused) = (0, 0);
    for seed in 0..count {
        let bytes = damaged(whole, &mut fastrand::Rng::with_seed(seed));
        fs::write(&other.store, &bytes).unwrap();
        match read(&other.store) {
            Ok(sessions) => {
                opened += 1;
                for session in &sessions {
                    assert!(truth.has(session), "seed {seed} made up {session:?}");
                }
            }
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
        }
        // Who records checks every page first: no panic, whatever the file is.
        let recorded = panic::catch_unwind(|| Recorder::open(&other.store, settings()).map(drop));
        let recorded = recorded.unwrap_or_else(|_| panic!("the recorder panicked: seed {seed}"));
        if recorded.is_ok() {
            let sessions = read(&other.store).unwrap();
            for session in &sessions {
                assert!(truth.has(session), "seed {seed} made up {session:?}");
            }
        }
        for entry in fs::read_dir(other.store.parent().unwrap()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
    (opened, refused)
}

#[test]
fn made_up_ends_are_noticed() {
    let folder = folder();
    filled(&folder, 10);
    let truth = Truth::read(&folder.store);
    let row = truth.rows.iter().find(|row| row.until_exact).unwrap();
    assert!(truth.has(row));
    let changes: [fn(&mut Interval<Session>); 5] = [
        |row| row.until = row.until.map(|until| until + seconds(1)),
        |row| row.item.opens = Some(4),
        |row| row.item.idle = None,
        |row| row.item.flags = Some(1),
        |row| row.until_exact = false,
    ];
    for change in changes {
        let mut made_up = row.clone();
        change(&mut made_up);
        assert!(!truth.has(&made_up), "{made_up:?}");
    }
}

#[test]
fn damaged_copies_of_a_running_store() {
    let folder = folder();
    filled(&folder, 100);
    let t = start();
    let recorder = record(
        &folder,
        (0..10).map(|round| {
            answer("fs9", t + seconds(10_000 + round * 10), vec![session("last", &format!("c{round}"), 5)])
        }),
    );
    let whole = fs::read(&folder.store).unwrap();
    let truth = Truth::read(&folder.store);
    drop(recorder);
    let (opened, refused) = try_copies(&whole, 300, &truth);
    println!("opened {opened}, refused {refused}");
    assert!(refused > 0 && opened > 0);
}

#[test]
fn damaged_copies_of_a_closed_store() {
    let folder = folder();
    filled(&folder, 100);
    let whole = fs::read(&folder.store).unwrap();
    let truth = Truth::read(&folder.store);
    let (opened, refused) = try_copies(&whole, 300, &truth);
    println!("opened {opened}, refused {refused}");
    assert!(refused > 0 && opened > 0);
}
