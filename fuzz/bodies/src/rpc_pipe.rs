//! The pipe alone, without any query: calls with any opnum, one after the other, and protected replies of all kinds.
//! Fragments in both directions, READs in any order, hints, credits, interim replies, faults.

use std::time::Instant;

use netsession_proto::client::{Call, Limits, Operation};
use netsession_proto::rpce::FaultStatus;

use crate::client::TIMEOUT;
use crate::input::Input;
use crate::opening::{Credits, open_pipe};
use crate::pipe_server::PipeServer;

const MAX_STEPS: usize = 600;
const MAX_FRAME: usize = 70_000;
/// The longest stub of a request: three fragments.
const MAX_REQUEST: u16 = 14_000;
/// The longest stub of a response.
const MAX_ANSWER: u16 = 40_000;

const ANY: Operation = Operation::question("any", "any call");

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let calls = input.u8() % 4;
    let credits = input.pick(&[Credits::PLENTY, Credits::SCARCE]);
    let server = PipeServer::new(&mut input, calls > 0);
    let limits = Limits { frame_bytes: MAX_FRAME, ..Limits::default() };
    let (mut client, mut peer) = open_pipe(limits, credits, Instant::now());
    let mut server = server.varied(credits.granted());
    for number in 0..=calls {
        let SingleCall { opnum, request, max_answer, answer } = SingleCall::new(&mut input);
        let deadline = client.now + TIMEOUT;
        client.call(&Call { operation: ANY, opnum, stub: &request, max_answer, deadline });
        for _ in 0..MAX_STEPS {
            server.listen(&mut client, &mut peer, &mut |number, stub| {
                assert!(number == opnum && stub == request, "another call than what was given");
                answer.clone()
            });
            if !client.is_busy() || !server.step(&mut input, &mut client, &mut peer) {
                break;
            }
        }
        let fits = answer.as_ref().map_or(0, Vec::len) <= max_answer;
        match client.outcome.answers.get(usize::from(number)) {
            Some(taken) if server.is_honest || !server.is_altered => assert_eq!(*taken, answer),
            None if server.is_honest && fits => panic!("honest, and {:?}", client.outcome),
            _ => {}
        }
        if !client.is_ready() || client.is_busy() {
            break;
        }
    }
    client.finish();
}

/// A call, and what an honest server answers.
struct SingleCall {
    opnum: u16,
    request: Vec<u8>,
    max_answer: usize,
    answer: Result<Vec<u8>, FaultStatus>,
}

impl SingleCall {
    fn new(input: &mut Input<'_>) -> Self {
        Self {
            opnum: input.u16(),
            request: stub(input.u16() % MAX_REQUEST),
            max_answer: input.pick(&[usize::from(MAX_ANSWER), 100, 10_000]),
            answer: match input.u8() % 8 {
                1 => Err(FaultStatus(input.u32())),
                _ => Ok(stub(input.u16() % MAX_ANSWER)),
            },
        }
    }
}

/// Bytes of which no two places look alike.
fn stub(length: u16) -> Vec<u8> {
    let words = (0_u16..).flat_map(u16::to_le_bytes);
    words.take(usize::from(length)).collect()
}
