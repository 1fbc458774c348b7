//! The pipe alone, without a query: any call, one after another, and answers that are taken as they come.

use netsession_proto::client::{
    Call, Limits, Machine, Operation, PendingCall, PendingCallEvent, PendingPairEvent, RpcPipe, WhichPipe,
};
use netsession_proto::query::{Asking, AskingBoth, AskingBothEvent, AskingEvent};
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{Level, RemoteTodRequest, RpcCall, SessionEnumRequest};
use netsession_testserver::core::Transmit;
use netsession_testserver::scenario::{Fault, FaultKind, Step, shipped};

use crate::connected::Connected;
use crate::fragments::thousand;
use crate::talk::{expected, talk};

impl Connected {
    fn call<C: RpcCall>(&self, pipe: RpcPipe, call: &C) -> PendingCall {
        self.stub(pipe, C::OPNUM, &call.encode())
    }

    fn stub(&self, pipe: RpcPipe, opnum: u16, stub: &[u8]) -> PendingCall {
        pipe.call(&self.request(opnum, stub), self.now)
    }

    fn request<'a>(&self, opnum: u16, stub: &'a [u8]) -> Call<'a> {
        let operation = Operation::question("any", "any call");
        Call { operation, opnum, stub, max_answer: 1 << 20, deadline: self.config.deadline }
    }

    fn answer(&mut self, mut call: PendingCall) -> (RpcPipe, Result<Vec<u8>, FaultStatus>) {
        match self.next_event(&mut call) {
            PendingCallEvent::Answered(pipe, answer) => (*pipe, answer),
            event => panic!("{event:?}"),
        }
    }

    /// Carries what both have to say, a few hundred bytes at a time, with a look at the client after each, until it has
    /// something to tell.
    fn slowly<M: Machine>(&mut self, client: &mut M, mut look: impl FnMut(&mut M)) -> M::Event {
        let server = self.server.as_mut().unwrap();
        loop {
            if let Some(event) = client.poll_event() {
                return event;
            }
            while let Some(bytes) = client.poll_transmit() {
                server.handle_input(&bytes, self.now);
            }
            let Some(Transmit::Bytes(bytes)) = server.poll_transmit(self.now) else { panic!("it is silent") };
            for piece in bytes.chunks(300) {
                client.handle_input(piece, self.now);
                look(client);
            }
        }
    }
}

#[test]
fn a_pipe_carries_any_calls_one_after_another() {
    let scenario = shipped("windows").unwrap();
    let limits = Limits { pages: 7, ..Limits::default() };
    let (mut connected, pipe) = Connected::with(talk(&scenario), |config| config.limits = limits);
    assert_eq!(pipe.limits().pages, 7);
    let time = RemoteTodRequest { server: None };
    let sessions = SessionEnumRequest::new(Level::L10);
    let (pipe, answer) = connected.answer(connected.call(pipe, &time));
    assert!(time.decode_response(&answer.unwrap(), 0).unwrap().time.elapsed > 0);
    let (pipe, fault) = connected.answer(connected.stub(pipe, 9_999, &[]));
    assert_eq!(fault, Err(FaultStatus::OP_RNG_ERROR));
    let (pipe, answer) = connected.answer(connected.call(pipe, &sessions));
    let listed = sessions.decode_response(&answer.unwrap(), usize::MAX).unwrap().sessions;
    assert_eq!(listed, expected(&scenario, Level::L10));
    assert!(!pipe.has_second());
}

#[test]
fn an_answer_can_be_taken_as_it_comes() {
    let scenario = thousand();
    let (mut connected, pipe) = Connected::new(talk(&scenario));
    let call = SessionEnumRequest::new(Level::L1);
    let mut pending = connected.call(pipe, &call);
    let (mut stub, mut pieces, mut most) = (Vec::new(), 0, 0);
    let rest = loop {
        match connected.slowly(&mut pending, |pending| assert_eq!(pending.held_bytes(), 0, "in order")) {
            PendingCallEvent::Stub(piece) => {
                (pieces, most) = (pieces + 1, most.max(piece.len()));
                stub.extend(piece);
            }
            PendingCallEvent::Answered(_, Ok(rest)) => break rest,
            event => panic!("{event:?}"),
        }
    };
    stub.extend(rest);
    assert_eq!(call.decode_response(&stub, usize::MAX).unwrap().sessions, expected(&scenario, Level::L1));
    assert!(pieces > 10 && most > 1_000, "{pieces} pieces, at most {most}");
}

