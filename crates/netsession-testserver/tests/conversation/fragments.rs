//! Large answers: READs at once by alloc_hint, one at a time without.

use netsession_proto::client::{Cause, Limit};
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::Command;
use netsession_proto::srvs::Level;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{Encryption, Fault, FaultKind, Step};

use crate::talk::{Talk, expected, named, talk};

/// A thousand sessions, signed only, so that READs can be counted: fourteen fragments.
pub(crate) fn thousand() -> Scenario {
    let text = r#"
        [smb]
        encryption = "off"
        [[user]]
        name = "admin"
        password = "Passw0rd!"
        administrator = true
        [[session]]
        client = "10.0.{n}.1"
        user = "user{n}"
        opens = 2
        repeat = 1000
    "#;
    text.parse().unwrap()
}

fn spoilt(kind: FaultKind) -> Scenario {
    thousand().with_fault(Fault::new(Step::Enumerate, kind))
}

/// How many READs an honest answer takes.
fn reads() -> usize {
    talk(&thousand()).run().count(Command::READ)
}

#[test]
fn all_reads_are_sent_at_once() {
    let scenario = thousand();
    let transcript = talk(&scenario).run();
    assert_eq!(transcript.rows(), expected(&scenario, Level::L1));
    assert_eq!(transcript.traffic.round_trips, 6);
    assert!(transcript.count(Command::READ) > 10, "{}", transcript.count(Command::READ));
}

#[test]
fn fragments_of_every_size() {
    for max_fragment in [1432, 4280, 5840, 0x7fff, 0xffff] {
        for overflows in [false, true] {
            let mut scenario = thousand();
            scenario.rpc.max_fragment = max_fragment;
            scenario.rpc.overflow_between_fragments = overflows;
            let transcript = talk(&scenario).asking(named(Level::L502)).run();
            assert_eq!(transcript.rows(), expected(&scenario, Level::L502), "{max_fragment}");
        }
    }
}

#[test]
fn no_more_reads_than_credits() {
    // The double closes the connection of a client that exceeds its credits.
    let all = reads();
    for max_credits in [1, 2, 3, 4, 7, 512] {
        let mut scenario = thousand();
        scenario.smb.max_credits = max_credits;
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{max_credits}");
        assert_eq!(transcript.count(Command::READ), all);
        let batches = all.div_ceil(usize::from(max_credits));
        let steps = if max_credits < 3 { 7 } else { 5 };
        assert_eq!(transcript.traffic.round_trips, steps + batches, "{max_credits}");
    }
}

#[test]
fn credits_in_an_unprotected_interim_reply_are_not_believed() {
    // The server claims to grant 65535 credits, and closes the connection of a client that spends them.
    let mut scenario = spoilt(FaultKind::BareInterim);
    scenario.smb.max_credits = 4;
    let transcript = talk(&scenario).run();
    assert_eq!(transcript.rows(), expected(&scenario, Level::L1));
    assert_eq!(transcript.traffic.round_trips, 5 + reads().div_ceil(4));
}

#[test]
fn never_more_than_256_at_once() {
    let mut scenario = thousand();
    scenario.rpc.max_fragment = 1432;
    scenario.smb.max_credits = 8192;
    let sessions: Vec<_> = scenario.sessions().iter().cycle().take(5_000).cloned().collect();
    scenario = scenario.with_sessions(sessions);
    let transcript = talk(&scenario).run();
    assert_eq!(transcript.rows().len(), 5_000);
    assert_eq!(transcript.traffic.round_trips, 5 + transcript.count(Command::READ).div_ceil(256));
}

#[test]
fn without_a_hint_one_read_at_a_time() {
    let transcript = talk(&spoilt(FaultKind::AllocHint(0))).run();
    assert_eq!(transcript.rows(), expected(&thousand(), Level::L1));
    assert_eq!(transcript.count(Command::READ), reads());
    assert_eq!(transcript.traffic.round_trips, 5 + reads());
}

#[test]
fn hints_put_fragments_in_order() {
    let transcript = talk(&spoilt(FaultKind::FragmentsReversed)).run();
    assert_eq!(transcript.rows(), expected(&thousand(), Level::L1));
    assert_eq!(transcript.traffic.round_trips, 6);
}

#[test]
fn without_hints_a_wrong_order_is_an_error() {
    let scenario =
        spoilt(FaultKind::FragmentsReversed).with_fault(Fault::new(Step::Enumerate, FaultKind::AllocHint(0)));
    let transcript = talk(&scenario).run();
    assert!(matches!(transcript.cause(), Cause::Malformed(_)), "{:?}", transcript.cause());
}

