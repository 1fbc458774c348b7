//! The clock of a server, by each way to ask.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use netsession::{Account, Credentials, Password, ServerTime, blocking};
use netsession_testserver::scenario::shipped;
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
    assert_eq!(time.timezone_minutes, Some(90));
    assert!((3_590.0..3_610.0).contains(&time.offset_seconds), "{time:?}");
}

#[test]
fn blocking_client_tells_the_time_and_then_lists() {
    let (server, _handle) = server();
    let client = blocking::Client::builder(server.as_str()).credentials(alice()).connect().unwrap();
    check(&client.time().unwrap());
    assert!(client.sessions().list().is_err(), "alice may not");
    check(&client.time().unwrap());
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn client_and_fleet_tell_the_time() {
    let (server, _handle) = server();
    let builder = || netsession::Client::builder(server.as_str()).credentials(alice());
    check(&builder().connect().await.unwrap().time().await.unwrap());
    let mut answers = netsession::Fleet::new().ask(netsession::Time, [builder(), builder()]);
    for _ in 0..2 {
        check(&answers.next().await.unwrap().result.unwrap());
    }
    assert!(answers.next().await.is_none());
}
