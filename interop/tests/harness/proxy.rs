//! The proxy, with rpcclient as the client.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use netsession_interop::account::ADMIN;
use netsession_interop::proxy::negotiate::{self, Request, Response};
use netsession_interop::proxy::tamper::{CutAfter, EditRequest, EditResponse, FlipBit, StallAfter};
use netsession_interop::proxy::{Proxy, Side, Tamper, Trace};
use netsession_interop::rpcclient::{self, Listing};
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};

const IOCTL: u16 = 11;

pub(crate) fn add(suite: &mut Suite) {
    suite.test(&[Need::Samba], "proxy::rpcclient_needs_seven_round_trips", seven_round_trips);
    suite.test(&[Need::Samba], "proxy::delay_holds_the_answers", delay_holds_the_answers);
    suite.test(
        &[Need::Samba],
        "proxy::negotiate_comes_apart_and_together",
        negotiate_comes_apart_and_together,
    );
    suite.test(&[Need::Samba], "proxy::rpcclient_sees_a_lower_dialect", lower_dialect);
    suite.test(&[Need::Samba], "proxy::rpcclient_sees_a_missing_context", missing_context);
    suite.test(&[Need::Samba], "proxy::rpcclient_sees_a_cut", || fails(|| CutAfter(700)));
    suite.test(&[Need::Samba], "proxy::rpcclient_sees_a_flipped_bit", || {
        fails(|| FlipBit { frame: 2, bit: 640 })
    });
    suite.test(&[Need::Samba], "proxy::stall_keeps_the_client_waiting", stall);
}

fn through(proxy: &Proxy) -> Result<(Listing, Trace)> {
    let listing = rpcclient::enumerate(proxy.address(), ADMIN, &[])?;
    let trace = proxy.traces().into_iter().next().context("no connection")?;
    Ok((listing, trace))
}

fn seven_round_trips() -> Result<()> {
    let samba = Samba::builder().start()?;
    let proxy = Proxy::to(samba.address()).delay(Duration::from_millis(10)).start()?;
    let (listing, trace) = through(&proxy)?;
    ensure!(listing == Ok(1), "{listing:?}");
    ensure!(trace.round_trips_until(&[IOCTL]) == 7, "{} round trips", trace.round_trips_until(&[IOCTL]));
    ensure!(trace.round_trips() > 7, "it says farewell, which counts too");
    Ok(())
}

fn delay_holds_the_answers() -> Result<()> {
    let samba = Samba::builder().start()?;
    let proxy = Proxy::to(samba.address()).delay(Duration::from_millis(50)).start()?;
    let start = Instant::now();
    let (listing, _) = through(&proxy)?;
    ensure!(listing == Ok(1), "{listing:?}");
    ensure!(start.elapsed() >= Duration::from_millis(7 * 50), "too fast: {:?}", start.elapsed());
    Ok(())
}

/// An edit that changes nothing gives the same bytes, so that it is the edit that a client refuses.
fn negotiate_comes_apart_and_together() -> Result<()> {
    let samba = Samba::builder().start()?;
    let proxy = Proxy::to(samba.address()).start()?;
    let (_, trace) = through(&proxy)?;
    let requests: Vec<_> =
        trace.frames(Side::Client).filter_map(|event| Request::parse(&event.frame)).collect();
    let frames = |side| trace.frames(side).map(|event| event.frame.clone()).collect::<Vec<_>>();
    let request = requests.last().context("no request")?;
    ensure!(request.dialects.contains(&0x0311), "{request:?}");
    ensure!(frames(Side::Client).contains(&request.build()), "the request changed");
    let response =
        trace.frames(Side::Server).find_map(|event| Response::parse(&event.frame)).context("none")?;
    ensure!(response.dialect() == 0x0311, "{response:?}");
    ensure!(response.algorithm(negotiate::SIGNING).is_some(), "{response:?}");
    ensure!(frames(Side::Server).contains(&response.build()), "the response changed");
    Ok(())
}

fn lower_dialect() -> Result<()> {
    fails(|| EditRequest(|request: &mut Request| request.dialects.retain(|dialect| *dialect < 0x0311)))
}

fn missing_context() -> Result<()> {
    fails(|| {
        EditResponse(|response: &mut Response| {
            response.contexts.retain(|(kind, _)| *kind == negotiate::PREAUTH)
        })
    })
}

fn fails<T: Tamper + 'static>(tamper: impl Fn() -> T + Send + 'static) -> Result<()> {
    let samba = Samba::builder().start()?;
    // Otherwise a busy Samba may refuse the pipe, with the proxy and without it.
    samba.warm_up()?;
    let proxy = Proxy::to(samba.address()).tamper(tamper).start()?;
    let (listing, _) = through(&proxy)?;
    ensure!(listing.is_err(), "{listing:?}");
    let listing = rpcclient::enumerate(samba.address(), ADMIN, &[])?;
    // The session of the client before may still be listed.
    ensure!(listing.is_ok(), "without the proxy it works: {listing:?}");
    Ok(())
}

fn stall() -> Result<()> {
    let samba = Samba::builder().start()?;
    let proxy = Proxy::to(samba.address()).tamper(|| StallAfter(3)).start()?;
    let mut client = rpcclient::command(proxy.address(), ADMIN).stdout(Stdio::null()).spawn()?;
    proxy.wait_for(&mut client, |trace| trace.frames(Side::Server).count() == 3)?;
    // Time for an answer that must not come.
    thread::sleep(Duration::from_secs(1));
    ensure!(client.try_wait()?.is_none(), "it has an answer");
    client.kill()?;
    client.wait()?;
    let trace = proxy.traces().into_iter().next().context("no connection")?;
    ensure!(trace.frames(Side::Server).count() == 3, "{} frames", trace.frames(Side::Server).count());
    Ok(())
}
