//! TREE_CONNECT + CREATE + IOCTL(bind) in one: answered in any shape, refused, cut.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use netsession_proto::client::{Cause, Encryption as Wanted, Misbehaviour};
use netsession_proto::erref::NtStatus;
use netsession_proto::smb2::{
    Body, CloseRequest, Command, Dialect, FSCTL_PIPE_TRANSCEIVE, FileId, Flags, Header, IoctlRequest,
    NegotiateRequest,
};
use netsession_proto::srvs::Level;
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{
    CompoundReplies, DialectNumber, Encryption, Fault, FaultKind, Step, shipped,
};

use crate::talk::{Sessions, Transcript, expected, named, talk};

const SHAPES: [CompoundReplies; 4] = [
    CompoundReplies::Joined,
    CompoundReplies::Separate,
    CompoundReplies::Reversed,
    CompoundReplies::FirstAlone,
];

const REFUSALS: [NtStatus; 13] = [
    NtStatus::INVALID_PARAMETER,
    NtStatus::INTERNAL_ERROR,
    NtStatus::NOT_SUPPORTED,
    NtStatus::INVALID_HANDLE,
    NtStatus::FILE_CLOSED,
    // impacket's server.
    NtStatus::SMB_BAD_TID,
    NtStatus::NETWORK_NAME_DELETED,
    NtStatus::USER_SESSION_DELETED,
    NtStatus::INVALID_DEVICE_REQUEST,
    NtStatus::NOT_IMPLEMENTED,
    NtStatus::REQUEST_NOT_ACCEPTED,
    NtStatus::INSUFF_SERVER_RESOURCES,
    // A code that has no name here.
    NtStatus(0xC0FF_EE00),
];

/// Signed only, so that what the client asks can be read.
fn signed() -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    scenario.smb.encryption = Encryption::Off;
    scenario
}

/// The pipes on which something was transceived, in their order.
fn pipes_used(transcript: &Transcript) -> Vec<FileId> {
    let ioctls = transcript.traffic.requests.iter().filter_map(|message| IoctlRequest::decode(message).ok());
    ioctls.filter(|ioctl| ioctl.code == FSCTL_PIPE_TRANSCEIVE).map(|ioctl| ioctl.file_id).collect()
}

#[test]
fn answers_come_in_one_frame_or_in_several_in_any_order() {
    for shape in SHAPES {
        for encryption in [Encryption::Off, Encryption::Required] {
            for dialect in [DialectNumber::Smb300, DialectNumber::Smb311] {
                let mut scenario = shipped("windows").unwrap();
                scenario.smb.compound_replies = shape;
                scenario.smb.encryption = encryption;
                scenario.smb.dialects = vec![dialect];
                let transcript = talk(&scenario).run();
                assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{shape:?} {encryption:?}");
                assert_eq!(transcript.traffic.round_trips, 5, "{shape:?} {encryption:?}");
            }
        }
    }
}

#[test]
fn a_refused_compound_is_followed_by_single_steps_on_the_same_tree() {
    for status in REFUSALS {
        for (step, closes) in [(Step::Create, 0), (Step::Bind, 1)] {
            for shape in SHAPES {
                let mut scenario =
                    signed().with_fault(Fault::new(step, FaultKind::Status(status.0)).in_compounds());
                scenario.smb.compound_replies = shape;
                let transcript = talk(&scenario).run();
                assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{status} {step:?} {shape:?}");
                // Three up to the log-on, the compound, CREATE, IOCTL(bind), the question.
                assert_eq!(transcript.traffic.round_trips, 7, "{status} {step:?} {shape:?}");
                assert_eq!(transcript.traffic.reconnects, 0);
                assert_eq!(transcript.count(Command::TREE_CONNECT), 1, "the tree is kept");
                assert_eq!(transcript.count(Command::CREATE), 2, "a fresh CREATE");
                assert_eq!(transcript.count(Command::CLOSE), closes, "{step:?}");
                let pipes = pipes_used(&transcript);
                assert_eq!(pipes.len(), 3, "the refused bind, the second one, the question");
                assert_eq!((pipes[0], pipes[1]), (FileId::ANY, pipes[2]));
            }
        }
    }
}