/// A fragment that came too early is held until those that belong before it are here.
#[test]
fn a_call_holds_what_is_out_of_order() {
    let scenario = thousand().with_fault(Fault::new(Step::Enumerate, FaultKind::FragmentsReversed));
    let (mut connected, pipe) = Connected::new(talk(&scenario));
    let sessions = SessionEnumRequest::new(Level::L1);
    let mut pending = connected.call(pipe, &sessions);
    let (mut stub, mut held) = (Vec::new(), 0);
    let rest = loop {
        match connected.slowly(&mut pending, |pending| held = held.max(pending.held_bytes())) {
            PendingCallEvent::Stub(piece) => stub.extend(piece),
            PendingCallEvent::Answered(_, Ok(rest)) => break rest,
            event => panic!("{event:?}"),
        }
    };
    stub.extend(rest);
    let listed = sessions.decode_response(&stub, usize::MAX).unwrap().sessions;
    assert_eq!(listed, expected(&scenario, Level::L1));
    assert!((20_000..200_000).contains(&held), "{held} bytes");
    assert_eq!(pending.held_bytes(), 0);
}

/// The answer to the first call comes with its fragments reversed: each waits for those that belong before it.
#[test]
fn calls_on_two_pipes_hold_only_what_is_out_of_order() {
    let scenario = thousand().with_fault(Fault::new(Step::Enumerate, FaultKind::FragmentsReversed).times(1));
    let (mut connected, pipe) = Connected::new(talk(&scenario));
    let pipes = connected.pair(pipe).into_pair().unwrap();
    let sessions = SessionEnumRequest::new(Level::L1);
    let request = sessions.encode();
    let call = connected.request(SessionEnumRequest::OPNUM, &request);
    let mut pair = pipes.call(&call, &call, connected.now);
    let (mut stubs, mut held) = ([Vec::new(), Vec::new()], [0, 0]);
    let (mut alone, answered) = loop {
        let event = connected.slowly(&mut pair, |pair| {
            held[0] = held[0].max(pair.held_bytes(WhichPipe::First));
            held[1] = held[1].max(pair.held_bytes(WhichPipe::Second));
        });
        match event {
            PendingPairEvent::Stub(WhichPipe::First, stub) => stubs[0].extend(stub),
            PendingPairEvent::Stub(WhichPipe::Second, stub) => stubs[1].extend(stub),
            PendingPairEvent::Answered(which, pipe, Ok(rest)) => {
                stubs[usize::from(which == WhichPipe::Second)].extend(rest);
                break (pipe.wait_for_other(connected.now), which);
            }
            event => panic!("{event:?}"),
        }
    };
    let other = usize::from(answered == WhichPipe::First);
    let rest = loop {
        match connected.slowly(&mut alone, |alone| held[other] = held[other].max(alone.held_bytes())) {
            PendingCallEvent::Stub(stub) => stubs[other].extend(stub),
            PendingCallEvent::Answered(pipe, Ok(rest)) if pipe.has_second() => break rest,
            event => panic!("{event:?}"),
        }
    };
    stubs[other].extend(rest);
    for stub in &stubs {
        let listed = sessions.decode_response(stub, usize::MAX).unwrap().sessions;
        assert_eq!(listed, expected(&scenario, Level::L1));
    }
    assert!((20_000..200_000).contains(&held[0]) && held[1] == 0, "{held:?}");
}

/// What a question holds of an answer that is not complete is told, and is little: entries are read as they come.
#[test]
fn a_question_tells_what_it_holds() {
    let scenario = thousand();
    let (mut connected, pipe) = Connected::new(talk(&scenario));
    let mut asking = Asking::new(pipe, connected.sessions(), connected.config.deadline, connected.now);
    let (mut most, mut rows) = (0, 0);
    loop {
        let event = connected.slowly(&mut asking, |asking| most = most.max(asking.held_bytes()));
        match event {
            AskingEvent::Items(items) => rows += items.len(),
            AskingEvent::Done(..) => break,
            AskingEvent::Refused(_, failure) | AskingEvent::Failed(failure) => panic!("{failure:?}"),
        }
    }
    assert_eq!((rows, asking.held_bytes()), (scenario.sessions().len(), 0));
    assert!((1_000..100_000).contains(&most), "{most} bytes");
}

#[test]
fn each_of_two_questions_tells_what_it_holds() {
    let scenario = thousand();
    let limits = Limits { pages: 7, ..Limits::default() };
    let (mut connected, pipe) = Connected::with(talk(&scenario), |config| config.limits = limits);
    let pipes = connected.pair(pipe).into_pair().unwrap();
    assert_eq!(pipes.limits(), limits);
    let (sessions, files) = (connected.sessions(), connected.files());
    let mut asking = AskingBoth::new(pipes, sessions, files, connected.config.deadline, connected.now);
    let mut most = 0;
    loop {
        let event = connected.slowly(&mut asking, |asking| {
            let (first, second) = asking.held_bytes();
            most = most.max(first);
            assert!(second < 1_000, "{second} bytes for no file");
        });
        match event {
            AskingBothEvent::First(_) | AskingBothEvent::Second(_) => {}
            AskingBothEvent::Done(..) => break,
            AskingBothEvent::Failed(failure) => panic!("{failure:?}"),
        }
    }
    assert!((1_000..100_000).contains(&most), "{most} bytes");
}