#[test]
fn hints_that_say_too_little_do_no_harm() {
    for off in [-1, -100, -20_000, -1_000_000] {
        let transcript = talk(&spoilt(FaultKind::AllocHintOff(off))).run();
        assert_eq!(transcript.rows(), expected(&thousand(), Level::L1), "{off}");
        assert_eq!(transcript.count(Command::READ), reads(), "{off}");
    }
}

#[test]
fn hints_that_say_too_much_spoil_the_pipe_but_not_the_answer() {
    for off in [1, 20_000, 1_000_000] {
        let transcript = talk(&spoilt(FaultKind::AllocHintOff(off))).run();
        assert_eq!(transcript.rows(), expected(&thousand(), Level::L1), "{off}");
    }
    // The READs that nothing answered would take the next answer.
    let transcript = talk(&spoilt(FaultKind::AllocHintOff(20_000))).then_asking(named(Level::L1)).run();
    assert_eq!(transcript.listings.len(), 1);
    assert!(matches!(transcript.failed.unwrap().cause, Cause::Misbehaved(_)));
    assert!(transcript.loose_rows.is_empty());
}

#[test]
fn hints_that_do_not_follow_each_other_are_an_error() {
    // The size of the whole on each fragment: as many READs as it takes, and nothing that tells the order.
    let whole = thousand().sessions().len() * 100;
    let transcript = talk(&spoilt(FaultKind::AllocHint(u32::try_from(whole).unwrap()))).run();
    assert!(matches!(transcript.cause(), Cause::Misbehaved(_) | Cause::TimedOut), "{:?}", transcript.cause());
}

#[test]
fn a_missing_fragment_is_never_passed_over() {
    for scenario in [
        spoilt(FaultKind::FragmentMissing),
        spoilt(FaultKind::FragmentMissing).with_fault(Fault::new(Step::Enumerate, FaultKind::AllocHint(0))),
    ] {
        let transcript = talk(&scenario).run();
        let cause = transcript.cause();
        assert!(matches!(cause, Cause::Malformed(_) | Cause::TimedOut), "{cause:?}");
    }
}

#[test]
fn fragments_without_end_stop_at_an_error_or_at_the_limit() {
    let limited = |scenario: &Scenario| -> Talk {
        talk(scenario).configured(|config| config.limits.answer_bytes = 1 << 20)
    };
    let transcript = limited(&spoilt(FaultKind::FragmentLoop)).run();
    assert!(matches!(transcript.cause(), Cause::Misbehaved(_)), "{:?}", transcript.cause());
    let without_hints =
        spoilt(FaultKind::FragmentLoop).with_fault(Fault::new(Step::Enumerate, FaultKind::AllocHint(0)));
    // Entries are read as they come, so that the first fragment that does not follow ends it.
    let transcript = limited(&without_hints).run();
    assert!(matches!(transcript.cause(), Cause::Malformed(_)), "{:?}", transcript.cause());
    assert!(transcript.traffic.from_server.len() < 256 << 10);
    // Where nothing can be read before the end, the limit ends it.
    let never_read = without_hints.with_fault(Fault::new(Step::Enumerate, FaultKind::Count(900_000)));
    let transcript = limited(&never_read).run();
    assert_eq!(transcript.cause(), &Cause::Limit(Limit::AnswerBytes(1 << 20)));
    assert!(transcript.traffic.from_server.len() < 3 << 20);
}

#[test]
fn reads_are_matched_by_their_number_in_whatever_order_they_are_answered() {
    for encryption in [Encryption::Off, Encryption::Required] {
        let mut scenario = thousand();
        scenario.smb.encryption = encryption;
        // Up to the first fragment all is in order; then five times two frames change places.
        let mut number = 0;
        let mut held: Option<Vec<u8>> = None;
        let transcript = talk(&scenario)
            .spoiling(move |bytes| {
                number += 1;
                if !(6..=15).contains(&number) {
                    return;
                }
                match held.take() {
                    Some(before) => bytes.extend(before),
                    None => held = Some(std::mem::take(bytes)),
                }
            })
            .run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{encryption:?}");
        assert_eq!(transcript.traffic.round_trips, 6);
    }
}

#[test]
fn error_in_place_of_a_fragment_is_that_status() {
    let status = NtStatus::INSUFF_SERVER_RESOURCES;
    for step in [Step::Enumerate, Step::Read] {
        let scenario = thousand().with_fault(Fault::new(step, FaultKind::Status(status.0)));
        assert_eq!(talk(&scenario).run().cause(), &Cause::Status(status), "{step:?}");
    }
}