#[test]
fn the_pipe_of_the_refused_bind_is_closed_and_not_used_again() {
    let status = NtStatus::INVALID_PARAMETER.0;
    let scenario = signed().with_fault(Fault::new(Step::Bind, FaultKind::Status(status)).in_compounds());
    let transcript = talk(&scenario).run();
    transcript.rows();
    let close = transcript.commands().iter().position(|command| *command == Command::CLOSE).unwrap();
    let closed = CloseRequest::decode(&transcript.traffic.requests[close]).unwrap().file_id;
    assert!(!pipes_used(&transcript)[1..].contains(&closed));
    // Not waited for: the fresh CREATE is right behind it.
    assert_eq!(transcript.commands()[close + 1], Command::CREATE);
}

#[test]
fn a_refusal_on_every_dialect_keeps_the_check_against_downgrade() {
    for dialect in
        [DialectNumber::Smb202, DialectNumber::Smb210, DialectNumber::Smb300, DialectNumber::Smb302]
    {
        let status = NtStatus::NOT_SUPPORTED.0;
        let mut scenario = shipped("windows")
            .unwrap()
            .with_fault(Fault::new(Step::Bind, FaultKind::Status(status)).in_compounds());
        scenario.smb.dialects = vec![dialect];
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{dialect:?}");
        assert_eq!(transcript.traffic.round_trips, 7, "{dialect:?}");
    }
}

#[test]
fn other_errors_are_final() {
    let refused_by_tree_connect =
        [NtStatus::BAD_NETWORK_NAME, NtStatus::ACCESS_DENIED].iter().chain(&REFUSALS);
    let tree_connect = refused_by_tree_connect.map(|status| (Step::TreeConnect, *status));
    let others = [Step::Create, Step::Bind].into_iter().flat_map(|step| {
        [NtStatus::ACCESS_DENIED, NtStatus::OBJECT_NAME_NOT_FOUND, NtStatus::PIPE_NOT_AVAILABLE]
            .map(|status| (step, status))
    });
    for (step, status) in tree_connect.chain(others) {
        for shape in SHAPES {
            let mut scenario = signed().with_fault(Fault::new(step, FaultKind::Status(status.0)));
            scenario.smb.compound_replies = shape;
            let transcript = talk(&scenario).run();
            assert_eq!(transcript.cause(), &Cause::Status(status), "{step:?} {shape:?}");
            assert_eq!(
                (transcript.traffic.round_trips, transcript.traffic.reconnects),
                (4, 0),
                "{step:?} {status}"
            );
        }
    }
}

#[test]
fn errors_in_single_steps_are_final_whatever_they_are() {
    for status in REFUSALS {
        for step in [Step::Create, Step::Bind] {
            let scenario = signed().with_fault(Fault::new(step, FaultKind::Status(status.0)));
            let transcript = talk(&scenario).run();
            assert_eq!(transcript.cause(), &Cause::Status(status), "{step:?}");
            assert_eq!(transcript.traffic.reconnects, 0);
        }
    }
}

#[test]
fn connection_cut_over_a_compound_is_followed_by_one_in_single_steps() {
    for kind in [FaultKind::Close, FaultKind::Reset, FaultKind::CutOff(20)] {
        for step in [Step::TreeConnect, Step::Create, Step::Bind] {
            let scenario = signed().with_fault(Fault::new(step, kind.clone()).in_compounds());
            let transcript = talk(&scenario).run();
            assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{kind:?} {step:?}");
            assert_eq!(transcript.traffic.reconnects, 1);
            // Four on the first connection; on the second three, and four single steps.
            assert_eq!(transcript.traffic.round_trips, 4 + 3 + 4);
            assert_eq!(transcript.count(Command::NEGOTIATE), 2);
        }
    }
}

#[test]
fn a_second_cut_is_final() {
    for step in [Step::TreeConnect, Step::Create, Step::Bind] {
        let scenario = signed().with_fault(Fault::new(step, FaultKind::Close));
        let transcript = talk(&scenario).run();
        assert_eq!(transcript.cause(), &Cause::Closed, "{step:?}");
        assert_eq!(transcript.traffic.reconnects, 1);
    }
}

#[test]
fn a_server_that_is_gone_after_the_cut_is_not_taken_for_one_of_smb1() {
    let scenario = signed().with_fault(Fault::new(Step::Create, FaultKind::Close));
    let transcript = talk(&scenario).deaf_after_reconnect().run();
    assert_eq!(transcript.cause(), &Cause::Closed);
    assert_eq!(transcript.traffic.reconnects, 1);
}

