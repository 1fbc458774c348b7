//! Two queries at the same time over two pipes of one connection: sessions on the first, files on the second.

use netsession_proto::client::{
    BindRefusal, Cause, Failure, Limit, Machine, Misbehaviour, OpenSecondEvent, Refusal, RpcPipe,
    Step as ClientStep,
};
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::query::{
    Asking, AskingBoth, AskingBothEvent, AskingEvent, EnumQuery, SessionFilter, SessionQuery, WantedLevel,
};
use netsession_proto::rpce::{FaultStatus, RejectionReason};
use netsession_proto::smb2::{Body as _, Command, FSCTL_PIPE_TRANSCEIVE, Header, IoctlRequest};
use netsession_proto::srvs::{FileEnumRequest, FileInfo, Level, SessionInfo};
use netsession_testserver::Scenario;
use netsession_testserver::scenario::{
    CompoundReplies, DialectNumber, Encryption, Fault, FaultKind, SHIPPED, Step, shipped,
};
use std::cell::Cell;
use std::rc::Rc;

use crate::connected::Connected;
use crate::talk::{Passed, Side, expected, talk};

/// What came of both queries.
struct Both {
    sessions: Vec<SessionInfo>,
    files: Vec<FileInfo>,
    end: BothEnd,
}

type BothEnd =
    Result<(RpcPipe, Result<SessionQuery, Failure>, Result<EnumQuery<FileEnumRequest>, Failure>), Failure>;

impl Connected {
    /// How often the client has waited since this was asked last.
    fn round_trips(&mut self) -> usize {
        std::mem::take(&mut self.traffic.round_trips)
    }

    fn ask_both(&mut self, pipe: RpcPipe) -> Both {
        let pipes = pipe.into_pair().expect("a second pipe");
        let (sessions, files) = (self.sessions(), self.files());
        let mut asking = AskingBoth::new(pipes, sessions, files, self.config.deadline, self.now);
        let (mut sessions, mut files) = (Vec::new(), Vec::new());
        let end = loop {
            match self.next_event(&mut asking) {
                AskingBothEvent::First(items) => sessions.extend(items),
                AskingBothEvent::Second(items) => files.extend(items),
                AskingBothEvent::Done(pipe, first, second) => break Ok((*pipe, first, second)),
                AskingBothEvent::Failed(failure) => break Err(failure),
            }
        };
        assert!(asking.poll_event().is_none() && asking.poll_transmit().is_none(), "goes on after its end");
        assert_eq!((asking.poll_timeout(), asking.held_bytes()), (None, (0, 0)), "after its end");
        Both { sessions, files, end }
    }

    /// Asks for the sessions alone, over the first pipe.
    fn ask_first(&mut self, pipe: RpcPipe) -> (Vec<SessionInfo>, RpcPipe) {
        let mut asking = Asking::new(pipe, self.sessions(), self.config.deadline, self.now);
        let mut sessions = Vec::new();
        loop {
            match self.next_event(&mut asking) {
                AskingEvent::Items(items) => sessions.extend(items),
                AskingEvent::Done(pipe, _) => return (sessions, *pipe),
                AskingEvent::Refused(_, failure) | AskingEvent::Failed(failure) => panic!("{failure:?}"),
            }
        }
    }
}

impl Both {
    /// The pipe of an answer that has all that the scenario has.
    fn whole(self, scenario: &Scenario) -> RpcPipe {
        let (pipe, first, second) = self.end.unwrap();
        assert!(first.is_ok() && second.is_ok(), "{:?} {:?}", first.err(), second.err());
        assert_eq!(self.sessions, expected(scenario, Level::L1));
        assert_eq!(self.files, scenario.open_files());
        pipe
    }

    /// Why the connection failed.
    fn failure(self) -> Failure {
        match self.end {
            Err(failure) => failure,
            Ok((_, first, second)) => panic!("answered: {:?} {:?}", first.err(), second.err()),
        }
    }
}

