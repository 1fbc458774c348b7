//! Filters: sent to the server, applied again here.

use netsession_proto::client::{Cause, Refusal};
use netsession_proto::erref::Win32Error;
use netsession_proto::query::WantedLevel;
use netsession_proto::rpce::Request;
use netsession_proto::smb2::{Body, Command, IoctlRequest};
use netsession_proto::srvs::{Level, SessionEnumRequest};
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{Encryption, Missing, shipped};

use crate::talk::{Sessions, Transcript, named, talk};

fn by_client(client: &str) -> Sessions {
    Sessions { client: Some(client.to_owned()), ..named(Level::L1) }
}

fn by_user(user: &str) -> Sessions {
    Sessions { user: Some(user.to_owned()), ..named(Level::L1) }
}

/// The windows scenario, with or without filters of its own.
fn server(honours_filters: bool) -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    scenario.smb.encryption = Encryption::Off;
    scenario.session_enum.honours_filters = honours_filters;
    scenario
}

fn users(transcript: &Transcript) -> Vec<&str> {
    transcript.rows().iter().map(|session| session.user.as_deref().unwrap()).collect()
}

/// The first question as it was sent.
fn sent(transcript: &Transcript) -> SessionEnumRequest {
    let ioctls = transcript.traffic.requests.iter().filter_map(|message| IoctlRequest::decode(message).ok());
    let mut questions = ioctls.filter_map(|ioctl| Request::decode(ioctl.input).ok());
    SessionEnumRequest::decode(questions.next().unwrap().stub).unwrap()
}

#[test]
fn client_is_found_in_any_spelling() {
    for honours in [true, false] {
        for (client, found) in [
            ("10.0.0.5", vec!["alice"]),
            (r"\\10.0.0.5", vec!["alice"]),
            ("fe80::1c2:3", vec!["carol"]),
            ("FE80::01C2:0003", vec!["carol"]),
            ("[fe80::1c2:3]", vec!["carol"]),
            (r"\\[fe80::1c2:3]", vec!["carol"]),
            ("scanner", vec![""]),
            ("10.0.0.55", vec![]),
            ("10.0.0", vec![]),
            ("", vec!["alice", "bob", "carol", ""]),
        ] {
            let transcript = talk(&server(honours)).asking(by_client(client)).run();
            assert_eq!(users(&transcript), found, "{client} {honours}");
        }
    }
}

#[test]
fn a_user_in_any_case_with_or_without_domain() {
    for honours in [true, false] {
        for (user, found) in [
            ("alice", vec!["alice"]),
            ("ALICE", vec!["alice"]),
            (r"LAB\alice", vec!["alice"]),
            ("LAB/alice", vec!["alice"]),
            ("alice@lab.example", vec!["alice"]),
            ("ali", vec![]),
            ("nobody", vec![]),
        ] {
            let transcript = talk(&server(honours)).asking(by_user(user)).run();
            assert_eq!(users(&transcript), found, "{user} {honours}");
        }
    }
}

#[test]
fn a_domain_must_match_where_the_server_shows_one() {
    for (user, found) in [
        ("alice", vec![r"LAB\alice"]),
        (r"lab\ALICE", vec![r"LAB\alice"]),
        (r"BRANCH\alice", vec![]),
        (r"BRANCH\carol", vec![r"BRANCH\carol"]),
    ] {
        let transcript = talk(&shipped("illumos").unwrap()).asking(by_user(user)).run();
        assert_eq!(users(&transcript), found, "{user}");
    }
}

#[test]
fn both_filters_must_match() {
    let both = |client: &str, user: &str| Sessions { user: Some(user.to_owned()), ..by_client(client) };
    for honours in [true, false] {
        let transcript = talk(&server(honours)).asking(both("10.0.0.6", "bob")).run();
        assert_eq!(users(&transcript), ["bob"], "{honours}");
        let transcript = talk(&server(honours)).asking(both("10.0.0.6", "alice")).run();
        assert!(transcript.rows().is_empty(), "{honours}");
    }
}

#[test]
fn what_the_server_is_told() {
    for (request, client, user) in [
        (by_client("10.0.0.5"), Some(r"\\10.0.0.5"), None),
        (by_client("FE80::1"), Some(r"\\[fe80::1]"), None),
        (by_client(r"\\scanner"), Some(r"\\scanner"), None),
        (by_user(r"LAB\alice"), None, Some("alice")),
        (by_user("LAB/alice"), None, Some("alice")),
        (by_user("LAB+alice"), None, Some("alice")),
        (by_user("alice@lab.example"), None, Some("alice")),
        // A server lists the address that it stands for.
        (by_client("localhost"), None, None),
        (by_user(""), None, None),
    ] {
        let transcript = talk(&server(true)).asking(request).run();
        let sent = sent(&transcript);
        assert_eq!((sent.client.as_deref(), sent.user.as_deref()), (client, user));
        assert_eq!((sent.server.as_deref(), sent.preferred_length), (Some(r"\\fs1"), u32::MAX));
    }
}

