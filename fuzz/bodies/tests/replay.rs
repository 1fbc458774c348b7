//! Every finding there has been, and the corpus, through the functions that the fuzzer runs.

#![expect(clippy::expect_used, reason = "a test may panic")]

use std::alloc::System;
use std::io::Write as _;
use std::path::Path;
use std::{fs, io, panic};

use cap::Cap;
use netsession_fuzz_bodies::TARGETS;

/// The same limit as under the fuzzer.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, 16 << 20);

/// How many inputs of a target are there.
fn replay(folder: &str, name: &str, target: fn(&[u8])) -> usize {
    // A backtrace needs more memory than there is: a panic would hang.
    panic::set_hook(Box::new(|panic| drop(writeln!(io::stderr(), "{panic}"))));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join(name);
    let mut count = 0;
    // A target without findings has no folder.
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("a folder can be read").path();
        let input = fs::read(&path).expect("a file can be read");
        assert!(panic::catch_unwind(|| target(&input)).is_ok(), "{}", path.display());
        count += 1;
    }
    count
}

#[test]
fn no_finding_comes_back() {
    let counts = TARGETS.map(|(name, target)| replay("regressions", name, target));
    assert!(counts.iter().sum::<usize>() > 0);
}

#[test]
fn the_corpus_passes() {
    for (name, target) in TARGETS {
        assert!(replay("corpus", name, target) > 0, "{name} has no corpus");
    }
}

#[test]
fn inputs_of_zeros_mean_something_everywhere() {
    for (_, target) in TARGETS {
        for length in [0, 1, 7, 100, 5_000] {
            target(&vec![0; length]);
        }
    }
}
