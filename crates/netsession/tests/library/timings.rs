//! How long each phase took, from both clients, and from errors.
#![cfg(feature = "tokio")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::net::{TcpListener, TcpStream};

use netsession::logon_guard::LogonGuard;
use netsession::{Credentials, ErrorKind, Fleet, Level, Password, Sessions, Timings, blocking};
use netsession_testserver::{Server, ServerHandle, scenario};

fn server() -> (String, ServerHandle) {
    let (address, handle) = Server::start(scenario::shipped("windows").unwrap()).unwrap();
    (address.to_string(), handle)
}

/// A port without a listener, and both ends of a connection that was made to it: while they are held, the system gives the
/// port to no server of a test beside this one.
fn closed_port() -> (String, [TcpStream; 2]) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let ends = [TcpStream::connect(address).unwrap(), listener.accept().unwrap().0];
    (address.to_string(), ends)
}

/// The phases that were reached.
fn reached(timings: Timings) -> Vec<&'static str> {
    timings.phases().filter_map(|(name, took)| took.map(|_| name)).collect()
}

const CONNECTED: [&str; 5] = ["resolve", "connect", "negotiate", "authenticate", "bind"];
const ALL: [&str; 6] = ["resolve", "connect", "negotiate", "authenticate", "bind", "enumerate"];

#[tokio::test]
async fn of_both_clients() {
    let (server, _handle) = server();
    let who = Credentials::ntlm(r"LAB\alice".parse().unwrap(), Password::new("Wonderland1"));
    let client = netsession::Client::builder(&server).credentials(who.clone()).connect().await.unwrap();
    assert_eq!(reached(client.timings()), CONNECTED);
    client.sessions().list().await.unwrap();
    assert_eq!(reached(client.timings()), ALL);
    let refused = client.sessions().level(Level::L502).list().await.unwrap_err();
    assert_eq!((refused.kind(), reached(refused.timings())), (ErrorKind::AccessDenied, ALL.to_vec()));

    let client = blocking::Client::builder(&server).credentials(who).connect().unwrap();
    assert_eq!(reached(client.timings()), CONNECTED);
    client.sessions().list().unwrap();
    assert_eq!(reached(client.timings()), ALL);
}

#[tokio::test]
async fn of_each_server_of_a_fleet() {
    let (server, _handle) = server();
    let who = Credentials::ntlm(r"LAB\alice".parse().unwrap(), Password::new("Wonderland1"));
    let (closed_port, _held) = closed_port();
    let builders = [&*server, &closed_port, "fs1:no-port"]
        .map(|server| netsession::Client::builder(server).credentials(who.clone()));
    let mut answers = Fleet::new().ask(Sessions::new(), builders);
    let expected = [&ALL[..], &ALL[..2], &[]];
    let mut answered = 0;
    while let Some(answer) = answers.next().await {
        assert_eq!(reached(answer.timings), expected[answer.index], "{}", answer.server);
        if let Err(error) = answer.result {
            assert_eq!(answer.timings, error.timings());
        }
        answered += 1;
    }
    assert_eq!(answered, expected.len());
}

#[tokio::test]
async fn a_failure_tells_how_far_it_came() {
    let (closed_port, _held) = closed_port();
    let who = Credentials::ntlm(r"LAB\unknown".parse().unwrap(), Password::new("wrong"));
    let (server, _handle) = server();
    let guard = LogonGuard::default();
    for (server, expected) in [(&closed_port, &ALL[..2]), (&server, &ALL[..4])] {
        let builder = netsession::Client::builder(server).credentials(who.clone()).logon_guard(&guard);
        assert_eq!(reached(builder.connect().await.unwrap_err().timings()), expected);
    }
    assert!(guard.is_blocked(&who.account()));
    let builder = blocking::Client::builder(&server).credentials(who.clone());
    let blocked = builder.clone().logon_guard(&guard).connect().unwrap_err();
    assert_eq!((blocked.kind(), reached(blocked.timings())), (ErrorKind::LogOnBlocked, vec![]));
    let of_the_process = builder.connect().unwrap_err();
    assert_eq!(of_the_process.kind(), ErrorKind::LogOnRefused, "another guard knows nothing of it");
    assert_eq!(reached(of_the_process.timings()), ALL[..4]);
    guard.allow_again(&who.account());
    assert!(!guard.is_blocked(&who.account()));
}