/// Signed only, so that what the client asks can be read.
fn signed() -> Scenario {
    let mut scenario = shipped("windows").unwrap();
    scenario.smb.encryption = Encryption::Off;
    scenario
}

/// The calls of a joint question, in their order: those before it are the bind of each pipe.
fn at_call(number: u32, kind: FaultKind) -> Fault {
    Fault::new(Step::Enumerate, kind).after(number).times(1)
}

#[test]
fn both_queries_take_one_round_trip() {
    for name in SHIPPED {
        let scenario = shipped(name).unwrap();
        if scenario.open_files().is_empty() {
            continue;
        }
        let (mut connected, pipe) = Connected::new(talk(&scenario));
        let mut pipe = connected.pair(pipe);
        assert_eq!(connected.round_trips(), 1, "{name}: CREATE and bind in one compound");
        for _ in 0..3 {
            pipe = connected.ask_both(pipe).whole(&scenario);
            assert_eq!(connected.round_trips(), 1, "{name}");
        }
        // And one alone, over the first pipe, which leaves the second one as it is.
        let (sessions, pipe) = connected.ask_first(pipe);
        assert_eq!((sessions, pipe.has_second()), (expected(&scenario, Level::L1), true));
        connected.ask_both(pipe).whole(&scenario);
        assert_eq!(connected.round_trips(), 2, "{name}");
    }
}

#[test]
fn on_every_dialect_signed_and_encrypted() {
    use DialectNumber::{Smb202, Smb210, Smb300, Smb302, Smb311};
    for dialect in [Smb202, Smb210, Smb300, Smb302, Smb311] {
        for encryption in [Encryption::Off, Encryption::Offered] {
            for shape in [CompoundReplies::Joined, CompoundReplies::Separate, CompoundReplies::Reversed] {
                let mut scenario = shipped("windows").unwrap();
                scenario.smb.dialects = vec![dialect];
                scenario.smb.encryption = encryption;
                scenario.smb.compound_replies = shape;
                let (mut connected, pipe) = Connected::new(talk(&scenario));
                let pipe = connected.pair(pipe);
                connected.ask_both(pipe).whole(&scenario);
                assert_eq!(connected.round_trips(), 2, "{dialect:?} {encryption:?} {shape:?}");
            }
        }
    }
}

/// Each call has the pipe of its own, and a number that no other call of the connection has.
#[test]
fn requests_name_their_pipe_and_no_call_id_comes_twice() {
    let scenario = signed();
    let (mut connected, pipe) = Connected::new(talk(&scenario));
    let pipe = connected.pair(pipe);
    let pipe = connected.ask_both(pipe).whole(&scenario);
    connected.ask_both(pipe).whole(&scenario);
    let ioctls = connected.traffic.requests.iter().filter_map(|message| IoctlRequest::decode(message).ok());
    let calls: Vec<_> = ioctls
        .filter(|ioctl| ioctl.code == FSCTL_PIPE_TRANSCEIVE)
        .map(|ioctl| (ioctl.file_id, u32::from_le_bytes(ioctl.input[12..16].try_into().unwrap())))
        .collect();
    let [bind, first, second, again, second_again] = calls.as_slice() else { panic!("{calls:?}") };
    assert_ne!(first.0, second.0, "two pipes");
    assert_eq!((first.0, second.0), (again.0, second_again.0));
    let mut ids: Vec<u32> = [bind, first, second, again, second_again].map(|call| call.1).to_vec();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5, "{calls:?}");
}

