//! A query and the fragments of its answers. An honest server must be understood, in whatever order READs are
//! answered; a dishonest one must do no harm.

use std::time::Instant;

use netsession_proto::client::Limits;

use crate::input::Input;
use crate::opening::{Credits, open_pipe};
use crate::pipe_server::PipeServer;
use crate::queries::HonestServer;

const MAX_STEPS: usize = 600;
const MAX_ENTRIES: usize = 200;
const MAX_BYTES: usize = 20_000;

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let HonestServer { question, items: expected, may_page, answer } = HonestServer::new(&mut input);
    let mut server = PipeServer::new(&mut input, may_page);
    let limits = Limits { entries: MAX_ENTRIES, answer_bytes: MAX_BYTES, frame_bytes: 70_000, pages: 8 };
    let (mut client, mut peer) = open_pipe(limits, Credits::PLENTY, Instant::now());
    client.ask(&question);
    for _ in 0..MAX_STEPS {
        server.listen(&mut client, &mut peer, &mut |opnum, stub| Ok(answer(opnum, stub)));
        if !client.is_busy() || !server.step(&mut input, &mut client, &mut peer) {
            break;
        }
    }
    let outcome = client.finish();
    match outcome.listings.as_slice() {
        [(items, Ok(_))] if server.is_honest => {
            assert_eq!(*items, expected);
            assert!(server.bytes <= MAX_BYTES, "{} bytes taken", server.bytes);
        }
        [(items, Ok(_))] if !server.is_altered => assert_eq!(*items, expected),
        _ if server.is_honest && expected.len() <= MAX_ENTRIES && server.bytes <= MAX_BYTES => {
            panic!("honest, and {outcome:?}")
        }
        _ => {}
    }
}
