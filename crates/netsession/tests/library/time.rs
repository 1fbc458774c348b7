//! The clock of a server, by each way to ask.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use netsession::{
    Account, ClockOffset, Credentials, ErrorKind, Level, Password, ServerMemory, ServerTime, blocking,
};
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};
use netsession_testserver::{Server, ServerHandle};

/// A server whose clock is an hour ahead, in a zone 90 minutes to the east.
fn server() -> (String, ServerHandle) {
    let mut scenario = shipped("samba").unwrap();
    scenario.server.clock_offset_seconds = 3_600;
    scenario.server.timezone_minutes = 90;
    let (address, handle) = Server::start(scenario).unwrap();
    (address.to_string(), handle)
}

/// A user who may not list sessions.
fn alice() -> Credentials {
    Credentials::ntlm(Account::new("alice").in_domain("LAB"), Password::new("Wonderland1"))
}

fn check(time: &ServerTime) {
    assert_eq!(time.timezone.map(ClockOffset::as_minutes), Some(90));
    assert!((3_590.0..3_610.0).contains(&time.offset.as_secs_f64()), "{time:?}");
}

#[test]
fn blocking_client_tells_the_time_and_then_lists() {
    let (server, _handle) = server();
    let client = blocking::Client::builder(server.as_str()).credentials(alice()).connect().unwrap();
    check(&client.time().unwrap());
    assert!(client.sessions().list().is_err(), "alice may not");
    check(&client.time().unwrap());
}

#[test]
fn a_lost_connection_is_told_as_one_of_this_question() {
    let fault = Fault::new(Step::Enumerate, FaultKind::Close);
    let (address, _handle) = Server::start(shipped("samba").unwrap().with_fault(fault)).unwrap();
    let client = blocking::Client::builder(address.to_string()).credentials(alice()).connect().unwrap();
    // The second one meets what the first has left.
    for _ in 0..2 {
        let error = client.time().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
        assert!(error.to_string().contains(": request for the time: "), "{error}");
    }
}

#[test]
fn a_refusal_does_not_forget_the_level_of_sessions() {
    // The first two calls are those of the listing: 502, which it does not have, then 1.
    let fault = Fault::new(Step::Enumerate, FaultKind::RpcFault(5)).after(2);
    let (address, _handle) = Server::start(shipped("nas-level-1").unwrap().with_fault(fault)).unwrap();
    let (server, memory) = (address.to_string(), ServerMemory::default());
    let admin = Credentials::ntlm(Account::new("admin").in_domain("LAB"), Password::new("Passw0rd!"));
    let builder = blocking::Client::builder(server.as_str()).credentials(admin).memory(&memory);
    let client = builder.connect().unwrap();
    client.sessions().list().unwrap();
    assert_eq!(client.time().unwrap_err().kind(), ErrorKind::AccessDenied);
    assert_eq!(memory.level(&server.parse().unwrap()), Level::L1);
    assert_eq!(client.sessions().list().unwrap_err().kind(), ErrorKind::AccessDenied);
    assert_eq!(memory.level(&server.parse().unwrap()), Level::Auto);
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn client_and_fleet_report_the_time() {
    let (server, _handle) = server();
    let builder = || netsession::Client::builder(server.as_str()).credentials(alice());
    check(&builder().connect().await.unwrap().time().await.unwrap());
    let mut answers = netsession::Fleet::new().ask(netsession::Time, [builder(), builder()]);
    for _ in 0..2 {
        check(&answers.next().await.unwrap().result.unwrap());
    }
    assert!(answers.next().await.is_none());
}