/// The answer to the files comes before the one to the sessions.
#[test]
fn answers_come_in_any_order() {
    for encryption in [Encryption::Off, Encryption::Required] {
        let mut scenario = shipped("windows").unwrap();
        scenario.smb.encryption = encryption;
        let mut held = None;
        let mut frames = 0;
        // Four frames of the handshake, one of the second pipe. From then on each second frame comes before the first.
        let swapped = move |side, mut bytes: Vec<u8>| {
            frames += u32::from(side == Side::Server);
            if side == Side::Client || frames <= 5 {
                return Passed::On(bytes);
            }
            let Some(first) = held.take() else {
                held = Some(bytes);
                return Passed::On(Vec::new());
            };
            bytes.extend_from_slice(&first);
            Passed::On(bytes)
        };
        let (mut connected, pipe) = Connected::new(talk(&scenario).between(swapped));
        let mut pipe = connected.pair(pipe);
        for _ in 0..3 {
            pipe = connected.ask_both(pipe).whole(&scenario);
        }
        assert_eq!(connected.round_trips(), 4, "{encryption:?}");
    }
}

#[test]
fn interim_replies_to_each_of_them() {
    for kind in [FaultKind::Interim, FaultKind::BareInterim] {
        for encryption in [Encryption::Off, Encryption::Required] {
            let mut scenario = shipped("windows").unwrap();
            scenario.smb.encryption = encryption;
            scenario.rpc.max_fragment = 400;
            for step in [Step::Create, Step::Bind, Step::Enumerate, Step::Read] {
                scenario = scenario.with_fault(Fault::new(step, kind.clone()));
            }
            let (mut connected, pipe) = Connected::new(talk(&scenario));
            let mut pipe = connected.pair(pipe);
            for _ in 0..20 {
                pipe = connected.ask_both(pipe).whole(&scenario);
            }
        }
    }
}

#[test]
fn long_answers_on_both_pipes() {
    let mut scenario = shipped("windows").unwrap();
    let one = scenario.sessions()[0].clone();
    scenario = scenario.with_sessions(vec![one; 1_005]);
    scenario.files.page_size = Some(2);
    scenario.rpc.max_fragment = 1_000;
    let (mut connected, pipe) = Connected::new(talk(&scenario));
    let pipe = connected.pair(pipe);
    let pipe = connected.ask_both(pipe).whole(&scenario);
    connected.ask_both(pipe).whole(&scenario);
}

/// A server that grants one credit at a time is asked one after the other.
#[test]
fn few_credits_make_it_one_after_the_other() {
    // With less than three the first pipe was opened in single steps, and so is the second.
    for (credits, opening, both) in [(1, 2, 2), (2, 2, 1), (3, 1, 1)] {
        let mut scenario = shipped("windows").unwrap();
        scenario.smb.max_credits = credits;
        scenario.smb.dialects = vec![DialectNumber::Smb311];
        let (mut connected, pipe) = Connected::new(talk(&scenario));
        let pipe = connected.pair(pipe);
        assert_eq!(connected.round_trips(), opening, "{credits} credits");
        connected.ask_both(pipe).whole(&scenario);
        assert_eq!(connected.round_trips(), both, "{credits} credits");
    }
}

#[test]
fn server_that_grants_no_more_credits_is_not_waited_for() {
    let mut scenario = shipped("windows").unwrap();
    scenario.smb.max_credits = 1;
    scenario.smb.dialects = vec![DialectNumber::Smb311];
    let scenario = scenario.with_fault(Fault::new(Step::Enumerate, FaultKind::NoCredits));
    let (mut connected, pipe) = Connected::new(talk(&scenario));
    let pipe = connected.pair(pipe);
    let failure = connected.ask_both(pipe).failure();
    assert_eq!(failure.cause, Cause::Misbehaved(Misbehaviour::NoCredits));
}