#[test]
fn the_second_connection_has_the_same_deadline() {
    let scenario = signed()
        .with_fault(Fault::new(Step::Bind, FaultKind::Close).in_compounds())
        .with_fault(Fault::new(Step::Create, FaultKind::Stall));
    let mut scenario = scenario;
    scenario.delay_ms = 100;
    // The stalled CREATE of the first connection is never reached: its frame is cut by the other fault first.
    let transcript = talk(&scenario).timeout(Duration::from_secs(2)).run();
    assert_eq!(transcript.cause(), &Cause::TimedOut);
    assert_eq!(transcript.elapsed, Duration::from_secs(2));
}

#[test]
fn interim_answers_change_nothing() {
    for kind in [FaultKind::Interim, FaultKind::BareInterim] {
        for step in [
            Step::Challenge,
            Step::LogOn,
            Step::TreeConnect,
            Step::Create,
            Step::Bind,
            Step::Validate,
            Step::Enumerate,
            Step::Read,
        ] {
            for dialect in [DialectNumber::Smb210, DialectNumber::Smb302, DialectNumber::Smb311] {
                let mut scenario = shipped("samba").unwrap().with_fault(Fault::new(step, kind.clone()));
                let one = scenario.sessions()[0].clone();
                scenario = scenario.with_sessions(vec![one; 300]);
                scenario.smb.dialects = vec![dialect];
                let transcript = talk(&scenario).run();
                assert_eq!(transcript.rows().len(), 300, "{kind:?} {step:?} {dialect:?}");
            }
        }
    }
}

#[test]
fn a_bind_that_is_refused_is_final() {
    for kind in [FaultKind::BindNak, FaultKind::BindRejection] {
        let scenario = signed().with_fault(Fault::new(Step::Bind, kind.clone()));
        let transcript = talk(&scenario).run();
        assert!(matches!(transcript.cause(), Cause::BindRefused(_)), "{kind:?}: {:?}", transcript.cause());
    }
}

#[test]
fn transfer_syntax_that_was_not_offered_is_an_error() {
    let scenario = signed().with_fault(Fault::new(Step::Bind, FaultKind::OtherTransferSyntax));
    assert_eq!(talk(&scenario).run().cause(), &Cause::Misbehaved(Misbehaviour::OtherTransferSyntax));
}

/// Holds the answer to CLOSE back until `later` other frames have come; the client has taken it when the flag is set.
fn close_answered_after(later: usize) -> (impl FnMut(&mut Vec<u8>) + 'static, Rc<Cell<bool>>) {
    let delivered = Rc::new(Cell::new(false));
    let flag = Rc::clone(&delivered);
    let mut held: Option<(Vec<u8>, usize)> = None;
    let hold = move |frame: &mut Vec<u8>| {
        const PREFIX: usize = 4 /* length of the frame */;
        if Header::decode(&frame[PREFIX..]).unwrap().command == Command::CLOSE {
            held = Some((std::mem::take(frame), later));
        } else if let Some((close, left)) = &mut held {
            *left -= 1;
            if *left == 0 {
                frame.append(close);
                held = None;
                flag.set(true);
            }
        }
    };
    (hold, delivered)
}

#[test]
fn late_answer_to_close_is_taken_for_no_other_answer() {
    let refused = Fault::new(Step::Bind, FaultKind::Status(NtStatus::INVALID_PARAMETER.0)).in_compounds();
    let close_fails = Fault::new(Step::Other, FaultKind::Status(NtStatus::FILE_CLOSED.0));
    let mut scenario = signed().with_fault(refused);
    let one = scenario.sessions()[0].clone();
    scenario = scenario.with_sessions(vec![one; 300]);
    scenario.rpc.max_fragment = 1432;
    // Three fragments of a request.
    let long = Sessions { client: Some("c".repeat(1000)), user: Some("u".repeat(1000)), ..named(Level::L1) };
    for scenario in [scenario.clone(), scenario.with_fault(close_fails)] {
        // Behind CREATE, the bind, and the first answers to the call: WRITE, or IOCTL and READs.
        for later in 1..=4 {
            for (question, rows) in [(named(Level::L1), 300), (long.clone(), 0)] {
                let (hold, delivered) = close_answered_after(later);
                let transcript = talk(&scenario).asking(question).spoiling(hold).run();
                assert_eq!(transcript.rows().len(), rows, "{later}");
                assert!(delivered.get(), "{later}");
            }
        }
    }
}

