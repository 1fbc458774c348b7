//! `cargo xtask fuzz-corpus`: rebuilds the corpora that the targets begin with.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use super::{TARGETS, Target, can_build, cargo_fuzz, found};
use crate::{sh, suites};

/// Bytes of all inputs in the repository.
const LIMIT: u64 = 1 << 20;

/// Records conversations with the double and, where there is one, with Samba, and keeps of them and of what was
/// found on this machine as few and as small inputs as reach the same.
pub(crate) fn run() -> Result<()> {
    if !can_build()? {
        return Ok(());
    }
    let recorded = sh::root().join("target/fuzz-recorded");
    let record = |package: &str, name: &str| {
        let mut command = sh::cargo(&["run", "--quiet", "--package", package, "--bin", name, "--"]);
        command.arg(&recorded);
        command
    };
    sh::run(&mut record("netsession-fuzz-bodies", "record"))?;
    sh::run(record("netsession-interop", "record-samba").env("NETSESSION_BIN", suites::build(&[])?))?;
    let mut all = 0;
    for target in &TARGETS {
        let bytes = minimise(target, &recorded.join(target.name))?;
        eprintln!("{:<20}{bytes:>8} bytes", target.name);
        all += bytes;
    }
    ensure!(all < LIMIT, "{all} bytes are too many for the repository");
    Ok(())
}

fn minimise(target: &Target, recorded: &Path) -> Result<u64> {
    let name = target.name;
    let corpus = sh::root().join("fuzz/corpus").join(name);
    let fresh = sh::root().join("target/fuzz-minimised").join(name);
    for folder in [&corpus, &fresh] {
        fs::create_dir_all(folder)?;
    }
    fs::create_dir_all(recorded)?;
    let mut command = cargo_fuzz("run");
    command.arg(name).args([&fresh, recorded, corpus.as_path(), &found(name)?]);
    command.args(["--", "-merge=1", "-set_cover_merge=1", "-use_counters=0"]);
    command.arg(format!("-max_len={}", target.max_length));
    sh::run(&mut command)?;
    fs::remove_dir_all(&corpus)?;
    fs::rename(&fresh, &corpus)?;
    // Conversations stay whole, under their names; single messages are there in plenty.
    if name != "decoders" {
        for entry in fs::read_dir(recorded)? {
            let entry = entry?;
            fs::copy(entry.path(), corpus.join(entry.file_name()))?;
        }
    }
    let sizes = fs::read_dir(&corpus)?.map(|entry| Ok(entry?.metadata()?.len()));
    sizes.sum()
}