/// Whatever the server answers to a second CREATE or bind: the first pipe goes on, and nothing ends the connection.
#[test]
fn refused_second_pipe_leaves_the_first() {
    let refusals = [
        (Step::Create, FaultKind::Status(NtStatus::ACCESS_DENIED.0), 1),
        (Step::Create, FaultKind::Status(NtStatus::PIPE_NOT_AVAILABLE.0), 1),
        // It may be the compound: single steps say it again.
        (Step::Create, FaultKind::Status(NtStatus::INSUFF_SERVER_RESOURCES.0), 2),
        (Step::Create, FaultKind::Status(NtStatus::SMB_BAD_TID.0), 2),
        (Step::Bind, FaultKind::Status(NtStatus::ACCESS_DENIED.0), 1),
        (Step::Bind, FaultKind::Status(NtStatus::INTERNAL_ERROR.0), 3),
        (Step::Bind, FaultKind::BindNak, 1),
        (Step::Bind, FaultKind::BindRejection, 1),
        (Step::Bind, FaultKind::RpcFault(5), 1),
    ];
    for (step, kind, round_trips) in refusals {
        for shape in [CompoundReplies::Joined, CompoundReplies::Separate, CompoundReplies::Reversed] {
            let mut scenario = signed().with_fault(Fault::new(step, kind.clone()).after(1));
            scenario.smb.compound_replies = shape;
            let (mut connected, pipe) = Connected::new(talk(&scenario));
            let OpenSecondEvent::Refused(pipe, failure) = connected.open_second(pipe) else {
                panic!("{step:?} {kind:?}")
            };
            assert_eq!(connected.round_trips(), round_trips, "{step:?} {kind:?} {shape:?}");
            let expected_step = if step == Step::Create { ClientStep::OpenPipe } else { ClientStep::Bind };
            assert_eq!(failure.step, expected_step, "{step:?} {kind:?} {shape:?}");
            match (&kind, &failure.cause) {
                (FaultKind::Status(status), Cause::Status(NtStatus(said))) => assert_eq!(status, said),
                (FaultKind::BindNak, Cause::BindRefused(BindRefusal::Nak(_))) => {}
                (FaultKind::BindRejection, Cause::BindRefused(BindRefusal::Rejected(reason))) => {
                    assert_eq!(*reason, RejectionReason::ABSTRACT_SYNTAX_NOT_SUPPORTED);
                }
                (FaultKind::RpcFault(_), Cause::Refused(Refusal::Fault(FaultStatus(5)))) => {}
                other => panic!("{other:?}"),
            }
            assert!(!pipe.has_second());
            let (sessions, pipe) = connected.ask_first(*pipe);
            assert_eq!(sessions, expected(&scenario, Level::L1));
            assert!(pipe.into_pair().is_err());
        }
    }
}

#[test]
fn second_pipe_that_is_replaced_is_closed() {
    let scenario = signed();
    let (mut connected, pipe) = Connected::new(talk(&scenario));
    let pipe = connected.pair(pipe);
    assert_eq!(connected.traffic.count(Command::CLOSE), 0);
    let pipe = connected.pair(pipe);
    assert_eq!(connected.traffic.count(Command::CLOSE), 1);
    connected.ask_both(pipe).whole(&scenario);
}

/// The server takes no compound of CREATE and bind, and single steps.
#[test]
fn refused_compound_is_followed_by_single_steps() {
    for (step, closes) in [(Step::Create, 0), (Step::Bind, 1)] {
        let fault =
            Fault::new(step, FaultKind::Status(NtStatus::INVALID_PARAMETER.0)).in_compounds().after(1);
        let scenario = signed().with_fault(fault);
        let (mut connected, pipe) = Connected::new(talk(&scenario));
        let pipe = connected.pair(pipe);
        assert_eq!(connected.round_trips(), 3, "{step:?}");
        assert_eq!(connected.traffic.count(Command::CLOSE), closes, "{step:?}");
        connected.ask_both(pipe).whole(&scenario);
        assert_eq!(connected.round_trips(), 1, "{step:?}");
    }
}

