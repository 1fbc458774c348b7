//! Servers that are asked again and again, over connections that are kept.
#![cfg(feature = "tokio")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::{Duration, Instant};

use netsession::logon_guard::LogonGuard;
use netsession::{
    Change, Client, ClientBuilder, Credentials, ErrorKind, Files, KeptClient, Password, Refresh, Refreshes,
    Sessions, Time, Watch, WatchEvent, WatchedServer,
};
use netsession_proto::srvs::{FileInfo, SessionInfo};
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};
use netsession_testserver::{Scenario, Server, ServerHandle};

const TIMEOUT: Duration = Duration::from_secs(20);
/// Half of it goes to a stall, and what is asked after that has the other half.
const LONG_STALL: Duration = Duration::from_secs(12);

fn start(scenario: Scenario) -> (String, ServerHandle) {
    let (address, handle) = Server::start(scenario).unwrap();
    (address.to_string(), handle)
}

fn builder(server: &str, password: &str) -> ClientBuilder {
    let who = Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new(password));
    Client::builder(server).credentials(who).timeout(TIMEOUT).logon_guard(&LogonGuard::long_running())
}

fn watch() -> Watch {
    Watch::new().interval(Duration::from_millis(100))
}

async fn next(refreshes: &mut Refreshes) -> Refresh {
    tokio::time::timeout(TIMEOUT, refreshes.next()).await.unwrap().unwrap()
}

/// Refreshes until something changes.
async fn changes(refreshes: &mut Refreshes, server: &mut WatchedServer) -> Vec<Change> {
    loop {
        let changes = server.apply(next(refreshes).await);
        if !changes.is_empty() {
            return changes;
        }
    }
}

fn session(user: &str) -> SessionInfo {
    SessionInfo {
        client: r"\\10.9.9.9".to_owned(),
        user: Some(user.to_owned()),
        time: Some(0),
        idle_time: Some(0),
        ..SessionInfo::default()
    }
}

#[tokio::test]
async fn later_question_is_one_round_trip_without_a_log_on() {
    let (server, handle) = start(shipped("windows").unwrap());
    let mut client = KeptClient::new(builder(&server, "Passw0rd!"));
    assert!(!client.is_connected());
    client.ask(&Sessions::new(), TIMEOUT).await.unwrap();
    let traffic = handle.host().traffic();
    let first = traffic.frames();
    for question in 1..=5 {
        client.ask(&Sessions::new(), TIMEOUT).await.unwrap();
        assert_eq!(traffic.frames(), first + question);
    }
    assert_eq!((traffic.connections(), traffic.log_ons()), (1, 1));
    client.close();
    client.ask(&Time, TIMEOUT).await.unwrap();
    assert_eq!((traffic.connections(), traffic.log_ons()), (2, 2));
}

/// The level that `auto` came down to is asked for at once from the second refresh on.
#[tokio::test]
async fn level_is_remembered() {
    let (server, handle) = start(shipped("samba").unwrap());
    let mut client = KeptClient::new(builder(&server, "Passw0rd!"));
    client.ask(&Sessions::new(), TIMEOUT).await.unwrap();
    let first = handle.host().traffic().frames();
    client.ask(&Sessions::new(), TIMEOUT).await.unwrap();
    assert_eq!(handle.host().traffic().frames(), first + 1);
}

/// Each of these ends the connection, the session or the pipe after some calls; the question is put again.
#[tokio::test]
async fn connection_that_is_gone_is_made_again_within_the_question() {
    for kind in [
        FaultKind::Close,
        FaultKind::Reset,
        FaultKind::Status(0xC000_0203), // STATUS_USER_SESSION_DELETED
        FaultKind::Status(0xC000_00C9), // STATUS_NETWORK_NAME_DELETED
        FaultKind::Status(0xC000_00B0), // STATUS_PIPE_DISCONNECTED
        FaultKind::Status(0xC000_035C), // STATUS_NETWORK_SESSION_EXPIRED
    ] {
        let fault = Fault::new(Step::Enumerate, kind.clone()).after(2);
        let (server, handle) = start(shipped("windows").unwrap().with_fault(fault));
        let mut client = KeptClient::new(builder(&server, "Passw0rd!"));
        for question in 1..=5_u64 {
            client.ask(&Time, TIMEOUT).await.unwrap_or_else(|error| panic!("{kind:?} {question}: {error}"));
        }
        assert_eq!(handle.host().traffic().connections(), 3, "{kind:?}");
    }
}

