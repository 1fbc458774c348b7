use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::srvs::session_enum::samba_bytes::{EMPTY_DENIED, FULL, MIXED, NULL_CONTAINER};
use crate::srvs::test_bytes::bytes;

const MANY: usize = 1000;

fn alice() -> SessionInfo {
    SessionInfo {
        client: r"\\10.0.0.5".into(),
        user: Some("alice".into()),
        opens: Some(3),
        time: Some(3600),
        idle_time: Some(12),
        flags: Some(1),
        client_type: Some(String::new()),
        transport: Some(r"\Device\NetbiosSmb".into()),
    }
}

fn zoe() -> SessionInfo {
    SessionInfo {
        client: r"\\[fe80::1]".into(),
        user: Some(r"LAB\Zoë".into()),
        opens: Some(7),
        time: Some(1),
        idle_time: Some(2),
        flags: Some(3),
        client_type: Some("Win".into()),
        transport: Some(r"\Device\NetBT_Tcpip_{GUID}".into()),
    }
}

/// What a null pointer for every string becomes.
fn anonymous() -> SessionInfo {
    SessionInfo {
        client: String::new(),
        user: Some(String::new()),
        opens: Some(0),
        time: Some(u32::MAX),
        idle_time: Some(0),
        flags: Some(0),
        client_type: Some(String::new()),
        transport: Some(String::new()),
    }
}

fn japanese() -> SessionInfo {
    SessionInfo {
        client: String::new(),
        user: Some("日本🦀".into()),
        opens: Some(0),
        time: Some(86400),
        idle_time: Some(86399),
        flags: Some(2),
        client_type: Some("x".into()),
        transport: Some(String::new()),
    }
}

fn answer(level: Level, sessions: &[SessionInfo]) -> SessionEnumResponse {
    SessionEnumResponse {
        level,
        sessions: sessions.iter().cloned().map(|session| session.reduced_to(level)).collect(),
        total_entries: sessions.len() as u32,
        resume: None,
        code: Win32Error::SUCCESS,
    }
}

