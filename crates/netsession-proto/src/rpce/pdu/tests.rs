use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::rpce::{
    ContextResult, FaultStatus, NakReason, PresentationContext, RejectionReason, SyntaxId, fragments,
};

fn a_fault() -> Vec<u8> {
    Fault { call_id: 7, context_id: 0, did_not_execute: true, status: FaultStatus::OP_RNG_ERROR }.encode()
}

#[test]
fn a_pdu_is_whole_or_is_waited_for() {
    let mut stream = a_fault();
    let length = stream.len();
    stream.extend(a_fault());
    for end in 0..length {
        assert_eq!(split_pdu(&stream[..end]), Ok(None), "{end}");
    }
    let (pdu, rest) = split_pdu(&stream).unwrap().unwrap();
    assert_eq!((pdu.len(), rest.len()), (length, length));
    assert_eq!(Pdu::decode(pdu).unwrap().call_id(), 7);
}

#[test]
fn a_length_below_the_header_is_an_error_and_not_an_endless_loop() {
    let mut bytes = a_fault();
    bytes[8] = 15;
    assert!(split_pdu(&bytes).is_err());
    assert!(Pdu::decode(&bytes).is_err());
}

#[test]
fn the_length_must_be_that_of_the_bytes() {
    let mut bytes = a_fault();
    bytes.push(0);
    assert!(Pdu::decode(&bytes).is_err());
    bytes.truncate(20);
    assert!(Pdu::decode(&bytes).is_err());
}

#[test]
fn big_endian_and_authentication_are_refused_in_words() {
    let mut bytes = a_fault();
    bytes[4] = 0;
    let error = Pdu::decode(&bytes).unwrap_err().to_string();
    assert_eq!(error, "packed_drep at byte 4 is big-endian, which is not supported");
    bytes[4] = 0x10;
    bytes[10] = 8;
    let error = Pdu::decode(&bytes).unwrap_err().to_string();
    assert!(error.starts_with("auth_length at byte 10 announces"), "{error}");
}

#[test]
fn other_versions_and_kinds_are_refused() {
    for (place, value) in [(0, 4), (1, 2), (2, 1), (2, 14), (4, 0x11)] {
        let mut bytes = a_fault();
        bytes[place] = value;
        assert!(Pdu::decode(&bytes).is_err(), "{place}");
        assert!(split_pdu(&bytes).is_err(), "{place}");
    }
}

/// Written by `ndr_pack` of python3-samba's `dcerpc.ncacn_packet` (Samba 4.17).
#[test]
fn samba_writes_the_same_bytes() {
    let bind = Bind::new(7, crate::srvs::INTERFACE, 5840);
    let ack = BindAck {
        call_id: 7,
        max_xmit_frag: 5840,
        max_recv_frag: 5840,
        assoc_group: 0x53f0,
        secondary_address: b"\\PIPE\\srvsvc\0".to_vec(),
        results: vec![
            ContextResult::Acceptance(SyntaxId::NDR),
            ContextResult::ProviderRejection(RejectionReason::TRANSFER_SYNTAXES_NOT_SUPPORTED),
        ],
    };
    let nak =
        BindNak { call_id: 7, reason: NakReason::PROTOCOL_VERSION_NOT_SUPPORTED, versions: vec![(5, 0)] };
    let fault = Fault { call_id: 7, context_id: 0, did_not_execute: true, status: FaultStatus::OP_RNG_ERROR };
    let [part] = fragments(&[1, 2, 3, 4], 5840).collect::<Vec<_>>()[..] else { panic!("one fragment") };
    let (request, response) = (part.request(7, 0, 12), part.response(7, 0));
    for (encoded, pdu, hex) in [
        (
            bind.encode(),
            Pdu::Bind(bind),
            "05000b03100000004800000007000000d016d016000000000100000000000100c84f324b7016d30112785a47\
         bf6ee18803000000045d888aeb1cc9119fe808002b10486002000000",
        ),
        (
            ack.encode(),
            Pdu::BindAck(ack),
            "05000c03100000005c00000007000000d016d016f05300000d005c504950455c737276737663000002000000\
         00000000045d888aeb1cc9119fe808002b104860020000000200020000000000000000000000000000000000\
         00000000",
        ),
        (nak.encode(), Pdu::BindNak(nak), "05000d031000000015000000070000000400010500"),
        (
            fault.encode(),
            Pdu::Fault(fault),
            "0500032310000000200000000700000020000000000000000200011c00000000",
        ),
        (request.encode(), Pdu::Request(request), "05000003100000001c000000070000000400000000000c0001020304"),
        (
            response.encode(),
            Pdu::Response(response),
            "05000203100000001c00000007000000040000000000000001020304",
        ),
    ] {
        let digit = |place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(digit).collect();
        assert_eq!(encoded, bytes);
        assert_eq!(Pdu::decode(&bytes), Ok(pdu));
    }
}

proptest! {
    #[test]
    fn anything_is_decoded_or_refused(mut bytes in vec(any::<u8>(), 0..200), kind in select(&PacketType::ALL)) {
        let _ = Pdu::decode(&bytes);
        let _ = split_pdu(&bytes);
        // The same behind a header that is right.
        let length = bytes.len() as u16 + 16;
        let mut pdu = vec![5, 0, kind.number(), 3, 0x10, 0, 0, 0, length as u8, 0, 0, 0, 1, 0, 0, 0];
        pdu.append(&mut bytes);
        let _ = Pdu::decode(&pdu);
    }

    #[test]
    fn what_is_encoded_is_decoded(
        call_id: u32,
        frag: (u16, u16),
        assoc_group: u32,
        address in vec(any::<u8>(), 0..40),
        numbers in vec((0u16..4, any::<u16>()), 0..6),
        status: u32,
    ) {
        let results = numbers.iter().map(|(result, reason)| match result {
            0 => ContextResult::Acceptance(SyntaxId { minor: *reason, ..SyntaxId::NDR64 }),
            1 => ContextResult::UserRejection(RejectionReason(*reason)),
            2 => ContextResult::ProviderRejection(RejectionReason(*reason)),
            _ => ContextResult::NegotiateAck { features: *reason },
        });
        let contexts = numbers.iter().map(|(count, id)| PresentationContext {
            id: *id,
            abstract_syntax: crate::srvs::INTERFACE,
            transfer_syntaxes: vec![SyntaxId::NDR; usize::from(*count)],
        });
        let (max_xmit_frag, max_recv_frag) = frag;
        let bind = Bind { call_id, max_xmit_frag, max_recv_frag, assoc_group, contexts: contexts.collect() };
        prop_assert!(Pdu::decode(&bind.encode()) == Ok(Pdu::Bind(bind)));
        let results = results.collect();
        let ack =
            BindAck { call_id, max_xmit_frag, max_recv_frag, assoc_group, secondary_address: address, results };
        prop_assert!(Pdu::decode(&ack.encode()) == Ok(Pdu::BindAck(ack)));
        let versions = numbers.iter().map(|(major, _)| (*major as u8, 1)).collect();
        let nak = BindNak { call_id, reason: NakReason(frag.0), versions };
        prop_assert!(Pdu::decode(&nak.encode()) == Ok(Pdu::BindNak(nak)));
        let fault = Fault {
            call_id,
            context_id: frag.0,
            did_not_execute: status % 2 == 0,
            status: FaultStatus(status),
        };
        prop_assert!(Pdu::decode(&fault.encode()) == Ok(Pdu::Fault(fault)));
    }
}
