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
mod tests;