/// A firewall on the way has forgotten the connection.
#[tokio::test]
async fn silent_connection_is_given_up_in_time_for_another() {
    let fault = Fault::new(Step::Enumerate, FaultKind::Stall).after(1);
    let (server, handle) = start(shipped("windows").unwrap().with_fault(fault));
    let mut client = KeptClient::new(builder(&server, "Passw0rd!"));
    client.ask(&Time, LONG_STALL).await.unwrap();
    client.ask(&Time, LONG_STALL).await.unwrap();
    assert_eq!(handle.host().traffic().connections(), 2);
}

/// The connection to the other server is kept, so that it sees no log-on by itself.
#[tokio::test]
async fn server_that_cuts_log_ons_off_is_asked_again_once_another_has_proved_the_password() {
    const LOG_ONS: u64 = 3;
    let guard = LogonGuard::long_running();
    let client = |server: &str| KeptClient::new(builder(server, "Passw0rd!").logon_guard(&guard));
    let (well, handle) = start(shipped("windows").unwrap());
    let cuts = shipped("windows").unwrap().with_fault(Fault::new(Step::LogOn, FaultKind::Close));
    let (cuts, _handle) = start(cuts);
    let (mut well, mut cuts) = (client(&well), client(&cuts));
    well.ask(&Time, TIMEOUT).await.unwrap();
    let (begun, mut closed) = (Instant::now(), 0);
    while closed < LOG_ONS {
        let error = cuts.ask(&Time, TIMEOUT).await.unwrap_err();
        match error.kind() {
            ErrorKind::Closed => closed += 1,
            kind => assert_eq!(kind, ErrorKind::LogOnUnanswered),
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{closed} log-ons, then: {error}");
        well.ask(&Time, TIMEOUT).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The first one, and one more before each log-on that follows one without an answer.
    assert_eq!(handle.host().traffic().log_ons(), LOG_ONS);
}

#[tokio::test]
async fn refusal_of_a_question_leaves_the_connection() {
    let (server, handle) = start(shipped("windows").unwrap());
    let who = Credentials::ntlm(r"LAB\alice".parse().unwrap(), Password::new("Wonderland1"));
    let mut client = KeptClient::new(Client::builder(server.as_str()).credentials(who));
    for _ in 0..3 {
        let error = client.ask(&Files::new(), TIMEOUT).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessDenied);
    }
    assert_eq!(handle.host().traffic().connections(), 1);
}

#[tokio::test]
async fn people_come_and_go() {
    let (server, handle) = start(shipped("windows").unwrap().without_own_session());
    let mut refreshes = watch().start([builder(&server, "Passw0rd!")]);
    let mut known = WatchedServer::new(None);
    assert!(known.apply(next(&mut refreshes).await).is_empty());
    let before = known.sessions().len();
    handle.host().sessions().add(session("zoe"));
    let changed = changes(&mut refreshes, &mut known).await;
    let [Change { event: WatchEvent::Connected(connected), .. }] = &changed[..] else {
        panic!("{changed:?}")
    };
    assert_eq!(connected.session.user(), Some("zoe"));
    assert_eq!(known.sessions().len(), before + 1);
    handle.host().sessions().remove(|session| session.user.as_deref() == Some("zoe"));
    let changed = changes(&mut refreshes, &mut known).await;
    let [Change { event: WatchEvent::Disconnected { session, ended }, .. }] = &changed[..] else {
        panic!("{changed:?}")
    };
    assert_eq!((session.id, ended.is_exact), (connected.id, true));
    assert_eq!(handle.host().traffic().log_ons(), 1);
}

#[tokio::test]
async fn files_come_with_the_paths_for_users() {
    let (server, handle) = start(shipped("windows").unwrap().without_own_session());
    let mut refreshes = watch_files(&server, TIMEOUT);
    let mut known = WatchedServer::new(None);
    assert!(known.apply(next(&mut refreshes).await).is_empty());
    assert!(known.files().unwrap().iter().any(|file| file.file.unc().is_some()));
    let file = FileInfo {
        id: 4_711,
        permissions: Some(1),
        locks: Some(0),
        path: Some(r"C:\new.txt".to_owned()),
        user: Some("alice".to_owned()),
    };
    handle.host().files().add(file);
    let changed = known.apply(refresh_again(&mut refreshes, &handle).await.0);
    let [Change { event: WatchEvent::Opened(opened), .. }] = &changed[..] else { panic!("{changed:?}") };
    assert_eq!((opened.file.id(), opened.file.path()), (4_711, Some(r"C:\new.txt")));
    handle.host().files().remove(|file| file.id == 4_711);
    let changed = known.apply(refresh_again(&mut refreshes, &handle).await.0);
    assert!(matches!(&changed[..], [Change { event: WatchEvent::Closed { .. }, .. }]), "{changed:?}");
    // Sessions, files, and no more: the shares are asked for once a minute.
    for _ in 0..2 {
        let (_, _, frames) = refresh_again(&mut refreshes, &handle).await;
        assert_eq!(frames, 2);
    }
}

#[tokio::test]
async fn server_that_goes_and_comes_back() {
    let (server, handle) = start(shipped("windows").unwrap());
    let address = server.parse().unwrap();
    let mut refreshes = watch().start([builder(&server, "Passw0rd!")]);
    let mut known = WatchedServer::new(None);
    known.apply(next(&mut refreshes).await);
    drop(handle);
    let changed = changes(&mut refreshes, &mut known).await;
    assert!(matches!(&changed[..], [Change { event: WatchEvent::Unreachable(_), .. }]), "{changed:?}");
    let scenario = shipped("windows").unwrap();
    let (_, handle) = Server::start_on(scenario, &[address]).unwrap();
    handle.host().sessions().remove(|session| session.user.as_deref() == Some("alice"));
    refreshes.control().refresh_now();
    let changed = changes(&mut refreshes, &mut known).await;
    assert!(changed.iter().any(|change| matches!(change.event, WatchEvent::Reachable)), "{changed:?}");
    let gone = changed.iter().find_map(|change| match &change.event {
        WatchEvent::Disconnected { session, ended } => Some((session.session.user(), ended.is_exact)),
        _ => None,
    });
    assert_eq!(gone, Some((Some("alice"), false)));
}

/// A wrong password reaches one server of ten once, and then none is asked any more.
#[tokio::test]
async fn refused_account_stops_all_of_its_servers() {
    let (servers, handles): (Vec<String>, Vec<ServerHandle>) =
        (0..10).map(|_| start(shipped("windows").unwrap())).unzip();
    let who = Credentials::ntlm(r"LAB\admin".parse().unwrap(), Password::new("wrong"));
    // A quarter of the timeout is how long the guard waits for the first answer before it lets a second log-on go.
    let timeout = TIMEOUT * 30;
    let builder =
        |server: &String| Client::builder(server.as_str()).credentials(who.clone()).timeout(timeout);
    let builders = servers.iter().map(builder);
    let mut refreshes = watch().start(builders);
    let mut kinds = Vec::new();
    while let Some(refresh) = tokio::time::timeout(TIMEOUT, refreshes.next()).await.unwrap() {
        assert!(refresh.is_last);
        kinds.push(refresh.result.unwrap_err().kind());
    }
    let refused = kinds.iter().filter(|kind| **kind == ErrorKind::LogOnRefused).count();
    assert_eq!((kinds.len(), refused), (10, 1), "{kinds:?}");
    assert_eq!(handles.iter().map(|handle| handle.host().traffic().log_ons()).sum::<u64>(), 0);
}

#[tokio::test]
async fn paused_watch_refreshes_only_when_asked() {
    let (server, handle) = start(shipped("windows").unwrap());
    let mut refreshes =
        Watch::new().interval(Duration::from_secs(3_600)).start([builder(&server, "Passw0rd!")]);
    next(&mut refreshes).await;
    let control = refreshes.control();
    control.refresh_now();
    next(&mut refreshes).await;
    control.pause(true);
    control.set_interval(Duration::from_millis(100));
    assert_eq!(control.interval(), Duration::from_millis(100));
    control.refresh_now();
    next(&mut refreshes).await;
    let frames = handle.host().traffic().frames();
    control.pause(false);
    next(&mut refreshes).await;
    next(&mut refreshes).await;
    assert!(handle.host().traffic().frames() >= frames + 2);
}

#[tokio::test]
async fn files_are_listed_from_when_they_are_wanted() {
    let (server, _handle) = start(shipped("windows").unwrap());
    let mut refreshes = watch().start([builder(&server, "Passw0rd!")]);
    assert!(next(&mut refreshes).await.result.unwrap().files.is_none());
    refreshes.control().set_files(true);
    while next(&mut refreshes).await.result.unwrap().files.is_none() {}
    refreshes.control().set_files(false);
    while next(&mut refreshes).await.result.unwrap().files.is_some() {}
}

/// Refreshes again, and what that took of the server: round trips and frames.
async fn refresh_again(refreshes: &mut Refreshes, handle: &ServerHandle) -> (Refresh, u64, u64) {
    let traffic = handle.host().traffic();
    let before = (traffic.round_trips(), traffic.frames());
    refreshes.control().refresh_now();
    let refresh = next(refreshes).await;
    (refresh, traffic.round_trips() - before.0, traffic.frames() - before.1)
}

/// Only when asked to, so that round trips can be counted.
fn watch_files(server: &str, timeout: Duration) -> Refreshes {
    let builder = builder(server, "Passw0rd!").timeout(timeout);
    Watch::new().interval(Duration::from_secs(3_600)).files(true).start([builder])
}

/// A server that answers late, so that all that a client sends at once has come by then.
fn late(milliseconds: u64) -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    scenario.delay_ms = milliseconds;
    scenario
}

