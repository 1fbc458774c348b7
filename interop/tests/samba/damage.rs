//! Answers that are cut off, changed or held back.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use netsession_interop::netsession::Run;
use netsession_interop::proxy::tamper::{CutAfter, FlipBit, StallAfter};
use netsession_interop::proxy::{Proxy, Side, Tamper, Trace};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

use crate::support::{ensure_lists, ensure_says, list, only_trace, shared};

pub(crate) fn add(suite: &mut Suite) {
    for (name, encrypt) in [("encrypted", "auto"), ("signed", "off")] {
        suite.test(Need::Program, format!("damage::cut_off::{name}"), move || cut(encrypt));
        suite.test(Need::Program, format!("damage::flipped_bit::{name}"), move || flip(encrypt));
        suite.test(Need::Program, format!("damage::stall::{name}"), move || stall(encrypt));
    }
}

/// An undamaged conversation, to know how long it is.
fn measure(samba: &Samba, encrypt: &str) -> Result<Trace> {
    let proxy = Proxy::to(samba.address()).start()?;
    let rows = list(proxy.address())?.args(&["-l", "1", "--encrypt", encrypt]).rows()?;
    ensure_lists(&rows, netsession_interop::account::ADMIN)?;
    only_trace(&proxy)
}

fn damaged<T: Tamper + 'static>(
    samba: &Samba,
    encrypt: &str,
    tamper: impl Fn() -> T + Send + 'static,
) -> Result<Run> {
    let proxy = Proxy::to(samba.address()).tamper(tamper).start()?;
    let args = ["-l", "1", "-f", "json", "--encrypt", encrypt, "--timeout", "2s"];
    let run = list(proxy.address())?.args(&args).run()?;
    ensure!(run.outcome.code == Some(1), "exit code {:?}: {run:?}", run.outcome.code);
    ensure!(run.rows_of_a_partial_success()?.is_empty(), "rows came out: {run:?}");
    ensure!(run.outcome.stderr.contains(&proxy.address().to_string()), "the server is not named: {run:?}");
    ensure!(run.outcome.elapsed < Duration::from_secs(5), "past its deadline: {run:?}");
    Ok(run)
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
    for place in places {
        let run = damaged(&samba, encrypt, move || CutAfter(place))
            .with_context(|| format!("after {place} bytes"))?;
        ensure!(run.outcome.elapsed < Duration::from_secs(2), "a cut is seen at once: {run:?}");
    }
    Ok(())
}

/// In every frame of the server, at many places: the pre-authentication hash, a signature or the seal covers all.
fn flip(encrypt: &str) -> Result<()> {
    let samba = shared(&[])?;
    let trace = measure(&samba, encrypt)?;
    for (frame, event) in trace.frames(Side::Server).enumerate() {
        let bits = 8 * event.frame.len();
        for bit in (0..bits).step_by((bits / 23).max(1)) {
            damaged(&samba, encrypt, move || FlipBit { frame, bit })
                .with_context(|| format!("frame {frame}, bit {bit} of {bits}"))?;
        }
    }
    Ok(())
}

fn stall(encrypt: &str) -> Result<()> {
    let samba = shared(&[])?;
    let frames = measure(&samba, encrypt)?.frames(Side::Server).count();
    for frame in 0..frames {
        let run =
            damaged(&samba, encrypt, move || StallAfter(frame)).with_context(|| format!("frame {frame}"))?;
        ensure_says(&run.outcome.stderr, &["timed out", "timeout", "deadline", "within 2s", "no answer"])?;
    }
    Ok(())
}
