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
    pub(super) const ALL: [Self; 6] =
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

/// The common header of every PDU (C706 12.6.3.1); version, data representation and lengths are checked and not kept.
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

    pub(super) fn decode_fields(reader: &mut Reader<'_>) -> Result<(Self, usize), DecodeError> {
        let version = reader.u8("rpc_vers")?;
        if version != Self::RPC_VERS {
            return Err(DecodeError::invalid("rpc_vers", 0, u64::from(version)));
        }
        // Minor versions 0 and 1 do not differ in the fields used here.
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
        // SMB2 provides the security: no request asks for authentication within RPC.
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

    /// The header, if the PDU is of this kind.
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
