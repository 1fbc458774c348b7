use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use super::race::Race;
use crate::Error;
use crate::error::{Cause, LocalError, Step};

/// Connects to the first address that answers: a single address in this thread, several in a thread each.
///
/// The other threads end at the deadline at the latest, and close their sockets.
pub(crate) fn connect(addresses: Vec<SocketAddr>, deadline: Instant) -> Result<TcpStream, Error> {
    let alone = addresses.len() == 1;
    let mut race = Race::new(addresses, Instant::now(), deadline);
    let (sender, finished) = mpsc::channel();
    loop {
        while let Some(address) = race.start(Instant::now()) {
            if alone {
                let _ = sender.send((address, one(address, deadline)));
                continue;
            }
            let sender = sender.clone();
            thread::Builder::new()
                .name("netsession-connect".into())
                .spawn(move || sender.send((address, one(address, deadline))))
                .map_err(LocalError::no_thread("to connect with"))
                .map_err(|error| Error::new(Step::Connect, Cause::Local(error)))?;
        }
        if !alone && let Some(error) = race.lost(Instant::now()) {
            return Err(error);
        }
        let left = race.wait_until().saturating_duration_since(Instant::now());
        match finished.recv_timeout(left) {
            Err(_) => {}
            Ok((address, Ok(stream))) => {
                tracing::debug!(%address, "connected");
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY");
                }
                return Ok(stream);
            }
            Ok((address, Err(error))) => {
                // The deadline is not an answer of the server.
                let now = Instant::now();
                if error.kind() != io::ErrorKind::TimedOut || now < deadline {
                    race.failed(address, &error, now);
                }
            }
        }
        if let Some(error) = race.lost(Instant::now()) {
            return Err(error);
        }
    }
}

fn one(address: SocketAddr, deadline: Instant) -> io::Result<TcpStream> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    TcpStream::connect_timeout(&address, left)
}
