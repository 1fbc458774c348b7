//! `cargo xtask fuzz` and `cargo xtask fuzz-corpus`.

mod corpus;
mod log;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use self::log::Stats;
use crate::install::CargoTool;
use crate::{install, parts, sh};

pub(crate) use self::corpus::run as corpus;

/// How long to fuzz, and what.
#[derive(Args)]
pub(crate) struct Options {
    /// How long in all; the targets share it.
    #[arg(long, default_value_t = 10, value_name = "N")]
    minutes: u32,
    /// Only this target; can be given several times [default: all].
    #[arg(long, value_name = "NAME")]
    target: Vec<String>,
}

/// A target of cargo-fuzz.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) name: &'static str,
    /// Its part of the time.
    share: u32,
    /// Bytes of the longest input that is tried.
    max_length: usize,
}

pub(super) const TARGETS: [Target; 8] = [
    Target { name: "decoders", share: 2, max_length: 4_096 },
    Target { name: "client_raw", share: 2, max_length: 16_384 },
    Target { name: "client_structured", share: 4, max_length: 400 },
    Target { name: "answer", share: 2, max_length: 1_000 },
    Target { name: "rpc_pipe", share: 2, max_length: 1_000 },
    Target { name: "server", share: 1, max_length: 8_192 },
    Target { name: "ntlm_exchange", share: 1, max_length: 600 },
    Target { name: "logon_guard", share: 1, max_length: 1_204 },
];

/// What each target gets in CI.
const SAMPLE: Duration = Duration::from_secs(15);

pub(crate) fn run(options: &Options) -> Result<()> {
    let known = |name: &String| TARGETS.iter().any(|target| target.name == name);
    if let Some(unknown) = options.target.iter().find(|name| !known(name)) {
        bail!("no target {unknown}; there are: {}", TARGETS.map(|target| target.name).join(", "));
    }
    let chosen = TARGETS
        .into_iter()
        .filter(|target| options.target.is_empty() || options.target.iter().any(|name| name == target.name));
    let chosen: Vec<Target> = chosen.collect();
    let shares: u32 = chosen.iter().map(|target| target.share).sum();
    let all = Duration::from_secs(60) * options.minutes;
    if !can_build()? {
        return Ok(());
    }
    fuzz(&chosen, 1, |target| all * target.share / shares.max(1))
}

/// Each target for a moment. Where nothing can be built, that is a failure: a CI that skips it is green for nothing.
pub(crate) fn sample() -> Result<()> {
    if !has_compiler() {
        install::packages(install::FUZZER)?;
    }
    ensure!(can_build()?, "the fuzz targets cannot be built here");
    let cores = thread::available_parallelism().map_or(1, usize::from);
    fuzz(&TARGETS, cores, |_| SAMPLE)
}

fn has_compiler() -> bool {
    sh::succeeds(sh::program("c++").arg("--version"))
}

/// Whether this machine can build libFuzzer; where not, that is said.
pub(super) fn can_build() -> Result<bool> {
    if !has_compiler() {
        ensure!(std::env::var_os("NETSESSION_INTEROP_REQUIRED").is_none(), "no C++ compiler for libFuzzer");
        eprintln!("skipped: the fuzz targets, because there is no C++ compiler for libFuzzer (Debian: g++)");
        return Ok(false);
    }
    install::cargo_tool(&CargoTool::any("fuzz"))?;
    Ok(true)
}

/// Each target, some `at_once`: a target uses one core.
fn fuzz(targets: &[Target], at_once: usize, time: impl Fn(&Target) -> Duration) -> Result<()> {
    sh::run(&mut cargo_fuzz("build"))?;
    let mut done = Vec::new();
    for some in targets.chunks(at_once) {
        let stats: Vec<Result<Stats>> = thread::scope(|scope| {
            let start = |target| {
                let time = time(target);
                scope.spawn(move || run_one(target, time))
            };
            let running: Vec<_> = some.iter().map(start).collect();
            running.into_iter().map(parts::joined).collect()
        });
        for (target, stats) in some.iter().zip(stats) {
            done.push((target.name, stats?));
        }
    }
    log::print(&done);
    let failed: Vec<&str> = done.iter().filter(|(_, stats)| stats.failed).map(|(name, _)| *name).collect();
    ensure!(
        failed.is_empty(),
        "failed: {}. What is in fuzz/artifacts is a finding: move it to fuzz/regressions, and mend the cause. \
         Where nothing is, something else has ended the run",
        failed.join(", ")
    );
    Ok(())
}

/// cargo-fuzz with the compiler that builds everything else: the flags that it needs are not stable yet. Without a
/// sanitizer, since the crates of the workspace hold no unsafe code, and everything is then several times as fast.
pub(super) fn cargo_fuzz(task: &str) -> std::process::Command {
    let mut command = sh::cargo(&["fuzz", task, "--sanitizer", "none"]);
    // A backtrace needs more memory than a target has: with one, a panic hangs, and passes for an input that is slow.
    command.env("RUSTC_BOOTSTRAP", "1").env("RUST_BACKTRACE", "0");
    command
}

/// Inputs that were found on this machine.
pub(super) fn found(target: &str) -> Result<PathBuf> {
    let folder = sh::root().join("target/fuzz").join(target);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn run_one(target: &Target, time: Duration) -> Result<Stats> {
    let name = target.name;
    let mut command = cargo_fuzz("run");
    command.arg(name).arg(found(name)?);
    for folder in ["corpus", "regressions"] {
        let folder = sh::root().join("fuzz").join(folder).join(name);
        if folder.exists() {
            command.arg(folder);
        }
    }
    command.args([
        "--",
        &format!("-max_total_time={}", time.as_secs()),
        &format!("-max_len={}", target.max_length),
        // Long inputs from the beginning: conversations are long.
        "-len_control=0",
        // The limits of the client under test are far below these.
        "-malloc_limit_mb=64",
        "-rss_limit_mb=512",
        "-timeout=20",
        "-print_final_stats=1",
    ]);
    let path = sh::root().join("target/fuzz").join(format!("{name}.log"));
    eprintln!("{name}: {} s, see {}", time.as_secs(), path.display());
    let file = File::create(&path)?;
    let status = command.stdout(file.try_clone()?).stderr(Stdio::from(file)).status()?;
    let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    if !status.success() {
        eprintln!("{}", log::about_the_finding(&text));
    }
    Ok(Stats::read(&text, time, !status.success()))
}