/// Everything that the scenario has, and the own session.
fn assert_whole(refresh: Refresh) {
    let snapshot = refresh.result.unwrap();
    assert_eq!((snapshot.sessions.len(), snapshot.files.unwrap().unwrap().len()), (5, 4));
}

#[tokio::test]
async fn sessions_and_files_take_one_round_trip() {
    let (server, handle) = start(late(20));
    let mut refreshes = watch_files(&server, TIMEOUT);
    assert_whole(next(&mut refreshes).await);
    // Four for the handshake, then the second pipe, both questions, and the shares: as many as over one pipe.
    assert_eq!(handle.host().traffic().round_trips(), 7);
    for _ in 0..5 {
        let (refresh, round_trips, frames) = refresh_again(&mut refreshes, &handle).await;
        assert_whole(refresh);
        assert_eq!((round_trips, frames), (1, 2));
    }
    // Without files it is the sessions alone, and with them again both.
    refreshes.control().set_files(false);
    let (refresh, round_trips, frames) = refresh_again(&mut refreshes, &handle).await;
    assert!(refresh.result.unwrap().files.is_none());
    assert_eq!((round_trips, frames), (1, 1));
    refreshes.control().set_files(true);
    let (refresh, round_trips, frames) = refresh_again(&mut refreshes, &handle).await;
    assert_whole(refresh);
    assert_eq!((round_trips, frames), (1, 2));
    assert_eq!(handle.host().traffic().connections(), 1);
}