/// The answer to the bind of a refused compound may come while single steps are under way. It is no answer to them.
#[test]
fn late_answer_of_a_refused_compound_changes_nothing() {
    for late in [1, 2] {
        let refused =
            |step| Fault::new(step, FaultKind::Status(NtStatus::INVALID_PARAMETER.0)).in_compounds().after(1);
        let mut scenario = signed().with_fault(refused(Step::Create)).with_fault(refused(Step::Bind));
        scenario.smb.compound_replies = CompoundReplies::Separate;
        let is_opening = Rc::new(Cell::new(false));
        let (opening, mut held, mut frames) = (Rc::clone(&is_opening), Vec::new(), 0);
        let delayed = move |side, mut bytes: Vec<u8>| {
            if side == Side::Client || !opening.get() {
                return Passed::On(bytes);
            }
            frames += 1;
            if frames == 2 {
                // Behind the length of the frame.
                assert_eq!(Header::decode(&bytes[4..]).unwrap().command, Command::IOCTL);
                std::mem::swap(&mut held, &mut bytes);
            } else if frames == 2 + late {
                bytes.splice(0..0, std::mem::take(&mut held));
            }
            Passed::On(bytes)
        };
        let (mut connected, pipe) = Connected::new(talk(&scenario).between(delayed));
        is_opening.set(true);
        let pipe = connected.pair(pipe);
        connected.ask_both(pipe).whole(&scenario);
    }
}

/// Where the first pipe was opened in single steps, the second one is as well.
#[test]
fn single_steps_are_remembered() {
    let scenario = signed();
    let (mut connected, pipe) = Connected::with(talk(&scenario), |config| config.single_steps = true);
    let pipe = connected.pair(pipe);
    assert_eq!(connected.round_trips(), 2);
    connected.ask_both(pipe).whole(&scenario);
    assert_eq!(connected.round_trips(), 1);
}

/// Alice may list sessions and no files.
#[test]
fn refused_query_leaves_the_other_one_and_both_pipes() {
    let scenario = shipped("windows").unwrap();
    let (mut connected, pipe) = Connected::new(talk(&scenario).login("alice", "Wonderland1"));
    let mut pipe = connected.pair(pipe);
    for _ in 0..2 {
        let pipes = pipe.into_pair().unwrap();
        let filter = SessionFilter::default();
        let sessions =
            SessionQuery::new(None, WantedLevel::Named(Level::L10), filter, connected.config.limits);
        let files = connected.files();
        let (deadline, now) = (connected.config.deadline, connected.now);
        let mut asking = AskingBoth::new(pipes, sessions, files, deadline, now);
        let AskingBothEvent::First(rows) = connected.next_event(&mut asking) else { panic!("no sessions") };
        assert_eq!(rows.len(), scenario.sessions().len());
        let AskingBothEvent::Done(pipes, Ok(_), Err(failure)) = connected.next_event(&mut asking) else {
            panic!("not refused")
        };
        assert_eq!(failure.cause, Cause::Refused(Refusal::Code(Win32Error::ACCESS_DENIED)));
        pipe = *pipes;
    }
    assert_eq!(connected.round_trips(), 3);
}

/// An answer with the number of the other pipe's call is not taken for one.
#[test]
fn answers_of_the_pipes_are_not_mixed_up() {
    for number in [0, 1] {
        for encryption in [Encryption::Off, Encryption::Required] {
            let mut scenario = shipped("windows").unwrap().with_fault(at_call(number, FaultKind::OtherCall));
            scenario.smb.encryption = encryption;
            let (mut connected, pipe) = Connected::new(talk(&scenario));
            let pipe = connected.pair(pipe);
            let both = connected.ask_both(pipe);
            assert_eq!(both.failure().cause, Cause::Misbehaved(Misbehaviour::OtherCall), "call {number}");
        }
    }
}

