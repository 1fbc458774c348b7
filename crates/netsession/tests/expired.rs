//! A client that is held beyond the end of its ticket.
#![cfg(feature = "tokio")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use netsession::{Client, Credentials, ErrorKind, Password, Time, blocking};
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};
use netsession_testserver::{Server, ServerHandle};

/// STATUS_NETWORK_SESSION_EXPIRED
const EXPIRED: u32 = 0xC000_035C;

/// On each connection the session expires after this many calls.
fn server(calls: u32) -> (String, ServerHandle) {
    let fault = Fault::new(Step::Enumerate, FaultKind::Status(EXPIRED)).after(calls);
    let (address, handle) = Server::start(shipped("samba").unwrap().with_fault(fault)).unwrap();
    (address.to_string(), handle)
}

fn admin() -> Credentials {
    Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!"))
}

#[test]
fn session_is_opened_again() {
    let (server, _handle) = server(1);
    let client = blocking::Client::builder(server).credentials(admin()).connect().unwrap();
    for _ in 0..3 {
        client.ask(&Time).unwrap();
    }
}

#[tokio::test]
async fn session_is_opened_again_by_the_async_client() {
    let (server, _handle) = server(1);
    let client = Client::builder(server).credentials(admin()).connect().await.unwrap();
    for _ in 0..3 {
        client.ask(&Time).await.unwrap();
    }
}

#[test]
fn session_is_opened_again_once() {
    let (server, _handle) = server(0);
    let client = blocking::Client::builder(server).credentials(admin()).connect().unwrap();
    let error = client.ask(&Time).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Status, Some(EXPIRED)));
}
