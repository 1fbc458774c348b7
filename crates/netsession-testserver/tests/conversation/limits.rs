//! Bad input: what is no SMB, what lies about its size, names that hurt.

use netsession_proto::client::{Cause, Limit};
use netsession_proto::srvs::Level;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{Encryption, Fault, FaultKind, Step, shipped};

use crate::talk::{expected, named, talk};

fn spoilt(step: Step, kind: FaultKind) -> Scenario {
    shipped("windows").unwrap().with_fault(Fault::new(step, kind))
}

#[test]
fn a_count_that_lies_is_an_error() {
    for count in [0, 1, 3, 5, 6, 0x4000_0000, 0x7fff_ffff, u32::MAX] {
        for level in Level::ALL {
            let transcript =
                talk(&spoilt(Step::Enumerate, FaultKind::Count(count))).asking(named(level)).run();
            assert!(
                matches!(transcript.cause(), Cause::Malformed(_)),
                "{count} {level}: {:?}",
                transcript.cause()
            );
        }
    }
}

#[test]
fn more_sessions_than_the_limit_are_an_error() {
    let scenario = shipped("windows").unwrap();
    let limited = |limit| talk(&scenario).configured(move |config| config.limits.entries = limit).run();
    assert_eq!(limited(3).cause(), &Cause::Limit(Limit::Entries(3)));
    assert_eq!(limited(4).rows().len(), 4);
}

#[test]
fn more_bytes_than_the_limit_are_an_error() {
    let scenario = shipped("windows").unwrap();
    let transcript = talk(&scenario).configured(|config| config.limits.answer_bytes = 100).run();
    assert_eq!(transcript.cause(), &Cause::Limit(Limit::AnswerBytes(100)));
}

#[test]
fn a_frame_beyond_the_limit_is_not_waited_for() {
    for length in [0x00ff_ffff, 0x0010_0001] {
        for step in [Step::Negotiate, Step::LogOn, Step::Enumerate] {
            let transcript = talk(&spoilt(step, FaultKind::FrameLength(length))).run();
            assert_eq!(transcript.cause(), &Cause::Limit(Limit::FrameBytes(1 << 20)), "{step:?}");
            assert!(transcript.elapsed.is_zero());
        }
    }
}

#[test]
fn what_is_no_smb_is_called_so() {
    for text in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\u{1}"] {
        let transcript = talk(&spoilt(Step::Negotiate, FaultKind::Garbage(text.to_owned()))).run();
        match transcript.cause() {
            Cause::NotSmb(start) => assert!(text.as_bytes().starts_with(start), "{start:?}"),
            other => panic!("{other:?}"),
        }
    }
    // Zeros look like an empty frame.
    let transcript = talk(&spoilt(Step::Negotiate, FaultKind::Garbage("\0".repeat(64)))).run();
    assert!(!matches!(transcript.cause(), Cause::TimedOut), "{:?}", transcript.cause());
    for step in [Step::LogOn, Step::Enumerate] {
        let transcript = talk(&spoilt(step, FaultKind::Garbage("\u{7f}".repeat(500)))).run();
        assert!(matches!(transcript.cause(), Cause::NotSmb(_)), "{:?}", transcript.cause());
    }
}

#[test]
fn only_an_answer_in_smb1_shows_a_server_of_smb1() {
    // A server that has reached a limit of connections (Samba: max smbd processes) closes, too.
    for kind in [FaultKind::Close, FaultKind::CutOff(0), FaultKind::CutOff(20)] {
        let transcript = talk(&spoilt(Step::Negotiate, kind)).run();
        assert_eq!(transcript.cause(), &Cause::Closed);
    }
    let transcript = talk(&spoilt(Step::Negotiate, FaultKind::Reset)).run();
    assert_eq!(transcript.cause(), &Cause::Reset, "a filter on the way resets, too");
    let mut smb1 = vec![0, 0, 0, 39, 0xff];
    smb1.extend_from_slice(b"SMB");
    smb1.resize(4 + 39, 0);
    let transcript = talk(&shipped("windows").unwrap()).spoiling(move |bytes| bytes.clone_from(&smb1)).run();
    assert_eq!(transcript.cause(), &Cause::Smb1Only);
}

#[test]
fn a_server_that_has_spoken_smb2_is_not_taken_for_one_of_smb1() {
    for step in [Step::LogOn, Step::Enumerate] {
        // From \xFESMB to \xFFSMB, as a fault on the way can do it.
        let mut scenario = spoilt(step, FaultKind::FlipBit(0));
        scenario.smb.encryption = Encryption::Off;
        let transcript = talk(&scenario).run();
        assert!(matches!(transcript.cause(), Cause::Misbehaved(_)), "{step:?}: {:?}", transcript.cause());
    }
}

#[test]
fn no_common_dialect_is_unsupported() {
    let transcript = talk(&shipped("nas-level-1").unwrap())
        .configured(|config| config.min_dialect = netsession_proto::smb2::Dialect::Smb302)
        .run();
    assert!(matches!(transcript.cause(), Cause::Unsupported(_)), "{:?}", transcript.cause());
}

#[test]
fn an_unpaired_surrogate_is_shown_and_the_listing_goes_on() {
    let scenario = spoilt(Step::Enumerate, FaultKind::Surrogate);
    let mut rows = expected(&scenario, Level::L1);
    rows[0].client.push('\u{fffd}');
    assert_eq!(talk(&scenario).run().rows(), rows);
}

#[test]
fn null_names_are_empty_ones() {
    let mut scenario = shipped("windows").unwrap();
    scenario.session_enum.null_strings = true;
    for level in Level::ALL {
        assert_eq!(talk(&scenario).asking(named(level)).run().rows(), expected(&scenario, level));
    }
}

#[test]
fn names_and_numbers_come_as_the_server_sent_them() {
    let text = r#"
        [[user]]
        name = "admin"
        password = "Passw0rd!"
        administrator = true
        [[session]]
        client = "\u001b[31m\u202eevil"
        user = "Zoë 日本 🦀"
        opens = 4294967295
        time-seconds = 4294967295
        idle-seconds = 4294967295
        flags = 4294967295
    "#;
    let scenario: Scenario = text.parse().unwrap();
    let transcript = talk(&scenario).run();
    assert_eq!(transcript.rows(), expected(&scenario, Level::L1));
    assert_eq!(transcript.rows()[0].time, Some(u32::MAX));
    assert_eq!(transcript.rows()[0].client, "\\\\\u{1b}[31m\u{202e}evil");
}

#[test]
fn empty_listing_is_no_error() {
    for name in ["windows", "samba", "illumos", "nas-level-1"] {
        let scenario = shipped(name).unwrap().with_sessions(Vec::new());
        assert!(talk(&scenario).run().rows().is_empty(), "{name}");
    }
}

#[test]
fn end_of_the_connection_is_told_from_a_reset() {
    for (kind, cause) in [(FaultKind::Close, Cause::Closed), (FaultKind::Reset, Cause::Reset)] {
        for step in [Step::Challenge, Step::LogOn, Step::Enumerate] {
            let transcript = talk(&spoilt(step, kind.clone())).run();
            assert_eq!(transcript.cause(), &cause, "{step:?}");
        }
    }
}