/// Faults at a step, and what the connection ends with.
type Unbelievable = (Step, Vec<FaultKind>, fn(&Cause) -> bool);

/// Answers to the compound that say nothing the server can be held to.
fn unbelievable() -> Vec<Unbelievable> {
    let denied = || FaultKind::Status(NtStatus::ACCESS_DENIED.0);
    vec![
        // ksmbd of Linux 6.1 and 6.12.
        (Step::TreeConnect, vec![FaultKind::NextCommandPastEnd], |cause| {
            matches!(cause, Cause::Malformed(_))
        }),
        // ksmbd of Linux 7.2.
        (Step::Create, vec![denied(), FaultKind::Unprotected], |cause| matches!(cause, Cause::Integrity(_))),
        (Step::Bind, vec![FaultKind::FlipBit(64 * 8 + 3)], |cause| matches!(cause, Cause::Integrity(_))),
        (Step::Create, vec![FaultKind::WrongMessageId], |cause| matches!(cause, Cause::Misbehaved(_))),
        (Step::Bind, vec![FaultKind::OtherTransferSyntax], |cause| matches!(cause, Cause::Misbehaved(_))),
        (Step::TreeConnect, vec![FaultKind::Garbage("HTTP/1.1 400".into())], |cause| {
            matches!(cause, Cause::NotSmb(_))
        }),
        (Step::Bind, vec![FaultKind::FrameLength(0xff_ffff)], |cause| matches!(cause, Cause::Limit(_))),
        (Step::Create, vec![FaultKind::Close], |cause| matches!(cause, Cause::Closed)),
    ]
}

#[test]
fn answer_that_cannot_be_believed_is_followed_by_one_new_connection_in_single_steps() {
    for dialect in
        [DialectNumber::Smb202, DialectNumber::Smb210, DialectNumber::Smb302, DialectNumber::Smb311]
    {
        for (step, kinds, ends) in unbelievable() {
            for shape in SHAPES {
                let mut scenario = signed();
                scenario.smb.dialects = vec![dialect];
                scenario.smb.compound_replies = shape;
                for kind in &kinds {
                    scenario = scenario.with_fault(Fault::new(step, kind.clone()).in_compounds());
                }
                let transcript = talk(&scenario).run();
                let case = format!("{dialect:?} {step:?} {kinds:?} {shape:?}");
                assert_eq!(transcript.rows(), expected(&scenario, Level::L1), "{case}");
                assert_eq!(transcript.traffic.reconnects, 1, "{case}");
                assert!(ends(&transcript.traffic.given_up[0]), "{case}: {:?}", transcript.traffic.given_up);
                assert!(transcript.negotiated.unwrap().single_steps, "{case}");
                // Two for each log-on: one more log-on, and no third.
                assert_eq!(transcript.count(Command::SESSION_SETUP), 4, "{case}");
                assert_eq!(transcript.count(Command::TREE_CONNECT), 2, "{case}");
            }
        }
    }
}

#[test]
fn second_answer_that_cannot_be_believed_is_final() {
    for (step, kinds, ends) in unbelievable() {
        let mut scenario = signed();
        for kind in &kinds {
            scenario = scenario.with_fault(Fault::new(step, kind.clone()));
        }
        let transcript = talk(&scenario).run();
        assert!(ends(transcript.cause()), "{step:?} {kinds:?}: {:?}", transcript.cause());
        assert_eq!(transcript.traffic.reconnects, 1, "{step:?} {kinds:?}");
        assert_eq!(transcript.count(Command::SESSION_SETUP), 4, "{step:?} {kinds:?}");
    }
}

#[test]
fn in_single_steps_from_the_start_there_is_no_second_connection() {
    for (step, kinds, ends) in unbelievable() {
        let mut scenario = signed();
        for kind in &kinds {
            scenario = scenario.with_fault(Fault::new(step, kind.clone()));
        }
        let transcript = talk(&scenario).configured(|config| config.single_steps = true).run();
        assert!(ends(transcript.cause()), "{step:?} {kinds:?}: {:?}", transcript.cause());
        assert_eq!(transcript.traffic.reconnects, 0, "{step:?} {kinds:?}");
    }
}