fn stub(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn is_malformed(stub: &[u8], asked: Level) -> bool {
    matches!(SessionEnumResponse::decode(stub, asked, MANY), Err(ResponseError::Malformed(_)))
}

#[test]
fn samba_writes_the_same_bytes() {
    for (level, hex) in FULL {
        let expected =
            SessionEnumResponse { code: Win32Error::MORE_DATA, ..answer(level, &[alice(), zoe()]) };
        assert_eq!(
            SessionEnumResponse::decode(&bytes(hex), level, MANY),
            Ok(expected.clone()),
            "level {level}"
        );
        assert_eq!(expected.encode(), bytes(hex), "level {level}");
    }
}

#[test]
fn null_strings_of_samba_are_empty() {
    for (level, hex) in MIXED {
        let sessions = [alice(), anonymous(), zoe(), japanese()];
        let expected = SessionEnumResponse { resume: Some(18), ..answer(level, &sessions) };
        assert_eq!(SessionEnumResponse::decode(&bytes(hex), level, MANY), Ok(expected), "level {level}");
    }
}

#[test]
fn null_strings_can_be_sent() {
    for level in Level::ALL {
        let answer = answer(level, &[anonymous(), alice()]);
        let shape = Shape { null_strings: true, ..Shape::default() };
        let stub = answer.encode_as(shape);
        assert!(stub.len() < answer.encode().len());
        assert_eq!(SessionEnumResponse::decode(&stub, level, MANY), Ok(answer), "level {level}");
    }
}

#[test]
fn an_empty_answer_of_samba_carries_its_code() {
    let denied = SessionEnumResponse { code: Win32Error::ACCESS_DENIED, ..answer(Level::L1, &[]) };
    assert_eq!(SessionEnumResponse::decode(&bytes(EMPTY_DENIED), Level::L1, MANY), Ok(denied.clone()));
    assert_eq!(denied.encode(), bytes(EMPTY_DENIED));
}

#[test]
fn a_null_container_is_an_empty_list() {
    let empty = SessionEnumResponse { resume: Some(0), ..answer(Level::L1, &[]) };
    assert_eq!(SessionEnumResponse::decode(&bytes(NULL_CONTAINER), Level::L1, MANY), Ok(empty.clone()));
    assert_eq!(empty.encode_as(Shape { null_container: true, ..Shape::default() }), bytes(NULL_CONTAINER));
}

#[test]
fn an_array_of_nothing_is_an_empty_list() {
    let stub = stub(&[1, 1, 9, 0, 9, 0, 0, 0, 0]);
    assert_eq!(SessionEnumResponse::decode(&stub, Level::L1, MANY), Ok(answer(Level::L1, &[])));
}

#[test]
fn the_code_is_found_behind_a_zeroed_body() {
    for asked in Level::ALL {
        let refused = SessionEnumResponse { code: Win32Error::INVALID_LEVEL, ..answer(asked, &[]) };
        let mut bodies = vec![SessionEnumResponse::encode_zeroed(Win32Error::INVALID_LEVEL)];
        // Zeros in any number that a server may take for right, and the level echoed without an arm.
        bodies.extend((0..10).map(|zeros| stub(&[&vec![0; zeros][..], &[124]].concat())));
        bodies.push(stub(&[asked.number(), asked.number(), 124]));
        bodies.push(stub(&[3, 3, 0, 0, 0, 124]));
        bodies.push(stub(&[asked.number(), 0, 0, 0, 0, 124]));
        for body in bodies {
            let decoded = SessionEnumResponse::decode(&body, asked, MANY);
            assert_eq!(decoded, Ok(refused.clone()), "level {asked}, {body:?}");
        }
    }
}

#[test]
fn a_broken_body_with_success_or_more_data_is_malformed() {
    for code in [0, 234] {
        assert!(is_malformed(&stub(&[0, 0, 0, 0, 0, code]), Level::L1), "{code}");
        assert!(is_malformed(&stub(&[1, 1, code]), Level::L1), "{code}");
        assert!(is_malformed(&stub(&[1, 2, 0, 0, 0, code]), Level::L1), "{code}");
    }
    assert!(is_malformed(&[], Level::L1));
}

#[test]
fn the_end_of_a_listing_is_no_code() {
    let mut stub = answer(Level::L1, &[alice()]).encode();
    // Cut within the user name: the last bytes are "ce" and would be an error code of their own.
    stub.truncate(stub.len() - 16);
    assert!(is_malformed(&stub, Level::L1));
}

#[test]
fn padding_behind_the_stub_is_passed_over_and_nothing_else() {
    let expected = answer(Level::L1, &[alice()]);
    let mut stub = expected.encode();
    stub.extend([0; 7]);
    assert_eq!(SessionEnumResponse::decode(&stub, Level::L1, MANY), Ok(expected));
    stub.push(0);
    assert!(is_malformed(&stub, Level::L1));
    *stub.last_mut().unwrap() = 1;
    stub.remove(0);
    assert!(is_malformed(&stub, Level::L1));
}

#[test]
fn another_level_is_malformed() {
    let stub = answer(Level::L2, &[alice()]).encode();
    assert!(is_malformed(&stub, Level::L1));
    let mut stub = answer(Level::L1, &[alice()]).encode();
    stub[4] = 2;
    assert!(is_malformed(&stub, Level::L1));
}

#[test]
fn more_entries_than_wanted_are_told_from_malformed_ones() {
    let stub = answer(Level::L10, &[alice(), zoe()]).encode();
    assert_eq!(
        SessionEnumResponse::decode(&stub, Level::L10, 1),
        Err(ResponseError::TooManyEntries { limit: 1 })
    );
    assert!(SessionEnumResponse::decode(&stub, Level::L10, 2).is_ok());
}

#[test]
fn counts_that_lie_are_malformed() {
    for asked in Level::ALL {
        let level = asked.number();
        // 48 bytes that claim entries by the billion, by EntriesRead, by the maximum count, by both.
        for (entries, maximum) in [(u32::MAX, u32::MAX), (u32::MAX, 1), (1, u32::MAX), (2, 1), (1, 2), (0, 1)]
        {
            let stub = stub(&[level, level, 9, entries, 9, maximum, 0, 0, 0, 0, 0, 0]);
            assert_eq!(stub.len(), 48);
            assert!(is_malformed(&stub, asked), "level {level}, {entries}, {maximum}");
        }
        assert!(is_malformed(&stub(&[level, level, 9, 1, 0, 0, 0, 0]), asked), "a null array of one");
    }
}

#[test]
fn no_prefix_panics_or_invents_a_session() {
    for (level, hex) in FULL.into_iter().chain(MIXED) {
        let stub = bytes(hex);
        for end in 0..stub.len() {
            if let Ok(answer) = SessionEnumResponse::decode(&stub[..end], level, MANY) {
                assert!(answer.sessions.is_empty() && end <= 40 && !answer.code.is_success());
            }
        }
    }
}

#[test]
fn an_unpaired_surrogate_in_a_name_is_shown() {
    let mut stub =
        answer(Level::L0, &[SessionInfo { client: "abc".into(), ..SessionInfo::default() }]).encode();
    let place = stub.windows(2).position(|pair| pair == [b'b', 0]).unwrap();
    stub[place + 1] = 0xd8;
    let answer = SessionEnumResponse::decode(&stub, Level::L0, MANY).unwrap();
    assert_eq!(answer.sessions[0].client, "a\u{fffd}c");
}

fn any_session() -> impl Strategy<Value = SessionInfo> {
    let text = || "[^\0]{0,12}";
    (text(), text(), text(), text(), any::<(u32, u32, u32, u32)>()).prop_map(
        |(client, user, client_type, transport, (opens, time, idle_time, flags))| SessionInfo {
            client,
            user: Some(user),
            opens: Some(opens),
            time: Some(time),
            idle_time: Some(idle_time),
            flags: Some(flags),
            client_type: Some(client_type),
            transport: Some(transport),
        },
    )
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(
        level in select(&Level::ALL),
        sessions in vec(any_session(), 0..6),
        resume: Option<u32>,
        total_entries: u32,
        code: u32,
        null_strings: bool,
    ) {
        let code = Win32Error(code);
        let expected = SessionEnumResponse { resume, total_entries, code, ..answer(level, &sessions) };
        let stub = expected.encode_as(Shape { null_strings, ..Shape::default() });
        prop_assert_eq!(SessionEnumResponse::decode(&stub, level, MANY), Ok(expected));
    }

    #[test]
    fn anything_is_decoded_or_refused(level in select(&Level::ALL), stub in vec(any::<u8>(), 0..200)) {
        let _ = SessionEnumResponse::decode(&stub, level, MANY);
    }

    #[test]
    fn a_changed_byte_is_decoded_or_refused(
        (level, hex) in select(&MIXED),
        place: proptest::sample::Index,
        byte: u8,
    ) {
        let mut stub = bytes(hex);
        let place = place.index(stub.len());
        stub[place] = byte;
        let _ = SessionEnumResponse::decode(&stub, level, MANY);
    }
}
