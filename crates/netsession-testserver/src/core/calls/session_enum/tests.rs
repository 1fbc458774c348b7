use netsession_proto::srvs::RpcCall as _;

use super::*;
use crate::host::{Caller, Host};
use crate::scenario::shipped;

/// Five sessions; the one of bob is the second.
fn scenario() -> Scenario {
    let text = r#"
        [[session]]
        client = "10.0.0.1"
        user = "alice"
        [[session]]
        client = "10.0.0.2"
        user = "bob"
        [[session]]
        client = "fe80::1"
        user = "carol"
        [[session]]
        client = "10.0.0.1"
        user = "dave"
        [[session]]
        client = "10.0.0.5"
        user = "alice"
    "#;
    text.parse().unwrap()
}

fn admin() -> Caller {
    Caller { name: "admin".to_owned(), administrator: true, ..Caller::default() }
}

fn ask_as(scenario: &Scenario, administrator: bool, request: &SessionEnumRequest) -> SessionEnumResponse {
    let host = Host::from(scenario.clone());
    let caller = Caller { administrator, ..admin() };
    let stub =
        answer(&CallContext { host: &host, caller: &caller, filetime: 0, faults: &[] }, &request.encode())
            .unwrap();
    SessionEnumResponse::decode(&stub, Level::from_number(request.level).unwrap(), usize::MAX).unwrap()
}

fn ask(request: &SessionEnumRequest) -> SessionEnumResponse {
    ask_as(&scenario(), true, request)
}

fn level_1() -> SessionEnumRequest {
    SessionEnumRequest::new(Level::L1)
}

fn users(response: &SessionEnumResponse) -> Vec<&str> {
    response.sessions.iter().map(|session| session.user.as_deref().unwrap()).collect()
}

#[test]
fn unlimited_request_gets_one_page() {
    let response = ask(&level_1());
    assert_eq!(users(&response), ["alice", "bob", "carol", "dave", "alice"]);
    assert_eq!((response.code, response.total_entries), (Win32Error::SUCCESS, 5));
}

#[test]
fn filters_match_names() {
    let client = |name: &str| SessionEnumRequest { client: Some(name.to_owned()), ..level_1() };
    let user = |name: &str| SessionEnumRequest { user: Some(name.to_owned()), ..level_1() };
    assert_eq!(users(&ask(&client(r"\\10.0.0.1"))), ["alice", "dave"]);
    assert_eq!(users(&ask(&client(r"\\[FE80::1]"))), ["carol"]);
    assert_eq!(users(&ask(&user("BOB"))), ["bob"]);
    assert_eq!(ask(&user("")).sessions.len(), 5, "empty is no filter");
    assert_eq!(ask(&client("")).sessions.len(), 5, "empty is no filter");
    for (request, code) in [
        (client("10.0.0.1"), Win32Error::NERR_INVALID_COMPUTER),
        (client(r"\\10.0.0.9"), Win32Error::NERR_CLIENT_NAME_NOT_FOUND),
        (user("nobody"), Win32Error::NERR_USER_NOT_FOUND),
        (user(&"x".repeat(1024)), Win32Error::INVALID_PARAMETER),
        (client(&format!(r"\\{}", "x".repeat(1022))), Win32Error::INVALID_PARAMETER),
        (user(&"x".repeat(1023)), Win32Error::NERR_USER_NOT_FOUND),
    ] {
        let response = ask(&request);
        assert_eq!((response.code, response.sessions.len()), (code, 0), "{request:?}");
    }
    let both = SessionEnumRequest { user: Some("bob".to_owned()), ..client(r"\\10.0.0.1") };
    assert_eq!((ask(&both).code, ask(&both).sessions.len()), (Win32Error::SUCCESS, 0), "each has a match");
}

