use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::connector::{PAUSE, is_worth_another};
use super::driver::Driver;
use super::plan::SmbPlan;
use super::wire_blocking::BlockingWire;
use crate::connect::connect_blocking;
use crate::error::{Error, Step};
use crate::resolve::Resolution;
use crate::signal::wait_for;
use crate::timings::{Stopwatch, Timed};

/// Resolves, connects and logs on, all before the deadline of the plan. A TCP connect that failed is tried once
/// more; a log-on never.
pub(crate) fn open(plan: &Arc<SmbPlan>) -> Result<Driver<BlockingWire>, Error> {
    let mut stopwatch = Stopwatch::start(Instant::now());
    let mut stream = || {
        let addresses = resolve(plan)?;
        stopwatch.enter(Timed::Connect, Instant::now());
        match tcp(plan, addresses.clone()) {
            Err(error) if is_worth_another(&error, plan) => {
                thread::sleep(PAUSE);
                tcp(plan, addresses)
            }
            result => result,
        }
    };
    let stream = stream();
    let timings = stopwatch.stop(Instant::now());
    let stream = stream.map_err(|error| plan.named(error).after(timings))?;
    Driver::<BlockingWire>::open(plan, stream, stopwatch)
}

fn tcp(plan: &SmbPlan, addresses: Vec<SocketAddr>) -> Result<TcpStream, Error> {
    connect_blocking(addresses, plan.connect_deadline(Instant::now()))
}

fn resolve(plan: &SmbPlan) -> Result<Vec<SocketAddr>, Error> {
    let mut resolution = Resolution::start(&plan.server, &plan.resolver)?;
    let resolved = wait_for(plan.deadline, |waker| resolution.poll(waker));
    resolved.unwrap_or_else(|| Err(Error::timed_out(Step::Resolve)))
}
