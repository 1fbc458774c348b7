use netsession_proto::rpce::*;

use super::again::Decoder;

pub(super) const DECODERS: &[Decoder] = &[pdu, stream];

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