/// The refusal is remembered for the connection: one after the other, and nothing is tried again.
#[tokio::test]
async fn server_that_refuses_a_second_pipe_is_asked_one_after_the_other() {
    for (step, kind) in [
        (Step::Create, FaultKind::Status(0xC000_0022)), // STATUS_ACCESS_DENIED
        (Step::Create, FaultKind::Status(0xC000_00AC)), // STATUS_PIPE_NOT_AVAILABLE
        (Step::Create, FaultKind::Status(0xC000_0205)), // STATUS_INSUFF_SERVER_RESOURCES
        (Step::Bind, FaultKind::Status(0xC000_000D)),   // STATUS_INVALID_PARAMETER
        (Step::Bind, FaultKind::BindNak),
        (Step::Bind, FaultKind::BindRejection),
        (Step::Bind, FaultKind::RpcFault(5)),
    ] {
        let (server, handle) = start(late(5).with_fault(Fault::new(step, kind.clone()).after(1)));
        let mut refreshes = watch_files(&server, TIMEOUT);
        assert_whole(next(&mut refreshes).await);
        assert_whole(refresh_again(&mut refreshes, &handle).await.0);
        for _ in 0..2 {
            let (refresh, round_trips, frames) = refresh_again(&mut refreshes, &handle).await;
            assert_whole(refresh);
            assert_eq!((round_trips, frames), (2, 2), "{step:?} {kind:?}");
        }
        assert_eq!(handle.host().traffic().connections(), 1, "{step:?} {kind:?}");
    }
}

