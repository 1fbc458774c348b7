//! A request that changes something is sent once, whatever becomes of its answer.
#![cfg(feature = "tokio")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::time::{Duration, Instant};

use netsession::{
    Client, CloseFile, CloseSession, Closed, Credentials, Error, ErrorKind, Files, KeptClient, Level,
    OpenFile, Password, Session, Sessions,
};
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};
use netsession_testserver::{Server, ServerHandle};

const TIMEOUT: Duration = Duration::from_secs(30);

/// What may come instead of the answer to a call: faults, statuses of the pipe and the session, ends of the connection.
fn failures() -> Vec<FaultKind> {
    let mut kinds = vec![FaultKind::Close, FaultKind::Reset, FaultKind::CutOff(20)];
    kinds.extend([FaultKind::Garbage("x".into()), FaultKind::FlipBit(800), FaultKind::WrongMessageId]);
    kinds.extend([0x1C00_0002, 0x1C00_001B, 0x1C01_0014, 1723].map(FaultKind::RpcFault));
    // USER_SESSION_DELETED, NETWORK_NAME_DELETED, PIPE_DISCONNECTED, PIPE_BROKEN, PIPE_BUSY, IO_TIMEOUT, CANCELLED,
    // NETWORK_SESSION_EXPIRED
    let statuses = [
        0xC000_0203,
        0xC000_00C9,
        0xC000_00B0,
        0xC000_014B,
        0xC000_00AE,
        0xC000_00B5,
        0xC000_0120,
        0xC000_035C,
    ];
    kinds.extend(statuses.map(FaultKind::Status));
    kinds
}

/// The first call shows what is closed, the second one is right before the request, which is the third.
fn start(kind: &FaultKind, skip: u32) -> (KeptClient, ServerHandle) {
    let fault = Fault { skip, times: Some(1), ..Fault::new(Step::Enumerate, kind.clone()) };
    let (address, handle) = Server::start(shipped("windows").unwrap().with_fault(fault)).unwrap();
    let who = Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!"));
    (KeptClient::new(Client::builder(address.to_string()).credentials(who)), handle)
}

async fn file(client: &mut KeptClient) -> OpenFile {
    let files = client.ask(&Files::new().without_shares().without_clients(), TIMEOUT).await.unwrap();
    files.into_iter().find(|file| file.id() == 16).unwrap()
}

async fn session(client: &mut KeptClient) -> Session {
    let listing = client.ask(&Sessions::new().level(Level::L1).user("carol"), TIMEOUT).await.unwrap();
    listing.into_iter().next().unwrap()
}

/// It was sent once, and what is said about it is true.
fn check(kind: &FaultKind, result: Result<Closed, Error>, handle: &ServerHandle, is_gone: bool) {
    assert_eq!(handle.host().traffic().changes(), 1, "{kind:?}: {result:?}");
    match result {
        Ok(closed) => {
            assert_eq!(closed, Closed::AlreadyGone, "{kind:?}");
            assert!(is_gone, "{kind:?}");
        }
        Err(error) => {
            assert!(!error.is_retryable(), "{kind:?}: {error}");
            let is_unknown = error.kind() == ErrorKind::UnknownOutcome;
            assert!(is_unknown || !is_gone, "{kind:?}: {error}");
        }
    }
}

#[tokio::test]
async fn close_of_a_file_is_sent_once() {
    for kind in failures() {
        let (mut client, handle) = start(&kind, 2);
        let request = CloseFile::new(&file(&mut client).await);
        let result = client.ask(&request, TIMEOUT).await;
        let is_gone = handle.host().files().snapshot().iter().all(|file| file.id != 16);
        check(&kind, result, &handle, is_gone);
    }
}

#[tokio::test]
async fn close_of_a_session_is_sent_once() {
    for kind in failures() {
        let (mut client, handle) = start(&kind, 2);
        let request = CloseSession::new(&session(&mut client).await).unwrap();
        let result = client.ask(&request, TIMEOUT).await;
        let sessions = handle.host().sessions().snapshot();
        let is_gone = sessions.iter().all(|session| session.user.as_deref() != Some("carol"));
        check(&kind, result, &handle, is_gone);
    }
}

/// The connection may have ended while a person was thinking: nothing was sent then.
#[tokio::test]
async fn failure_before_the_request_is_no_obstacle() {
    for kind in [FaultKind::Close, FaultKind::Reset, FaultKind::Status(0xC000_00B0)] {
        // Faults count on each connection: a new one has three calls, which get through.
        let (mut client, handle) = start(&kind, 3);
        file(&mut client).await;
        file(&mut client).await;
        let request = CloseFile::new(&file(&mut client).await);
        assert_eq!(client.ask(&request, TIMEOUT).await.unwrap(), Closed::Closed, "{kind:?}");
        assert_eq!(handle.host().traffic().changes(), 1, "{kind:?}");
    }
}

/// No other connection is tried, so none needs a share of the time.
#[tokio::test]
async fn request_that_is_not_repeated_has_all_the_time_that_is_left() {
    let (mut client, handle) = start(&FaultKind::Stall, 2);
    let file = CloseFile::new(&file(&mut client).await);
    let begun = Instant::now();
    let error = client.ask(&file, Duration::from_secs(6)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownOutcome);
    assert!(begun.elapsed() >= Duration::from_millis(5_900), "{:?}", begun.elapsed());
    assert_eq!(handle.host().traffic().changes(), 1);

    let (mut client, handle) = start(&FaultKind::Stall, 2);
    let session = CloseSession::new(&session(&mut client).await).unwrap();
    let error = client.ask(&session, Duration::from_secs(6)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownOutcome);
    assert_eq!(handle.host().traffic().changes(), 1);
}
