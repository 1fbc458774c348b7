//! Closing files and ending sessions, against the double.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::time::Duration;

use netsession::blocking::Client;
use netsession::{
    CheckedFile, CheckedSession, CloseFile, CloseSession, Closed, Credentials, ErrorKind, Files, OpenFile,
    Password, Session,
};
use netsession_testserver::scenario::{Access, Fault, FaultKind, Step, shipped};
use netsession_testserver::{FileInfo, Scenario, Server, ServerHandle, SessionInfo};

fn connect(scenario: Scenario) -> (Client, ServerHandle) {
    let (address, handle) = Server::start(scenario).unwrap();
    let who = Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("Passw0rd!"));
    let client = Client::builder(address.to_string()).credentials(who).timeout(Duration::from_secs(20));
    (client.connect().unwrap(), handle)
}

fn file(client: &Client, id: u32) -> OpenFile {
    let files = client.ask(&Files::new()).unwrap();
    files.into_iter().find(|file| file.id() == id).unwrap()
}

fn session(client: &Client, user: &str) -> Session {
    client.sessions().user(user).list().unwrap().into_iter().next().unwrap()
}

#[test]
fn file_is_closed_once_and_then_already_gone() {
    for name in ["windows", "samba"] {
        let (client, handle) = connect(shipped(name).unwrap());
        let request = CloseFile::new(&file(&client, 16));
        let before = client.ask(&Files::new()).unwrap();
        assert_eq!((request.check(&before), request.is_in(&before)), (CheckedFile::Listed, true), "{name}");
        assert_eq!(client.ask(&request).unwrap(), Closed::Closed, "{name}");
        let after = client.ask(&Files::new()).unwrap();
        assert_eq!((request.check(&after), request.is_in(&after)), (CheckedFile::NotListed, false), "{name}");
        assert!(handle.host().files().snapshot().iter().all(|file| file.id != 16), "{name}");
        assert_eq!(client.ask(&request).unwrap(), Closed::AlreadyGone, "{name}");
    }
}

