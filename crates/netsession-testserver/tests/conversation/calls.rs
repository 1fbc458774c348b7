//! The pipe alone, without a query: any call, one after another, and answers that are taken as they come.

use netsession_proto::client::{Call, Exchange, ExchangeEvent, Limits, Machine, Operation, RpcPipe};
use netsession_proto::query::{Asking, AskingBoth, AskingBothEvent, AskingEvent};
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::{Level, RemoteTodRequest, RpcCall, SessionEnumRequest};
use netsession_testserver::core::Transmit;
use netsession_testserver::scenario::shipped;

use crate::connected::Connected;
use crate::fragments::thousand;
use crate::talk::{expected, talk};

impl Connected {
    fn call<C: RpcCall>(&self, pipe: RpcPipe, call: &C) -> Exchange {
        self.stub(pipe, C::OPNUM, &call.encode())
    }

    fn stub(&self, pipe: RpcPipe, opnum: u16, stub: &[u8]) -> Exchange {
        let operation = Operation::question("any", "any call");
        let call = Call { operation, opnum, stub, max_answer: 1 << 20, deadline: self.config.deadline };
        pipe.call(&call, self.now)
    }

    fn answer(&mut self, mut exchange: Exchange) -> (RpcPipe, Result<Vec<u8>, FaultStatus>) {
        match self.next_event(&mut exchange) {
            ExchangeEvent::Answered(pipe, answer) => (*pipe, answer),
            ExchangeEvent::Failed(failure) => panic!("{failure:?}"),
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
    let mut exchange = connected.call(pipe, &call);
    let (mut stub, mut pieces, mut most) = (Vec::new(), 0, 0);
    let event = connected.slowly(&mut exchange, |exchange| {
        let held = exchange.held_bytes();
        let taken = exchange.take_stub();
        assert!(held >= taken.len(), "{held} and {}", taken.len());
        (pieces, most) = (pieces + usize::from(!taken.is_empty()), most.max(taken.len()));
        stub.extend(taken);
    });
    let ExchangeEvent::Answered(_, Ok(rest)) = event else { panic!("{event:?}") };
    stub.extend(rest);
    assert_eq!(call.decode_response(&stub, usize::MAX).unwrap().sessions, expected(&scenario, Level::L1));
    assert!(pieces > 10 && most > 1_000, "{pieces} pieces, at most {most}");
    assert_eq!((exchange.held_bytes(), exchange.take_stub().len()), (0, 0), "after its end");
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
    let (mut connected, pipe) = Connected::new(talk(&scenario));
    let pipes = connected.pair(pipe).into_pair().unwrap();
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
