//! What a server says it is, by each way to ask.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use netsession::{Account, Credentials, ErrorKind, Password, ServerInfo, blocking};
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};
use netsession_testserver::{Server, ServerHandle};

/// A server that is reached by an address and has another name.
fn server() -> (String, ServerHandle) {
    let mut scenario = shipped("windows-hardened").unwrap();
    scenario.server.name = "REALLY".into();
    scenario.description = "accounts, 2nd floor".into();
    let (address, handle) = Server::start(scenario).unwrap();
    (address.to_string(), handle)
}

/// A user who may not list sessions.
fn alice() -> Credentials {
    Credentials::ntlm(Account::new("alice").in_domain("LAB"), Password::new("Wonderland1"))
}

fn check(info: &ServerInfo) {
    assert_eq!((info.name.as_str(), info.comment.as_str()), ("REALLY", "accounts, 2nd floor"));
    assert_eq!((info.version, info.type_bits), ((10, 0), 0x9203));
    assert_eq!(info.roles().collect::<Vec<_>>(), ["print_server", "server"]);
}

#[test]
fn blocking_client_gets_the_own_name_of_the_server() {
    let (server, _handle) = server();
    let client = blocking::Client::builder(server.as_str()).credentials(alice()).connect().unwrap();
    check(&client.info().unwrap());
    assert!(client.sessions().list().is_err(), "alice may not");
    check(&client.info().unwrap());
}

#[test]
fn failures_are_told_as_those_of_this_question() {
    for (kind, expected) in
        [(FaultKind::Close, ErrorKind::Closed), (FaultKind::RpcFault(5), ErrorKind::AccessDenied)]
    {
        let scenario = shipped("samba").unwrap().with_fault(Fault::new(Step::Enumerate, kind));
        let (address, _handle) = Server::start(scenario).unwrap();
        let client = blocking::Client::builder(address.to_string()).credentials(alice()).connect().unwrap();
        let error = client.info().unwrap_err();
        assert_eq!(error.kind(), expected);
        assert!(error.to_string().contains(": request for server information"), "{error}");
        if expected == ErrorKind::AccessDenied {
            let advice = error.advice().unwrap();
            assert!(advice.contains("what every account may ask"), "{advice}");
        }
    }
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn client_and_fleet_get_it() {
    let (server, _handle) = server();
    let builder = || netsession::Client::builder(server.as_str()).credentials(alice());
    check(&builder().connect().await.unwrap().info().await.unwrap());
    let mut answers = netsession::Fleet::new().ask(netsession::Info, [builder(), builder()]);
    for _ in 0..2 {
        check(&answers.next().await.unwrap().result.unwrap());
    }
    assert!(answers.next().await.is_none());
}
