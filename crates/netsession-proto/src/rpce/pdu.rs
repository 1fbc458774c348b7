use super::{Bind, BindAck, BindNak, Fault, Request, Response};
use crate::wire::{DecodeError, Later, Reader, Writer};

/// The flags of the common header, pfc_flags (C706 12.6.3.1).
pub mod flags {
    /// PFC_FIRST_FRAG: the first fragment.
    pub const FIRST_FRAG: u8 = 0x01;
    /// PFC_LAST_FRAG: the last fragment.
    pub const LAST_FRAG: u8 = 0x02;
    /// PFC_DID_NOT_EXECUTE: on a fault, the call was not executed.
    pub const DID_NOT_EXECUTE: u8 = 0x20;
    /// PFC_OBJECT_UUID: on a request, a UUID stands before the stub.
    pub const OBJECT_UUID: u8 = 0x80;
    /// A PDU that is not fragmented.
    pub const WHOLE: u8 = FIRST_FRAG | LAST_FRAG;
}

/// One PDU of any of the kinds that are understood here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pdu<'a> {
    /// A call, or a fragment of it.
    Request(Request<'a>),
    /// An answer, or a fragment of it.
    Response(Response<'a>),
    /// A call that failed before it reached the procedure, or within it.
    Fault(Fault),
    /// The client asks for an interface.
    Bind(Bind),
    /// The server's answer, which can still be a rejection.
    BindAck(BindAck),
    /// The server refuses the whole association.
    BindNak(BindNak),
}

impl<'a> Pdu<'a> {
    /// Reads exactly one PDU; see [`split_pdu`] for where it ends.
    ///
    /// # Errors
    /// The PDU is malformed, of another kind, big-endian, or carries authentication.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (header, mut body) = Header::decode(bytes)?;
        Ok(match header.packet_type {
            PacketType::Request => Self::Request(Request::decode_body(header, &mut body)?),
            PacketType::Response => Self::Response(Response::decode_body(header, &mut body)?),
            PacketType::Fault => Self::Fault(Fault::decode_body(header, &mut body)?),
            PacketType::Bind => Self::Bind(Bind::decode_body(header, &mut body)?),
            PacketType::BindAck => Self::BindAck(BindAck::decode_body(header, &mut body)?),
            PacketType::BindNak => Self::BindNak(BindNak::decode_body(header, &mut body)?),
        })
    }

    /// The call that the PDU belongs to.
    #[must_use]
    pub fn call_id(&self) -> u32 {
        match self {
            Self::Request(pdu) => pdu.call_id,
            Self::Response(pdu) => pdu.call_id,
            Self::Fault(pdu) => pdu.call_id,
            Self::Bind(pdu) => pdu.call_id,
            Self::BindAck(pdu) => pdu.call_id,
            Self::BindNak(pdu) => pdu.call_id,
        }
    }
}

/// The first whole PDU in a stream of bytes and what follows it, or `None` while bytes are missing.
///
/// # Errors
/// What stands at the front is no header of a PDU, or gives a length shorter than a header. Waiting for
/// more bytes would not help.
pub fn split_pdu(bytes: &[u8]) -> Result<Option<PduAndRest<'_>>, DecodeError> {
    if bytes.len() < Header::FIXED {
        return Ok(None);
    }
    let (_, length) = Header::decode_fields(&mut Reader::new(bytes))?;
    Ok(bytes.split_at_checked(length))
}

/// A PDU and the bytes behind it.
pub type PduAndRest<'a> = (&'a [u8], &'a [u8]);

/// The kind of a PDU, PTYPE (C706 12.6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PacketType {
    /// 0x00
    Request,
    /// 0x02
    Response,
    /// 0x03
    Fault,
    /// 0x0b
    Bind,
    /// 0x0c
    BindAck,
    /// 0x0d
    BindNak,
}

impl PacketType {
    const ALL: [Self; 6] =
        [Self::Request, Self::Response, Self::Fault, Self::Bind, Self::BindAck, Self::BindNak];

    /// The number that stands on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Request => 0x00,
            Self::Response => 0x02,
            Self::Fault => 0x03,
            Self::Bind => 0x0b,
            Self::BindAck => 0x0c,
            Self::BindNak => 0x0d,
        }
    }
}

/// What every PDU begins with (C706 12.6.3.1); version, data representation and lengths are checked and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The kind of PDU.
    pub packet_type: PacketType,
    /// See [`flags`].
    pub flags: u8,
    /// The call that it belongs to.
    pub call_id: u32,
}