#[test]
fn pages_by_preferred_length() {
    let one = scenario().sessions()[0].clone().reduced_to(Level::L1).size();
    // Pointers and numbers, and two strings with their nulls.
    assert_eq!(one, 6 * 4 + 2 * (r"\\10.0.0.1".len() + 1) + 2 * ("alice".len() + 1));
    let page = |preferred_length, resume| {
        ask(&SessionEnumRequest { preferred_length, resume: Some(resume), ..level_1() })
    };
    let length = u32::try_from(2 * one).unwrap();
    let first = page(length, 0);
    assert_eq!(users(&first), ["alice", "bob"]);
    assert_eq!((first.code, first.total_entries, first.resume), (Win32Error::MORE_DATA, 5, Some(2)));
    let second = page(length, 2);
    assert_eq!(users(&second), ["carol", "dave"]);
    assert_eq!((second.code, second.total_entries, second.resume), (Win32Error::MORE_DATA, 3, Some(4)));
    let last = page(length, 4);
    assert_eq!(users(&last), ["alice"]);
    assert_eq!((last.code, last.total_entries, last.resume), (Win32Error::SUCCESS, 1, Some(0)));
    let none = page(0, 0);
    assert_eq!((none.code, none.sessions.len(), none.resume), (Win32Error::MORE_DATA, 0, Some(0)));
}

#[test]
fn ignored_length_changes_nothing() {
    let mut scenario = scenario();
    scenario.session_enum.honours_length = false;
    for preferred_length in [0, 1, 100] {
        let response = ask_as(&scenario, true, &SessionEnumRequest { preferred_length, ..level_1() });
        assert_eq!((response.sessions.len(), response.code), (5, Win32Error::SUCCESS), "{preferred_length}");
    }
}

#[test]
fn resume_handle_counts_in_the_unfiltered_list() {
    let one = scenario().sessions()[0].clone().reduced_to(Level::L1).size();
    let alice = SessionEnumRequest {
        user: Some("alice".to_owned()),
        preferred_length: u32::try_from(one).unwrap(),
        ..level_1()
    };
    let first = ask(&alice);
    assert_eq!((first.sessions.len(), first.total_entries, first.resume), (1, 2, Some(4)));
    assert_eq!(first.code, Win32Error::MORE_DATA);
    let second = ask(&SessionEnumRequest { resume: Some(4), ..alice });
    assert_eq!((second.sessions.len(), second.code), (1, Win32Error::SUCCESS));
}

#[test]
fn resume_at_or_past_the_end_is_success_without_an_entry() {
    for resume in [5, 6, u32::MAX] {
        let response = ask(&SessionEnumRequest { resume: Some(resume), ..level_1() });
        assert_eq!((response.code, response.sessions.len()), (Win32Error::SUCCESS, 0), "{resume}");
        assert_eq!(response.total_entries, 0);
    }
    let response = ask(&SessionEnumRequest { resume: None, ..level_1() });
    assert_eq!((response.sessions.len(), response.resume), (5, None));
}

#[test]
fn access_by_level() {
    for (name, open) in [
        ("windows", &[Level::L0, Level::L10][..]),
        ("windows-hardened", &[]),
        ("samba", &[]),
        ("illumos", &[]),
    ] {
        for level in Level::ALL {
            let response = ask_as(&shipped(name).unwrap(), false, &SessionEnumRequest::new(level));
            let expected =
                if open.contains(&level) { Win32Error::SUCCESS } else { Win32Error::ACCESS_DENIED };
            assert_eq!(response.code, expected, "{name} {level}");
        }
    }
}

#[test]
fn unknown_level_is_124() {
    let host = Host::from(scenario());
    let context = CallContext { host: &host, caller: &admin(), filetime: 0, faults: &[] };
    let stub = answer(&context, &SessionEnumRequest { level: 3, ..level_1() }.encode()).unwrap();
    assert_eq!(stub[..8], [3, 0, 0, 0, 3, 0, 0, 0]);
    assert_eq!(stub[stub.len() - 4..], 124_u32.to_le_bytes());
    assert_eq!(answer(&context, &[1, 2, 3]), Err(FaultStatus::BAD_STUB_DATA));
}

#[test]
fn caller_is_listed_where_the_server_lists_it() {
    let mut scenario = scenario();
    scenario.session_enum.lists_caller = true;
    let host = Host::from(scenario);
    for (address, client) in [("::ffff:127.0.0.1", r"\\127.0.0.1"), ("::1", r"\\[::1]")] {
        let caller = Caller { address: Some(address.parse().unwrap()), since: 50_000_000, ..admin() };
        let sessions = list(&CallContext { host: &host, caller: &caller, filetime: 70_000_000, faults: &[] });
        assert_eq!(sessions.len(), 6);
        assert_eq!(sessions[5].time, Some(2), "it has been connected for two seconds");
        assert_eq!((sessions[5].client.as_str(), sessions[5].user.as_deref()), (client, Some("admin")));
    }
    assert_eq!(host.sessions().snapshot().len(), 5, "the list of the host stays as it is");
}
