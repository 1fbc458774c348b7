//! Servers on loopback that are no SMB server, or none any more.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::port;

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is taken, and nothing ever comes back.
    Swallow,
    /// It is reset as soon as the client has sent something.
    Reset,
    /// It is closed without a byte as soon as the client has sent something, as a server does that speaks SMB1 only, or
    /// that has reached a limit of connections.
    CloseSilently,
    /// A web server answers.
    Http,
}

/// A server that is running until this is dropped.
#[derive(Debug)]
pub struct Faulty {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Faulty {
    /// On a free port.
    pub fn start(fault: Fault) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        thread::spawn(move || {
            // Swallowed connections are kept open.
            let mut kept = Vec::new();
            for client in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                kept.extend(client.and_then(|client| serve(fault, client)).ok().flatten());
            }
        });
        Ok(Self { address, stop })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener up.
        let _ = TcpStream::connect(self.address);
    }
}

/// A port that refuses connections.
pub fn refusing() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port::free()).into()
}

fn serve(fault: Fault, mut client: TcpStream) -> std::io::Result<Option<TcpStream>> {
    client.set_read_timeout(Some(Duration::from_secs(5)))?;
    match fault {
        Fault::Swallow => return Ok(Some(client)),
        Fault::Reset => {
            // Closed with unread data in its buffer, a socket sends a reset.
            client.peek(&mut [0])?;
        }
        Fault::CloseSilently => {
            read_request(&mut client)?;
            client.shutdown(Shutdown::Both)?;
        }
        Fault::Http => {
            read_request(&mut client)?;
            client
                .write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
            client.shutdown(Shutdown::Both)?;
        }
    }
    Ok(None)
}

/// Whatever comes in one piece; a rest would make the close a reset.
fn read_request(client: &mut TcpStream) -> std::io::Result<()> {
    client.read(&mut [0; 4096]).map(|_| ())
}
