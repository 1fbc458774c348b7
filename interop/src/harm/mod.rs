//! Thousands of connections of which each has one server frame harmed, in one process and by the library.
//!
//! What must hold for each of them: no panic, an end within the deadline plus 30 s, nothing harmed that was
//! signed or encrypted is believed. And for all together: no more memory at the end than near the beginning.

mod attempt;
mod judge;
mod plan;
mod relay;
mod report;
mod spoil;
mod target;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use netsession_testserver::Server;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use self::attempt::{Attempt, attempt};
use self::plan::HarmPlan;
use self::target::{MODES, Target, Worker};
use crate::process;

pub use self::judge::Verdict;
pub use self::plan::DEADLINE;
pub use self::report::{Report, Tally};
pub use self::target::Which;

/// At the same time.
const JOBS: usize = 16;
/// Between two of them memory is measured, while nothing is connected.
const ROUNDS: usize = 10;

/// Harms `connections` connections to `which`; the same seed makes the same plans.
pub async fn run(which: Which, connections: usize, seed: u64) -> Result<Tally> {
    let workers = Worker::some(JOBS);
    match which {
        Which::Double => {
            let (address, _server) = Server::start(target::scenario(&workers)?)?;
            against(Target::double(address), &workers, connections, seed).await
        }
        Which::Samba => {
            let samba = target::samba(&workers)?;
            against(Target::samba(samba.address()), &workers, connections, seed).await
        }
    }
}

async fn against(target: Target, workers: &[Worker], connections: usize, seed: u64) -> Result<Tally> {
    let target = Arc::new(target);
    let lengths = Arc::new(lengths(&target, workers).await?);
    let begin = Instant::now();
    let mut tally = Tally::new(target.which);
    let number = Arc::new(AtomicUsize::new(0));
    for round in 1..=ROUNDS {
        let quota = connections * round / ROUNDS;
        let mut running = JoinSet::new();
        for worker in workers {
            let (worker, target) = (worker.clone(), Arc::clone(&target));
            let (lengths, number) = (Arc::clone(&lengths), Arc::clone(&number));
            running.spawn(async move {
                let mut listener = TcpListener::bind("127.0.0.1:0").await?;
                let mut done = Vec::new();
                loop {
                    let next = number.fetch_add(1, Ordering::Relaxed);
                    if next >= quota {
                        return anyhow::Ok(done);
                    }
                    let plan = HarmPlan::new(next, seed, &lengths);
                    done.push(judged(&mut listener, &target, &worker, &plan).await?);
                }
            });
        }
        while let Some(done) = running.join_next().await {
            for (verdict, attempt) in done.context("a worker panicked")?? {
                tally.repeated += usize::from(attempt.deadline > DEADLINE);
                tally.add(verdict, attempt);
            }
        }
        number.store(quota, Ordering::Relaxed);
        // The relays' last sockets close.
        tokio::time::sleep(Duration::from_millis(100)).await;
        tally.resident_kib.push(process::resident_kib(std::process::id())?);
    }
    tally.took = begin.elapsed();
    Ok(tally)
}

/// Carries out a plan. A machine that did nothing for a while is no fault of the client's; with the same plan and sixteen
/// times the deadline it is one.
async fn judged(
    listener: &mut TcpListener,
    target: &Target,
    worker: &Worker,
    plan: &HarmPlan,
) -> Result<(Verdict, Attempt)> {
    let mut deadline = DEADLINE;
    loop {
        let attempted = attempt(listener, target, worker, plan.clone(), deadline).await?;
        let verdict = judge::judge(&attempted, target);
        let is_slow =
            verdict == Verdict::Late || (verdict == Verdict::FailedUnharmed && attempted.timed_out());
        if !is_slow || deadline >= DEADLINE * 16 {
            return Ok((verdict, attempted));
        }
        deadline *= 4;
        // A connection that was not taken in time still waits at the old one.
        *listener = TcpListener::bind("127.0.0.1:0").await?;
    }
}

/// How many frames the server sends in each mode, from connections without harm.
async fn lengths(target: &Arc<Target>, workers: &[Worker]) -> Result<Vec<usize>> {
    let mut listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut lengths = Vec::new();
    for (worker, mode) in workers.iter().zip(MODES) {
        let (verdict, clean) = judged(&mut listener, target, worker, &HarmPlan::harmless(mode)).await?;
        if let Err(error) = &clean.result {
            anyhow::bail!("unharmed, in {mode:?}: {error}");
        }
        ensure!(verdict == Verdict::Unharmed, "not as expected: {clean:?}");
        lengths.push(clean.frames);
    }
    Ok(lengths)
}