impl Header {
    /// Bytes on the wire.
    pub const FIXED: usize = 1 /* rpc_vers */
        + 1 /* rpc_vers_minor */
        + 1 /* PTYPE */
        + 1 /* pfc_flags */
        + 4 /* packed_drep */
        + 2 /* frag_length */
        + 2 /* auth_length */
        + 4 /* call_id */;

    const RPC_VERS: u8 = 0x05;
    /// Little-endian integers and ASCII (C706 14.1).
    const LITTLE_ENDIAN_ASCII: u8 = 0x10;

    /// The header of one PDU, and a reader at its body whose positions count from the start of the PDU.
    ///
    /// # Errors
    /// The header is malformed, or frag_length is not the number of bytes at hand.
    pub fn decode(bytes: &[u8]) -> Result<(Self, Reader<'_>), DecodeError> {
        let mut reader = Reader::new(bytes);
        let (header, length) = Self::decode_fields(&mut reader)?;
        if length == bytes.len() {
            Ok((header, reader))
        } else {
            Err(DecodeError::wrong("frag_length", 8, "is not the length of the PDU"))
        }
    }

    /// Writes the header; [`Open::close`] fills frag_length in when the body stands.
    #[must_use]
    pub(super) fn open(self, capacity: usize) -> Open {
        let mut writer = Writer::with_capacity(capacity);
        writer.u8(Self::RPC_VERS);
        writer.u8(0);
        writer.u8(self.packet_type.number());
        writer.u8(self.flags);
        writer.bytes(&[Self::LITTLE_ENDIAN_ASCII, 0, 0, 0]);
        let frag_length = writer.u16_later();
        writer.u16(0);
        writer.u32(self.call_id);
        Open { writer, frag_length }
    }

    fn decode_fields(reader: &mut Reader<'_>) -> Result<(Self, usize), DecodeError> {
        let version = reader.u8("rpc_vers")?;
        if version != Self::RPC_VERS {
            return Err(DecodeError::invalid("rpc_vers", 0, u64::from(version)));
        }
        // Minor versions 0 and 1 differ in nothing that is used here.
        let minor = reader.u8("rpc_vers_minor")?;
        if minor > 1 {
            return Err(DecodeError::invalid("rpc_vers_minor", 1, u64::from(minor)));
        }
        let number = reader.u8("PTYPE")?;
        let packet_type = PacketType::ALL
            .into_iter()
            .find(|kind| kind.number() == number)
            .ok_or(DecodeError::invalid("PTYPE", 2, u64::from(number)))?;
        let flags = reader.u8("pfc_flags")?;
        let [drep, ..] = reader.take_array::<4>("packed_drep")?;
        if drep >> 4 == 0 {
            return Err(DecodeError::wrong("packed_drep", 4, "is big-endian, which is not supported"));
        }
        if drep != Self::LITTLE_ENDIAN_ASCII {
            return Err(DecodeError::invalid("packed_drep", 4, u64::from(drep)));
        }
        let length = reader.u16_length("frag_length")?;
        if length < Self::FIXED {
            return Err(DecodeError::wrong("frag_length", 8, "is shorter than the header"));
        }
        // Security is that of SMB2: nothing here asks for authentication within RPC.
        if reader.u16("auth_length")? != 0 {
            return Err(DecodeError::wrong(
                "auth_length",
                10,
                "announces authentication that was not asked for",
            ));
        }
        let call_id = reader.u32("call_id")?;
        Ok((Self { packet_type, flags, call_id }, length))
    }

    /// The header, when the PDU is of the kind that is wanted.
    pub(super) fn expect(bytes: &[u8], kind: PacketType) -> Result<(Self, Reader<'_>), DecodeError> {
        let (header, body) = Self::decode(bytes)?;
        if header.packet_type == kind {
            Ok((header, body))
        } else {
            Err(DecodeError::invalid("PTYPE", 2, u64::from(header.packet_type.number())))
        }
    }
}

/// A PDU whose body is being written.
pub(super) struct Open {
    pub(super) writer: Writer,
    frag_length: Later,
}

impl Open {
    pub(super) fn close(mut self) -> Vec<u8> {
        let length = crate::wire::to_u16(self.writer.position());
        self.writer.set_u16(self.frag_length, length);
        self.writer.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::rpce::{
        ContextResult, FaultStatus, NakReason, PresentationContext, RejectionReason, SyntaxId,
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
}
