use super::Uuid;
use super::header::{Header, PacketType, flags};
use crate::wire::{DecodeError, Reader};

/// A call or a fragment of it, rpc_request (C706 12.6.4.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// The call_id, which the answer repeats.
    pub call_id: u32,
    /// Whether this is the first fragment.
    pub first: bool,
    /// Whether this is the last fragment.
    pub last: bool,
    /// Bytes of stub in this and all later fragments, or zero.
    pub alloc_hint: u32,
    /// The presentation context of the bind.
    pub context_id: u16,
    /// The number of the procedure.
    pub opnum: u16,
    /// The object of the interface; the server service has none.
    pub object: Option<Uuid>,
    /// The parameters in NDR, or a part of them.
    pub stub: &'a [u8],
}

impl<'a> Request<'a> {
    /// Bytes before the stub, without an object.
    pub const FIXED: usize =
        Header::FIXED + 4 /* alloc_hint */ + 2 /* p_cont_id */ + 2 /* opnum */;

    /// The whole PDU. Its length has 16 bits: [`super::fragments`] cuts a stub to what fits.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bits = 0;
        for (set, flag) in [
            (self.first, flags::FIRST_FRAG),
            (self.last, flags::LAST_FRAG),
            (self.object.is_some(), flags::OBJECT_UUID),
        ] {
            bits |= if set { flag } else { 0 };
        }
        let header = Header { packet_type: PacketType::Request, flags: bits, call_id: self.call_id };
        let mut pdu = header.open(Self::FIXED.saturating_add(Uuid::FIXED).saturating_add(self.stub.len()));
        let writer = &mut pdu.writer;
        writer.u32(self.alloc_hint);
        writer.u16(self.context_id);
        writer.u16(self.opnum);
        if let Some(object) = self.object {
            object.encode_to(writer);
        }
        writer.bytes(self.stub);
        pdu.close()
    }

    /// Reads exactly one PDU of this kind.
    ///
    /// # Errors
    /// It is malformed or of another kind.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (header, mut body) = Header::expect(bytes, PacketType::Request)?;
        Self::decode_body(header, &mut body)
    }

    pub(super) fn decode_body(header: Header, reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let alloc_hint = reader.u32("alloc_hint")?;
        let context_id = reader.u16("p_cont_id")?;
        let opnum = reader.u16("opnum")?;
        let object = if header.flags & flags::OBJECT_UUID == 0 {
            None
        } else {
            Some(Uuid::decode_from(reader, "object")?)
        };
        Ok(Self {
            call_id: header.call_id,
            first: header.flags & flags::FIRST_FRAG != 0,
            last: header.flags & flags::LAST_FRAG != 0,
            alloc_hint,
            context_id,
            opnum,
            object,
            stub: reader.take_rest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srvs;

    fn call() -> Request<'static> {
        Request {
            call_id: 2,
            first: true,
            last: true,
            alloc_hint: 4,
            context_id: 0,
            opnum: 12,
            object: None,
            stub: &[1, 2, 3, 4],
        }
    }

    #[test]
    fn a_call_is_a_header_and_a_stub() {
        let bytes = call().encode();
        assert_eq!(bytes.len(), Request::FIXED + 4);
        assert_eq!(bytes[..16], [5, 0, 0, 3, 0x10, 0, 0, 0, 28, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(bytes[16..], [4, 0, 0, 0, 0, 0, 12, 0, 1, 2, 3, 4]);
        assert_eq!(Request::decode(&bytes), Ok(call()));
    }

    #[test]
    fn an_object_stands_before_the_stub() {
        let call = Request { object: Some(srvs::INTERFACE.uuid), last: false, ..call() };
        let bytes = call.encode();
        assert_eq!(bytes[3], 0x81);
        assert_eq!(Request::decode(&bytes), Ok(call));
    }

    #[test]
    fn every_prefix_is_an_error() {
        let bytes = call().encode();
        for end in 0..bytes.len() {
            assert!(Request::decode(&bytes[..end]).is_err());
        }
    }
}