#[test]
fn not_found_is_an_error_only_where_nothing_was_sought() {
    for code in [Win32Error::NERR_USER_NOT_FOUND, Win32Error::NERR_CLIENT_NAME_NOT_FOUND] {
        let mut scenario = server(true);
        scenario.session_enum.levels.clear();
        scenario.session_enum.missing_level = Missing::Code(code.0);
        assert_eq!(talk(&scenario).run().cause(), &Cause::Refused(Refusal::Code(code)));
        let transcript = talk(&scenario).asking(by_user("alice")).run();
        assert!(transcript.rows().is_empty());
        assert_eq!(transcript.answer().shown(), Level::L1);
    }
}

#[test]
fn a_filter_by_user_never_ends_at_level_0() {
    let mut scenario = server(false);
    scenario.session_enum.levels =
        [(Level::L0.into(), netsession_testserver::scenario::Access::Anyone)].into();
    let auto = Sessions { level: WantedLevel::Auto, ..by_user("alice") };
    let transcript = talk(&scenario).asking(auto).run();
    assert!(matches!(transcript.cause(), Cause::LevelNotSupported { .. }), "{:?}", transcript.cause());
    let transcript = talk(&scenario).asking(Sessions { user: None, ..named(Level::L0) }).run();
    assert_eq!(transcript.rows().len(), 4);
}

#[test]
fn filters_hold_over_pages() {
    for honours in [true, false] {
        let mut scenario = server(honours);
        scenario.session_enum.page_size = Some(1);
        let transcript = talk(&scenario).asking(by_user("carol")).run();
        assert_eq!(users(&transcript), ["carol"], "{honours}");
        assert_eq!(transcript.answer().pages(), if honours { 1 } else { 4 });
    }
}

#[test]
fn longest_name_is_sent() {
    // A longer one makes no filter at all: see `SessionFilter::new`.
    let transcript = talk(&server(true)).asking(by_user(&"x".repeat(1023))).run();
    assert!(transcript.rows().is_empty());
}

#[test]
fn a_question_longer_than_a_fragment_is_written_in_parts() {
    // As long as the server takes them, and no shorter.
    for (max_fragment, written) in [(1432, 2), (3000, 1), (5840, 0)] {
        let mut scenario = server(true);
        scenario.rpc.max_fragment = max_fragment;
        let request = Sessions { user: Some("u".repeat(1000)), ..by_client(&"c".repeat(1000)) };
        let transcript = talk(&scenario).asking(request).run();
        assert!(transcript.rows().is_empty());
        assert_eq!(transcript.count(Command::WRITE), written, "{max_fragment}");
        // The question in parts, its answer, and once more without the filter, in one.
        assert_eq!(transcript.traffic.round_trips, 4 + written + 1 + 1, "{max_fragment}");
    }
}

/// Windows compares texts: `bob` is not the `HGLAB+bob` that it lists. What it finds costs no further round trip.
#[test]
fn server_that_finds_nothing_is_asked_for_all() {
    let mut sessions = server(true).sessions().to_vec();
    sessions.iter_mut().filter(|session| session.user.as_deref() == Some("bob")).for_each(|session| {
        session.user = Some("HGLAB+bob".into());
    });
    let mut scenario = server(true).with_sessions(sessions);
    for (request, found, round_trips) in [
        (by_user("alice"), vec!["alice"], 5),
        (by_client("10.0.0.5"), vec!["alice"], 5),
        (by_user("bob"), vec!["HGLAB+bob"], 6),
        (by_user(r"HGLAB\bob"), vec!["HGLAB+bob"], 6),
        (by_user("nobody"), vec![], 6),
        (by_client("10.0.0.200"), vec![], 6),
    ] {
        let transcript = talk(&scenario).asking(request.clone()).run();
        assert_eq!((users(&transcript), transcript.traffic.round_trips), (found.clone(), round_trips));
        scenario.session_enum.honours_filters = false;
        let transcript = talk(&scenario).asking(request).run();
        assert_eq!((users(&transcript), transcript.traffic.round_trips), (found, 5), "it lists all anyway");
        scenario.session_enum.honours_filters = true;
    }
}
