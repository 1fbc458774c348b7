//! A TCP proxy on loopback between a client and a real server. It counts round trips, adds delay, and tampers.

mod frame;
pub mod negotiate;
mod pump;
pub mod tamper;
mod trace;

use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::Result;

pub use self::tamper::{Action, Tamper};
pub use self::trace::{Event, Side, Trace};
use crate::process;
use crate::shared::lock;

/// Makes the tamperer of one connection.
type MakeTamper = Box<dyn Fn() -> Box<dyn Tamper> + Send>;

/// A running proxy. It closes all its connections when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What to start.
pub struct Builder {
    server: SocketAddr,
    listen: Ipv4Addr,
    delay: Duration,
    tamper: MakeTamper,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    traces: Mutex<Vec<Arc<Mutex<Trace>>>>,
    sockets: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A proxy that passes everything on as it is.
    pub fn to(server: SocketAddr) -> Builder {
        Builder {
            server,
            listen: Ipv4Addr::LOCALHOST,
            delay: Duration::ZERO,
            tamper: Box::new(|| Box::new(tamper::Honest)),
        }
    }

    /// Where the client connects to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What went over each connection so far, in the order of the connections.
    pub fn traces(&self) -> Vec<Trace> {
        lock(&self.shared.traces).iter().map(|trace| lock(trace).clone()).collect()
    }

    /// Waits until what went over a connection is `enough`, while `client` runs.
    pub fn wait_for(&self, client: &mut Child, enough: impl Fn(&Trace) -> bool) -> Result<()> {
        let is_enough = || lock(&self.shared.traces).iter().any(|trace| enough(&lock(trace)));
        process::wait_until_ready(client, is_enough, || format!("{:?}", self.traces()))
    }
}

impl Builder {
    /// Listens on this address, on a free port.
    pub fn on(mut self, address: Ipv4Addr) -> Self {
        self.listen = address;
        self
    }

    /// Holds every byte that long in the direction from the server to the client, so for one whole round trip.
    ///
    /// That all is in one direction makes the count of round trips certain: what a client sends at once has left
    /// it before the first answer arrives.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Rewrites frames; `make` is called for each connection.
    pub fn tamper<T: Tamper + 'static>(mut self, make: impl Fn() -> T + Send + 'static) -> Self {
        self.tamper = Box::new(move || Box::new(make()));
        self
    }

    /// Listens from now on.
    pub fn start(self) -> Result<Proxy> {
        let listener = TcpListener::bind((self.listen, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let proxy = Proxy { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            for client in listener.incoming() {
                if shared.stop.load(Ordering::SeqCst) {
                    return;
                }
                // A server that cannot be reached shows as a connection that is closed at once.
                let _ = client.and_then(|client| self.connect(client, &shared));
            }
        });
        Ok(proxy)
    }

    fn connect(&self, client: TcpStream, shared: &Shared) -> std::io::Result<()> {
        let server = TcpStream::connect(self.server)?;
        for socket in [&client, &server] {
            socket.set_nodelay(true)?;
            lock(&shared.sockets).push(socket.try_clone()?);
        }
        let trace = Arc::new(Mutex::new(Trace::default()));
        lock(&shared.traces).push(Arc::clone(&trace));
        pump::both_ways(client, server, self.delay, (self.tamper)(), trace)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the listener up.
        let _ = TcpStream::connect(self.address);
        for socket in lock(&self.shared.sockets).drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}
