use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::net::TcpStream;
use tokio::time::sleep_until;

use super::race::Race;
use crate::Error;

/// Connects to the first address that answers. Dropping the future closes all sockets.
pub(crate) async fn connect(addresses: Vec<SocketAddr>, deadline: Instant) -> Result<TcpStream, Error> {
    let mut race = Race::new(addresses, Instant::now(), deadline);
    let mut runners = Runners(Vec::new());
    loop {
        while let Some(address) = race.start(Instant::now()) {
            runners.0.push((address, Box::pin(TcpStream::connect(address))));
        }
        if let Some(error) = race.lost(Instant::now()) {
            return Err(error);
        }
        let mut alarm = pin!(sleep_until(race.wait_until().into()));
        let finished = poll_fn(|context| match runners.poll(context) {
            Some(finished) => Poll::Ready(Some(finished)),
            None => alarm.as_mut().poll(context).map(|()| None),
        });
        match finished.await {
            None => {}
            Some((address, Err(error))) => race.failed(address, &error, Instant::now()),
            Some((address, Ok(stream))) => {
                tracing::debug!(%address, "connected");
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY");
                }
                return Ok(stream);
            }
        }
    }
}

type Connecting = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

/// The attempts under way.
struct Runners(Vec<(SocketAddr, Connecting)>);

impl Runners {
    /// Removes and returns the first attempt that has ended.
    fn poll(&mut self, context: &mut Context<'_>) -> Option<(SocketAddr, io::Result<TcpStream>)> {
        let mut finished = None;
        self.0.retain_mut(|(address, connecting)| {
            if finished.is_some() {
                return true;
            }
            match connecting.as_mut().poll(context) {
                Poll::Ready(result) => {
                    finished = Some((*address, result));
                    false
                }
                Poll::Pending => true,
            }
        });
        finished
    }
}
