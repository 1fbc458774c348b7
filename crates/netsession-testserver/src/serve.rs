//! The double on real sockets.

use std::io;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::core::{Entropy, ServerConnection, Start, Transmit};
use crate::host::Host;
use crate::scenario::Scenario;

/// A server that listens in a thread of its own.
///
/// ```
/// use netsession_testserver::{Server, scenario};
///
/// let (address, server) = Server::start(scenario::shipped("windows")?)?;
/// assert!(address.ip().is_loopback());
/// drop(server);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Server;

/// Keeps a [`Server`] running; when it is dropped, the server and all its connections end.
#[derive(Debug)]
pub struct ServerHandle {
    host: Host,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// There is no free port, or no thread.
    pub fn start(scenario: Scenario) -> io::Result<(SocketAddr, ServerHandle)> {
        let (addresses, handle) = Self::start_on(scenario, &[SocketAddr::from(([127, 0, 0, 1], 0))])?;
        let first = addresses.first().copied().ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok((first, handle))
    }

    /// Listens on each of these addresses with one scenario, and returns them. Port 0 is a free one.
    ///
    /// # Errors
    /// One of them is not available, or there is no thread.
    pub fn start_on(
        scenario: Scenario,
        addresses: &[SocketAddr],
    ) -> io::Result<(Vec<SocketAddr>, ServerHandle)> {
        let listeners: Vec<std::net::TcpListener> =
            addresses.iter().copied().map(listen).collect::<io::Result<_>>()?;
        let bound = listeners.iter().map(std::net::TcpListener::local_addr).collect::<io::Result<_>>()?;
        listeners.iter().try_for_each(|listener| listener.set_nonblocking(true))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let runtime = ServerRuntime(Some(runtime));
        let (stop, stopped) = oneshot::channel();
        let host = Host::from(scenario);
        let served = host.clone();
        let thread =
            std::thread::Builder::new().name("netsession-testserver".to_owned()).spawn(move || {
                runtime.block_on(async {
                    for listener in listeners {
                        tokio::spawn(accept(listener, served.clone()));
                    }
                    // Stopped, or the handle is gone: the server ends.
                    let _ = stopped.await;
                });
            })?;
        Ok((bound, ServerHandle { host, stop: Some(stop), thread: Some(thread) }))
    }
}

/// The runtime of a server. Without a thread it is dropped where the server was to be started, which may be within
/// another runtime: tokio panics there if the drop may block.
struct ServerRuntime(Option<tokio::runtime::Runtime>);

impl ServerRuntime {
    fn block_on(&self, work: impl Future<Output = ()>) {
        if let Some(runtime) = &self.0 {
            runtime.block_on(work);
        }
    }
}

impl Drop for ServerRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// With many addresses the error must name the one that failed.
fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    std::net::TcpListener::bind(address)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))
}

impl ServerHandle {
    /// What the server answers from. Its list of sessions may change while the server runs.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// Blocks: the server does not end by itself.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // The thread has reported its panic itself.
            let _ = thread.join();
        }
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: std::net::TcpListener, host: Host) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let host = host.clone();
                tokio::spawn(async move {
                    // The client notices a connection that breaks.
                    let _ = converse(stream, peer, host).await;
                });
            }
            // Most likely out of descriptors: wait for connections to close.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn converse(mut stream: TcpStream, peer: SocketAddr, host: Host) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let start = Start { now: Instant::now(), filetime: filetime(), peer: Some(peer.ip()) };
    let mut connection = ServerConnection::new(host, entropy()?, start);
    let mut buffer = [0; 4096];
    loop {
        while let Some(transmit) = connection.poll_transmit(Instant::now()) {
            match transmit {
                Transmit::Bytes(bytes) => stream.write_all(&bytes).await?,
                Transmit::Close => return stream.shutdown().await,
                Transmit::Reset => return stream.set_zero_linger(),
            }
        }
        let due = connection.poll_timeout();
        let sleep = tokio::time::sleep_until(due.unwrap_or_else(Instant::now).into());
        tokio::select! {
            read = stream.read(&mut buffer) => match read? {
                0 => return Ok(()),
                length => {
                    connection.handle_input(buffer.get(..length).unwrap_or_default(), Instant::now());
                }
            },
            () = sleep, if due.is_some() => {}
        }
    }
}

fn entropy() -> io::Result<Entropy> {
    let mut entropy = Entropy { server_challenge: [0; 8], preauth_salt: [0; 32] };
    getrandom::fill(&mut entropy.server_challenge)?;
    getrandom::fill(&mut entropy.preauth_salt)?;
    Ok(entropy)
}

/// Now, in hundreds of nanoseconds since 1601.
fn filetime() -> u64 {
    const UNIX_EPOCH_AS_FILETIME: u128 = 116_444_736_000_000_000;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(UNIX_EPOCH_AS_FILETIME + since.as_nanos() / 100).unwrap_or(u64::MAX)
}