/// impacket's server refuses the compound, and serves one pipe at a time: a second one would block it.
#[tokio::test]
async fn server_that_refuses_compounds_is_not_asked_for_a_second_pipe() {
    let refused = Fault::new(Step::Create, FaultKind::Status(0x0005_0002)).in_compounds();
    let blocks = Fault::new(Step::Bind, FaultKind::Stall).after(2);
    let (server, handle) = start(late(5).with_fault(refused).with_fault(blocks));
    let mut refreshes = watch_files(&server, TIMEOUT);
    assert_whole(next(&mut refreshes).await);
    for _ in 0..3 {
        let (refresh, round_trips, frames) = refresh_again(&mut refreshes, &handle).await;
        assert_whole(refresh);
        assert_eq!((round_trips, frames), (2, 2));
    }
    assert_eq!(handle.host().traffic().connections(), 1);
}

/// The refresh succeeds over a new connection, with one pipe, and no other one is made for the sake of a second pipe.
#[tokio::test]
async fn second_pipe_that_ends_the_connection_is_not_tried_again() {
    for (kind, timeout) in [
        (FaultKind::Close, TIMEOUT),
        (FaultKind::Reset, TIMEOUT),
        (FaultKind::Stall, LONG_STALL),
        // As ksmbd answers compounds.
        (FaultKind::Unprotected, TIMEOUT),
        (FaultKind::NextCommandPastEnd, TIMEOUT),
        (FaultKind::WrongMessageId, TIMEOUT),
    ] {
        for step in [Step::Create, Step::Bind] {
            let scenario = shipped("windows").unwrap().with_fault(Fault::new(step, kind.clone()).after(1));
            let (server, handle) = start(scenario);
            let mut refreshes = watch_files(&server, timeout);
            assert_whole(next(&mut refreshes).await);
            for _ in 0..4 {
                assert_whole(refresh_again(&mut refreshes, &handle).await.0);
            }
            let traffic = handle.host().traffic();
            assert_eq!((traffic.connections(), traffic.log_ons()), (2, 2), "{step:?} {kind:?}");
        }
    }
}

/// Each of these ends the connection, the session or the pipe in the middle of both questions, on one of the pipes: both are
/// put again over a new connection.
#[tokio::test]
async fn connection_that_is_gone_is_made_again_within_both_questions() {
    for kind in [
        FaultKind::Close,
        FaultKind::Reset,
        FaultKind::Status(0xC000_0203), // STATUS_USER_SESSION_DELETED
        FaultKind::Status(0xC000_00B0), // STATUS_PIPE_DISCONNECTED
        FaultKind::Status(0xC000_035C), // STATUS_NETWORK_SESSION_EXPIRED
    ] {
        // Sessions, files and shares; then sessions and files, and once more.
        for call in [5, 6] {
            let fault = Fault::new(Step::Enumerate, kind.clone()).after(call);
            let (server, handle) = start(shipped("windows").unwrap().with_fault(fault));
            let mut refreshes = watch_files(&server, TIMEOUT);
            assert_whole(next(&mut refreshes).await);
            for _ in 0..3 {
                assert_whole(refresh_again(&mut refreshes, &handle).await.0);
            }
            assert_eq!(handle.host().traffic().connections(), 2, "{kind:?} {call}");
        }
    }
}

/// Who may list sessions and no files is told so in each refresh, over one connection.
#[tokio::test]
async fn refused_files_are_no_failure_of_the_refresh() {
    let (server, handle) = start(late(5));
    let who = Credentials::ntlm(r"LAB\alice".parse().unwrap(), Password::new("Wonderland1"));
    let builder = Client::builder(server.as_str()).credentials(who).timeout(TIMEOUT);
    let mut refreshes = Watch::new().interval(Duration::from_secs(3_600)).files(true).start([builder]);
    let files_of = |refresh: Refresh| refresh.result.unwrap().files.unwrap().unwrap_err().kind();
    assert_eq!(files_of(next(&mut refreshes).await), ErrorKind::AccessDenied);
    refresh_again(&mut refreshes, &handle).await;
    let (refresh, round_trips, _) = refresh_again(&mut refreshes, &handle).await;
    assert_eq!((files_of(refresh), round_trips), (ErrorKind::AccessDenied, 1));
    assert_eq!(handle.host().traffic().connections(), 1);
}