#[test]
fn rest_of_a_refused_compound_that_cannot_be_believed_is_followed_by_a_new_connection() {
    let mut scenario = signed()
        .with_fault(Fault::new(Step::Create, FaultKind::Status(NtStatus::SMB_BAD_TID.0)).in_compounds())
        .with_fault(Fault::new(Step::Bind, FaultKind::Unprotected).in_compounds());
    scenario.smb.compound_replies = CompoundReplies::Separate;
    let transcript = talk(&scenario).run();
    assert_eq!(transcript.rows(), expected(&scenario, Level::L1));
    assert_eq!(transcript.traffic.reconnects, 1);
}

#[test]
fn second_connection_keeps_the_dialects_and_the_encryption() {
    for encryption in [Encryption::Offered, Encryption::Required] {
        let mut scenario = shipped("windows")
            .unwrap()
            .with_fault(Fault::new(Step::Create, FaultKind::Unprotected).in_compounds());
        scenario.smb.encryption = encryption;
        let transcript = talk(&scenario)
            .configured(|config| {
                config.min_dialect = Dialect::Smb302;
                config.encryption = Wanted::Required;
            })
            .run();
        assert_eq!(transcript.rows(), expected(&scenario, Level::L1));
        assert!(transcript.negotiated.unwrap().encrypted);
        let offers: Vec<_> = transcript
            .traffic
            .requests
            .iter()
            .filter_map(|message| NegotiateRequest::decode(message).ok())
            .collect();
        let [first, second] = offers.as_slice() else { panic!("{offers:?}") };
        assert_eq!(first.dialects, second.dialects);
        assert_ne!(first.client_guid, second.client_guid);
    }
}

/// One compound refused on the same connection, whose check against a downgrade is then wrong: no second connection.
#[test]
fn wrong_answer_to_the_check_against_downgrade_is_final() {
    for kinds in [
        vec![FaultKind::Unprotected],
        vec![FaultKind::FlipBit(64 * 8 + 3)],
        vec![FaultKind::Status(NtStatus::ACCESS_DENIED.0)],
    ] {
        let mut scenario = signed()
            .with_fault(Fault::new(Step::Create, FaultKind::Status(NtStatus::SMB_BAD_TID.0)).in_compounds());
        scenario.smb.dialects = vec![DialectNumber::Smb302];
        for kind in &kinds {
            scenario = scenario.with_fault(Fault::new(Step::Validate, kind.clone()));
        }
        for shape in SHAPES {
            scenario.smb.compound_replies = shape;
            let transcript = talk(&scenario).run();
            assert!(
                matches!(transcript.cause(), Cause::Integrity(_)),
                "{kinds:?} {shape:?}: {:?}",
                transcript.cause()
            );
            assert_eq!(transcript.traffic.reconnects, 0, "{kinds:?} {shape:?}");
        }
    }
}

#[test]
fn related_requests_bear_the_real_session() {
    let transcript = talk(&signed()).run();
    transcript.rows();
    let headers: Vec<Header> =
        transcript.traffic.requests.iter().map(|message| Header::decode(message).unwrap()).collect();
    let session_id = headers.last().unwrap().session_id;
    let related: Vec<_> = headers.iter().filter(|header| header.flags.contains(Flags::RELATED)).collect();
    assert_eq!(related.len(), 2);
    assert!(session_id != 0 && related.iter().all(|header| header.session_id == session_id));
}

#[test]
fn last_answer_may_point_to_the_end_of_the_frame() {
    for step in [Step::Bind, Step::Create, Step::Enumerate] {
        for shape in SHAPES {
            for encryption in [Encryption::Off, Encryption::Required] {
                let mut scenario =
                    shipped("windows").unwrap().with_fault(Fault::new(step, FaultKind::NextCommandOwnSize));
                scenario.smb.compound_replies = shape;
                scenario.smb.encryption = encryption;
                let transcript = talk(&scenario).run();
                assert_eq!(
                    transcript.rows(),
                    expected(&scenario, Level::L1),
                    "{step:?} {shape:?} {encryption:?}"
                );
                assert_eq!(
                    (transcript.traffic.round_trips, transcript.traffic.reconnects),
                    (5, 0),
                    "{step:?} {shape:?}"
                );
            }
        }
    }
}
