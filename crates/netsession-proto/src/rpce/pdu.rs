use super::header::{Header, PacketType};
use super::{Bind, BindAck, BindNak, Fault, Request, Response};
use crate::wire::{DecodeError, Reader};

/// One PDU of any supported kind.
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
/// The stream does not begin with the header of a PDU, or the header gives a length shorter than itself. More
/// bytes would not help.
pub fn split_pdu(bytes: &[u8]) -> Result<Option<PduAndRest<'_>>, DecodeError> {
    if bytes.len() < Header::FIXED {
        return Ok(None);
    }
    let (_, length) = Header::decode_fields(&mut Reader::new(bytes))?;
    Ok(bytes.split_at_checked(length))
}

/// A PDU and the bytes behind it.
pub type PduAndRest<'a> = (&'a [u8], &'a [u8]);

#[cfg(test)]
mod tests;
