//! The double on real sockets, with the smallest possible driver.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use netsession_proto::auth::Authenticator;
use netsession_proto::auth::ntlm::{NtlmAuthenticator, NtlmEntropy, NtlmIdentity};
use netsession_proto::client::{Cause, Config, Entropy, Handshake, HandshakeEvent, Machine};
use netsession_proto::query::{Asking, AskingEvent, SessionFilter, SessionQuery, WantedLevel};
use netsession_testserver::scenario::{Fault, FaultKind, SHIPPED, Step, shipped};
use netsession_testserver::{Scenario, Server};

/// Carries bytes between a machine and its server until there is an event.
fn next_event<M: Machine>(machine: &mut M, stream: &mut TcpStream) -> M::Event {
    let mut buffer = [0; 4096];
    loop {
        if let Some(event) = machine.poll_event() {
            return event;
        }
        while let Some(bytes) = machine.poll_transmit() {
            // A failed write shows as a closed connection below.
            let _ = stream.write_all(&bytes);
        }
        match stream.read(&mut buffer) {
            Ok(0) => machine.handle_close(Instant::now()),
            Ok(length) => machine.handle_input(&buffer[..length], Instant::now()),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                machine.handle_timeout(Instant::now());
            }
            Err(_) => machine.handle_close(Instant::now()),
        }
    }
}

fn handshake(deadline: Instant) -> Handshake {
    let entropy = Entropy { client_guid: [1; 16], preauth_salt: [2; 32] };
    Handshake::new(Config::new("fs1", deadline), &entropy, Instant::now())
}

/// The number of sessions that the server lists.
fn list(address: SocketAddr) -> Result<usize, Cause> {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let identity = NtlmIdentity {
        domain: "LAB".to_owned(),
        user: "admin".to_owned(),
        password: "Passw0rd!".to_owned().into(),
        workstation: String::new(),
    };
    let entropy = NtlmEntropy { client_challenge: [7; 8], exported_session_key: [9; 16] };
    let mut authenticator = NtlmAuthenticator::new(identity, "fs1", entropy, 0).unwrap();
    let mut handshake = handshake(deadline);
    let pipe = loop {
        match next_event(&mut handshake, &mut stream) {
            HandshakeEvent::NeedToken { input, stage } => {
                handshake.provide_token(authenticator.step(stage, &input.0));
            }
            HandshakeEvent::Ready(pipe) => break pipe,
            HandshakeEvent::Failed(failure) => return Err(failure.cause),
            HandshakeEvent::Phase(_) | HandshakeEvent::Reconnect(_) => {}
        }
    };
    let query = SessionQuery::new(None, WantedLevel::Auto, SessionFilter::default(), pipe.limits());
    let mut asking = Asking::new(*pipe, query, deadline, Instant::now());
    let mut sessions = 0;
    loop {
        match next_event(&mut asking, &mut stream) {
            AskingEvent::Items(page) => sessions += page.len(),
            AskingEvent::Done(..) => return Ok(sessions),
            AskingEvent::Refused(_, failure) | AskingEvent::Failed(failure) => return Err(failure.cause),
        }
    }
}

fn with_fault(step: Step, kind: FaultKind) -> Scenario {
    shipped("windows").unwrap().with_fault(Fault::new(step, kind))
}

#[test]
fn every_shipped_scenario_is_served() {
    for name in SHIPPED {
        let scenario = shipped(name).unwrap();
        // Where the server lists the session that asks, there is one more.
        let expected = scenario.sessions().len() + usize::from(scenario.session_enum.lists_caller);
        let (address, _server) = Server::start(scenario).unwrap();
        assert_eq!(list(address), Ok(expected), "{name}");
        assert_eq!(list(address), Ok(expected), "{name}, once more");
    }
}

#[test]
fn one_process_serves_many_addresses() {
    let addresses: Vec<SocketAddr> =
        (0..200_u8).map(|number| SocketAddr::from(([127, 7, number, 1], 0))).collect();
    let (bound, _server) = Server::start_on(shipped("samba").unwrap(), &addresses).unwrap();
    assert_eq!(bound.len(), 200);
    for address in bound.iter().step_by(20) {
        assert_eq!(list(*address), Ok(4), "{address}");
    }
}

#[test]
fn server_listens_after_close_and_reset() {
    for (kind, step) in [
        (FaultKind::Close, Step::LogOn),
        (FaultKind::Reset, Step::LogOn),
        (FaultKind::CutOff(100), Step::Enumerate),
    ] {
        let (address, _server) = Server::start(with_fault(step, kind.clone())).unwrap();
        assert_eq!(list(address), Err(Cause::Closed), "{kind:?}");
        assert_eq!(list(address), Err(Cause::Closed), "{kind:?}");
    }
}

#[test]
fn reset_fault_resets_the_connection() {
    let (address, _server) = Server::start(with_fault(Step::Negotiate, FaultKind::Reset)).unwrap();
    let mut handshake = handshake(Instant::now() + Duration::from_secs(9));
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(&handshake.poll_transmit().unwrap()).unwrap();
    let error = stream.read(&mut [0; 16]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn delay_applies_to_each_reply() {
    let mut scenario = shipped("windows").unwrap();
    scenario.delay_ms = 40;
    let (address, _server) = Server::start(scenario).unwrap();
    let start = Instant::now();
    assert_eq!(list(address), Ok(5));
    assert!(start.elapsed() >= Duration::from_millis(5 * 40));
}

#[test]
fn server_ends_when_its_handle_is_dropped() {
    let (address, server) = Server::start(shipped("windows").unwrap()).unwrap();
    drop(server);
    if let Ok(stream) = TcpStream::connect(address) {
        panic!("still there: {stream:?}");
    }
}
