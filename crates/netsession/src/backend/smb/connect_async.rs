use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use tokio::net::TcpStream;
use tokio::time::{sleep, timeout_at};

use super::connector::{PAUSE, is_worth_another};
use super::driver::Driver;
use super::plan::SmbPlan;
use super::wire_async::AsyncWire;
use crate::admission::Admission;
use crate::connect::connect;
use crate::error::{Error, Step};
use crate::resolve::Resolution;
use crate::timings::{Stopwatch, Timed};

/// Resolves, connects and logs on, all before the deadline of the plan. A TCP connect that failed is tried once
/// more; a log-on never.
///
/// `admission` decides when the connection is allowed; the wait for it is not part of the server's time, and moves the
/// deadline.
pub(crate) async fn open(
    plan: &mut Arc<SmbPlan>,
    admission: &mut impl Admission,
) -> Result<Driver<AsyncWire>, Error> {
    let mut stopwatch = Stopwatch::start(Instant::now());
    let addresses = resolve(plan, admission, &mut stopwatch).await?;
    if let Some(first) = addresses.first() {
        let waited = admission.enter(first.ip().to_canonical()).await;
        if !waited.is_zero() {
            Arc::make_mut(plan).put_off(waited);
        }
    }
    let stream = match tcp(plan, addresses.clone(), &mut stopwatch).await {
        Err(error) if is_worth_another(&error, plan) => {
            sleep(PAUSE).await;
            tcp(plan, addresses, &mut stopwatch).await
        }
        result => result,
    }?;
    Driver::<AsyncWire>::open(plan, stream, stopwatch).await
}

/// The addresses of the server, at least one.
async fn resolve(
    plan: &SmbPlan,
    admission: &mut impl Admission,
    stopwatch: &mut Stopwatch,
) -> Result<Vec<SocketAddr>, Error> {
    let resolver = admission.resolver(&plan.resolver);
    let resolved = async {
        let mut resolution = Resolution::start(&plan.server, &resolver)?;
        let resolved = poll_fn(|context| resolution.poll(context.waker()).map_or(Poll::Pending, Poll::Ready));
        timeout_at(plan.deadline.into(), resolved)
            .await
            .unwrap_or_else(|_| Err(Error::timed_out(Step::Resolve)))
    };
    let resolved = resolved.await;
    admission.resolved(resolved.is_ok());
    let timings = stopwatch.stop(Instant::now());
    resolved.map_err(|error| plan.named(error).after(timings))
}

/// A TCP connection to the first address that answers.
async fn tcp(
    plan: &SmbPlan,
    addresses: Vec<SocketAddr>,
    stopwatch: &mut Stopwatch,
) -> Result<TcpStream, Error> {
    let now = Instant::now();
    stopwatch.enter(Timed::Connect, now);
    let connected = connect(addresses, plan.connect_deadline(now)).await;
    let timings = stopwatch.stop(Instant::now());
    connected.map_err(|error| plan.named(error).after(timings))
}