#[test]
fn id_of_another_file_by_now_is_not_closed() {
    let (client, handle) = connect(shipped("windows").unwrap());
    let request = CloseFile::new(&file(&client, 16));
    let mut files = handle.host().files().snapshot().to_vec();
    files[0].path = Some(r"D:\another".into());
    handle.host().files().replace(files);
    let error = client.ask(&request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    let text = error.to_string();
    assert!(
        text.contains(r"closing of a file: file 16 is now D:\another of alice, not D:\projects"),
        "{text}"
    );
    let listing = client.ask(&Files::new()).unwrap();
    assert_eq!((request.check(&listing), request.is_in(&listing)), (CheckedFile::OtherFile, false));
    assert_eq!(handle.host().files().snapshot().len(), 4);
}

/// Level 2 has ids alone: another file of the same id would look the same.
#[test]
fn id_without_a_path_is_not_closed() {
    let mut scenario = shipped("windows").unwrap();
    scenario.files.levels = vec![2];
    let (client, handle) = connect(scenario);
    let file = file(&client, 16);
    assert_eq!(file.path(), None);
    let request = CloseFile::new(&file);
    assert_eq!(request.check(&client.ask(&Files::new()).unwrap()), CheckedFile::NoPath);
    let error = client.ask(&request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("does not say what would be closed"), "{error}");
    assert_eq!((handle.host().files().snapshot().len(), handle.host().traffic().changes()), (4, 0));
}

#[test]
fn id_of_several_files_is_not_closed() {
    let (client, handle) = connect(shipped("windows").unwrap());
    let request = CloseFile::new(&file(&client, 16));
    for place in [0, 4] {
        let mut files = shipped_files(&handle);
        let other = FileInfo { path: Some(r"D:\another".into()), ..files[0].clone() };
        files.insert(place, other);
        handle.host().files().replace(files);
        let error = client.ask(&request).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{place}");
        assert!(error.to_string().contains("several files with the id 16"), "{error}");
        let listing = client.ask(&Files::new()).unwrap();
        assert_eq!((request.check(&listing), request.is_in(&listing)), (CheckedFile::SeveralFiles, true));
        let mut files = shipped_files(&handle);
        files.remove(place);
        handle.host().files().replace(files);
    }
    assert_eq!(handle.host().traffic().changes(), 0);
}

fn shipped_files(handle: &ServerHandle) -> Vec<FileInfo> {
    handle.host().files().snapshot().to_vec()
}

#[test]
fn answer_that_does_not_come_is_an_unknown_outcome() {
    // The first enumeration shows the file, the second one is right before the close.
    for kind in [FaultKind::Close, FaultKind::Garbage("x".into()), FaultKind::FlipBit(800)] {
        let fault = Fault { skip: 2, ..Fault::new(Step::Enumerate, kind.clone()) };
        let (client, handle) = connect(shipped("windows").unwrap().with_fault(fault));
        let files = client.ask(&Files::new().without_shares().without_clients()).unwrap();
        let error = client.ask(&CloseFile::new(&files.files()[0])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownOutcome, "{kind:?}: {error}");
        assert!(!error.is_retryable(), "{kind:?}");
        let text = error.to_string();
        assert!(text.ends_with("it is not known whether the server has carried it out"), "{text}");
        // Sent once, and never again.
        assert_eq!(handle.host().files().snapshot().len(), 3, "{kind:?}");
    }
}

#[test]
fn connection_that_fails_before_the_request_is_no_unknown_outcome() {
    let fault = Fault { skip: 1, ..Fault::new(Step::Enumerate, FaultKind::Close) };
    let (client, handle) = connect(shipped("windows").unwrap().with_fault(fault));
    let files = client.ask(&Files::new().without_shares().without_clients()).unwrap();
    let error = client.ask(&CloseFile::new(&files.files()[0])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert_eq!(handle.host().files().snapshot().len(), 4);
}

#[test]
fn session_ends_with_its_files() {
    let (client, handle) = connect(shipped("windows").unwrap());
    let request = CloseSession::new(&session(&client, "carol")).unwrap();
    assert_eq!(client.ask(&request.check()).unwrap(), CheckedSession::Listed);
    assert_eq!(client.ask(&request).unwrap(), Closed::Closed);
    assert_eq!(client.ask(&request.check()).unwrap(), CheckedSession::NotListed);
    assert!(handle.host().files().snapshot().iter().all(|file| file.user.as_deref() != Some("carol")));
    assert_eq!(client.ask(&request).unwrap(), Closed::AlreadyGone);
}

#[test]
fn refused_session_is_an_error_while_it_is_there() {
    let (client, handle) = connect(shipped("samba").unwrap());
    let request = CloseSession::new(&session(&client, "alice")).unwrap();
    let error = client.ask(&request).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::AccessDenied, Some(5)));
    assert_eq!(handle.host().sessions().snapshot().len(), 3);
}

#[test]
fn own_session_and_sessions_without_names_are_not_ended() {
    let mut scenario = shipped("samba").unwrap();
    scenario.session_del.access = Access::Administrators;
    let (client, _handle) = connect(scenario);
    let request = CloseSession::new(&session(&client, "admin")).unwrap();
    let error = client.ask(&request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(client.ask(&request.check()).unwrap(), CheckedSession::MaybeOwn);
    let (client, _handle) = connect(shipped("windows").unwrap());
    let nameless =
        client.sessions().list().unwrap().into_iter().find(|session| session.user() == Some("")).unwrap();
    assert_eq!(CloseSession::new(&nameless).unwrap_err().kind(), ErrorKind::InvalidRequest);
}

/// A server with `hostname lookups`, or one that shows the names that clients give themselves.
#[test]
fn own_account_from_a_computer_that_is_listed_by_name_is_not_ended() {
    let (client, handle) = connect(shipped("windows").unwrap());
    let sessions = [("WS-01", "admin"), ("WS-02", "alice")].map(|(client, user)| SessionInfo {
        client: client.into(),
        user: Some(user.into()),
        ..SessionInfo::default()
    });
    handle.host().sessions().replace(sessions.to_vec());
    let error = client.ask(&CloseSession::new(&session(&client, "admin")).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("or cannot be told from it"), "{error}");
    assert_eq!(handle.host().traffic().changes(), 0);
    let alice = CloseSession::new(&session(&client, "alice")).unwrap();
    assert_eq!(client.ask(&alice).unwrap(), Closed::Closed);
}
