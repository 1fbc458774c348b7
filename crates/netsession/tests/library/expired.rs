//! A client that is held beyond the end of its ticket.
#![cfg(feature = "tokio")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use netsession::{Client, Credentials, ErrorKind, Password, Time, blocking};
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};
use netsession_testserver::{Server, ServerHandle};

/// STATUS_NETWORK_SESSION_EXPIRED
const EXPIRED: u32 = 0xC000_035C;

/// A server, and a relay in front of it that counts connections.
struct Counted {
    address: String,
    connections: Arc<AtomicUsize>,
    _server: ServerHandle,
}

impl Counted {
    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// On each connection the session expires after this many calls.
fn server(calls: u32) -> Counted {
    let fault = Fault::new(Step::Enumerate, FaultKind::Status(EXPIRED)).after(calls);
    let (server, handle) = Server::start(shipped("samba").unwrap().with_fault(fault)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let connections = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&connections);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            count.fetch_add(1, Ordering::SeqCst);
            let server = TcpStream::connect(server).unwrap();
            for (from, to) in [(&client, &server), (&server, &client)] {
                let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                thread::spawn(move || {
                    let _ = io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
    Counted { address, connections, _server: handle }
}

fn admin() -> Credentials {
    Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!"))
}

#[test]
fn session_is_opened_again() {
    let server = server(1);
    let client = blocking::Client::builder(&server.address).credentials(admin()).connect().unwrap();
    for call in 1..=3 {
        client.ask(&Time).unwrap();
        assert_eq!(server.connections(), call, "one new connection for each session that has expired");
    }
}

#[tokio::test]
async fn session_is_opened_again_by_the_async_client() {
    let server = server(1);
    let client = Client::builder(&server.address).credentials(admin()).connect().await.unwrap();
    for call in 1..=3 {
        client.ask(&Time).await.unwrap();
        assert_eq!(server.connections(), call);
    }
}

#[test]
fn session_is_opened_again_once() {
    let server = server(0);
    let client = blocking::Client::builder(&server.address).credentials(admin()).connect().unwrap();
    let error = client.ask(&Time).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Status, Some(EXPIRED)));
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn session_is_opened_again_once_by_the_async_client() {
    let server = server(0);
    let client = Client::builder(&server.address).credentials(admin()).connect().await.unwrap();
    let error = client.ask(&Time).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Status, Some(EXPIRED)));
    assert_eq!(server.connections(), 2);
}
