use netsession_proto::rpce::*;
use netsession_proto::srvs::{Level, SessionEnumError, SessionEnumRequest, SessionEnumResponse};

use super::{Decoder, again};
use crate::input::Input;

pub(super) const DECODERS: &[Decoder] = &[
    pdu,
    stream,
    |bytes| again!(bytes, SessionEnumRequest::decode, SessionEnumRequest::encode),
    |bytes| answer(bytes, Level::L0),
    |bytes| answer(bytes, Level::L1),
    |bytes| answer(bytes, Level::L2),
    |bytes| answer(bytes, Level::L10),
    |bytes| answer(bytes, Level::L502),
];

fn pdu(bytes: &[u8]) {
    let Ok(pdu) = Pdu::decode(bytes) else { return };
    let again = match &pdu {
        Pdu::Bind(pdu) => pdu.encode(),
        Pdu::BindAck(pdu) => pdu.encode(),
        Pdu::BindNak(pdu) => pdu.encode(),
        Pdu::Request(pdu) => pdu.encode(),
        Pdu::Response(pdu) => pdu.encode(),
        Pdu::Fault(pdu) => pdu.encode(),
    };
    assert_eq!(Pdu::decode(&again), Ok(pdu));
}

/// PDUs that follow each other are all of the stream, and each is what it was taken for.
fn stream(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some((pdu, after))) = split_pdu(rest) {
        assert!(!pdu.is_empty(), "no step forward");
        assert_eq!([pdu, after].concat(), rest);
        self::pdu(pdu);
        rest = after;
    }
}

/// An answer at a level, with a small limit: never more entries than that, and what is refused for being too
/// many is refused with less room as well.
fn answer(bytes: &[u8], level: Level) {
    let mut input = Input::new(bytes);
    let limit = usize::from(input.u8() % 16);
    let stub = input.rest();
    match SessionEnumResponse::decode(stub, level, limit) {
        Ok(first) => {
            assert!(first.sessions.len() <= limit, "{} of {limit}", first.sessions.len());
            assert_eq!(first.level, level);
            for session in &first.sessions {
                assert_eq!(session.clone().reduced_to(level), *session, "fields that {level} has not");
            }
            let again = SessionEnumResponse::decode(&first.encode(), level, limit);
            assert_eq!(again.as_ref(), Ok(&first));
        }
        Err(SessionEnumError::TooManyEntries { limit: said }) => {
            assert_eq!(said, limit);
            assert!(SessionEnumResponse::decode(stub, level, limit / 2).is_err());
        }
        Err(_) => {}
    }
}