/// What ends the connection ends both, with the step of the one that is not answered yet.
#[test]
fn what_fails_on_one_pipe_ends_both() {
    for (kind, cause) in [
        (FaultKind::Close, Cause::Closed),
        (FaultKind::Reset, Cause::Reset),
        (FaultKind::Stall, Cause::TimedOut),
        (FaultKind::Status(NtStatus::PIPE_DISCONNECTED.0), Cause::Status(NtStatus::PIPE_DISCONNECTED)),
        (FaultKind::WrongMessageId, Cause::Misbehaved(Misbehaviour::UnknownMessageId)),
    ] {
        for (number, text) in [(0, "enumeration of sessions"), (1, "enumeration of open files")] {
            let scenario = signed().with_fault(at_call(number, kind.clone()));
            let (mut connected, pipe) = Connected::new(talk(&scenario));
            let pipe = connected.pair(pipe);
            let failure = connected.ask_both(pipe).failure();
            assert_eq!(failure.cause, cause, "{kind:?}");
            assert_eq!(failure.step.text(), text, "{kind:?}");
        }
    }
}

/// Each query has the limits of an answer for itself.
#[test]
fn limits_are_those_of_each_query() {
    let scenario = shipped("windows").unwrap();
    let (sessions, files) = (scenario.sessions().len(), scenario.open_files().len());
    let most = sessions.max(files);
    let ask = |entries| {
        let (mut connected, pipe) =
            Connected::with(talk(&scenario), |config| config.limits.entries = entries);
        let pipe = connected.pair(pipe);
        connected.ask_both(pipe)
    };
    ask(most).whole(&scenario);
    assert_eq!(ask(most - 1).failure().cause, Cause::Limit(Limit::Entries(most - 1)));
}

/// Bits all over each frame: an error or the whole answer, never a wrong one.
#[test]
fn harmed_answers_are_never_believed() {
    for encryption in [Encryption::Off, Encryption::Required] {
        for step in [Step::Create, Step::Bind, Step::Enumerate] {
            for bit in (0..640).step_by(5).chain((640..8_000).step_by(97)) {
                let after = u32::from(step != Step::Enumerate);
                let mut scenario = shipped("windows").unwrap();
                scenario.smb.encryption = encryption;
                let scenario =
                    scenario.with_fault(Fault::new(step, FaultKind::FlipBit(bit)).after(after).times(1));
                let (mut connected, pipe) = Connected::new(talk(&scenario));
                match connected.open_second(pipe) {
                    OpenSecondEvent::Opened(pipe) => {
                        let both = connected.ask_both(*pipe);
                        if both.end.is_ok() {
                            both.whole(&scenario);
                        }
                    }
                    OpenSecondEvent::Refused(_, failure) => panic!("believed: {failure:?}"),
                    OpenSecondEvent::Failed(_) => {}
                }
            }
        }
    }
}

/// The answers to a second pipe cut off at every byte.
#[test]
fn cut_off_at_every_byte() {
    let scenario = signed();
    for step in [Step::Create, Step::Enumerate] {
        for length in 0..200 {
            let fault = Fault::new(step, FaultKind::CutOff(length)).after(u32::from(step == Step::Create));
            let scenario = scenario.clone().with_fault(fault);
            let (mut connected, pipe) = Connected::new(talk(&scenario));
            let failure = match connected.open_second(pipe) {
                OpenSecondEvent::Opened(pipe) => connected.ask_both(*pipe).failure(),
                OpenSecondEvent::Failed(failure) => failure,
                OpenSecondEvent::Refused(_, failure) => panic!("{failure:?}"),
            };
            assert_eq!(failure.cause, Cause::Closed, "{step:?} {length}");
        }
    }
}

/// The deadline is that of both, and of the opening.
#[test]
fn deadline_ends_it() {
    for step in [Step::Create, Step::Bind] {
        let scenario = signed().with_fault(Fault::new(step, FaultKind::Stall).after(1));
        let (mut connected, pipe) = Connected::new(talk(&scenario));
        let OpenSecondEvent::Failed(failure) = connected.open_second(pipe) else { panic!("{step:?}") };
        assert_eq!(failure.cause, Cause::TimedOut);
        assert_eq!(connected.now, connected.config.deadline);
    }
}
