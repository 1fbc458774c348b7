//! Answers that are cut off, changed or held back.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use netsession_interop::netsession::Run;
use netsession_interop::proxy::tamper::{CutAfter, FlipBit, StallAfter};
use netsession_interop::proxy::{Proxy, Side, Tamper, Trace};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_lists, failure, list, only_trace, shared};

const NEEDS: &[Need] = &[Need::Samba, Need::Program];

pub(crate) fn add(suite: &mut Suite) {
    for (name, encrypt) in [("encrypted", "auto"), ("signed", "off")] {
        suite.test(NEEDS, format!("damage::cut_off::{name}"), move || cut(encrypt));
        suite.test(NEEDS, format!("damage::flipped_bit::{name}"), move || flip(encrypt));
        suite.test(NEEDS, format!("damage::stall::{name}"), move || stall(encrypt));
    }
}

/// An undamaged conversation, to know how long it is.
fn measure(samba: &Samba, encrypt: &str) -> Result<Trace> {
    let proxy = Proxy::to(samba.address()).start()?;
    let rows = list(proxy.address())?.args(&["-l", "1", "--encrypt", encrypt]).rows()?;
    ensure_lists(&rows, netsession_interop::account::ADMIN)?;
    only_trace(&proxy)
}

/// `None` when the tamperer had nothing to do: conversations differ by an interim answer.
fn damaged<T: Tamper + 'static>(
    samba: &Samba,
    encrypt: &str,
    timeout: &str,
    tamper: impl Fn() -> T + Send + 'static,
) -> Result<Option<(Run, String)>> {
    let proxy = Proxy::to(samba.address()).tamper(tamper).start()?;
    let args = ["-l", "1", "-f", "jsonl", "--encrypt", encrypt, "--timeout", timeout];
    let run = list(proxy.address())?.args(&args).run()?;
    if proxy.traces().iter().all(|trace| trace.tampered == 0) {
        return Ok(None);
    }
    let kind = failure(&run, &proxy)?;
    Ok(Some((run, kind)))
}

/// At every byte of the lengths and beginnings of frames, and at many others.
fn cut(encrypt: &str) -> Result<()> {
    let samba = shared(&[])?;
    let trace = measure(&samba, encrypt)?;
    let mut places: Vec<usize> = (0..trace.server_bytes()).step_by(41).collect();
    let mut start = 0;
    for event in trace.frames(Side::Server) {
        places.extend([start, start + 1, start + 4, start + 5]);
        start += 4 + event.frame.len();
        places.push(start - 1);
    }
    let mut done = 0;
    for &place in &places {
        let run = damaged(&samba, encrypt, "10m", move || CutAfter(place));
        let Some((run, kind)) = run.with_context(|| format!("after {place} bytes"))? else { continue };
        ensure!(kind == "closed", "{kind} instead of closed: {run:?}");
        ensure!(run.outcome.elapsed < Duration::from_secs(40), "a cut is seen at once: {run:?}");
        done += 1;
    }
    most(done, places.len())
}

/// In every frame of the server, at many places: the pre-authentication hash, a signature or the seal covers all.
fn flip(encrypt: &str) -> Result<()> {
    let samba = shared(&[])?;
    let trace = measure(&samba, encrypt)?;
    let (mut done, mut planned) = (0, 0);
    let frames = trace.frames(Side::Server).filter(|event| !event.is_interim());
    for (frame, event) in frames.enumerate() {
        let bits = 8 * event.frame.len();
        for bit in (0..bits).step_by((bits / 23).max(1)) {
            let run = damaged(&samba, encrypt, "60s", move || FlipBit { frame, bit });
            planned += 1;
            let Some((run, kind)) = run.with_context(|| format!("frame {frame}, bit {bit} of {bits}"))?
            else {
                continue;
            };
            // Seen for what it is, and not only by the deadline.
            ensure!(kind != "timeout", "frame {frame}, bit {bit} of {bits}: {run:?}");
            done += 1;
        }
    }
    most(done, planned)
}

fn stall(encrypt: &str) -> Result<()> {
    let samba = shared(&[])?;
    let frames = measure(&samba, encrypt)?.frames(Side::Server).count();
    let mut done = 0;
    for frame in 0..frames {
        let mut run = None;
        // On a busy machine the deadline may come before the frame.
        for timeout in ["1500ms", "6s", "24s"] {
            run = damaged(&samba, encrypt, timeout, move || StallAfter(frame))
                .with_context(|| format!("frame {frame}"))?;
            if run.is_some() {
                break;
            }
        }
        let Some((run, kind)) = run else { continue };
        ensure!(kind == "timeout", "{kind}: {run:?}");
        // The stall never ends.
        ensure!(run.outcome.elapsed < Duration::from_secs(60), "past its deadline: {run:?}");
        done += 1;
    }
    most(done, frames)
}

fn most(done: usize, planned: usize) -> Result<()> {
    ensure!(3 * done > 2 * planned, "only {done} of {planned} conversations were damaged");
    Ok(())
}
