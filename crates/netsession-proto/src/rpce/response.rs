use super::header::{Header, PacketType, flags};
use crate::wire::{DecodeError, Reader};

/// An answer or a fragment of it, rpc_response (C706 12.6.4.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    /// The call that it answers.
    pub call_id: u32,
    /// Whether this is the first fragment.
    pub first: bool,
    /// Whether this is the last fragment.
    pub last: bool,
    /// Bytes of stub in this and all later fragments, or zero (\[MS-RPCE\] 2.2.2.6). It comes from
    /// the wire: never allocate by it.
    pub alloc_hint: u32,
    /// The presentation context of the call.
    pub context_id: u16,
    /// The results in NDR, or a part of them.
    pub stub: &'a [u8],
}

impl<'a> Response<'a> {
    /// Bytes before the stub.
    pub const FIXED: usize =
        Header::FIXED + 4 /* alloc_hint */ + 2 /* p_cont_id */ + 1 /* cancel_count */ + 1 /* reserved */;

    /// The whole PDU. Its length has 16 bits: [`super::fragments`] cuts a stub to what fits.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let first = if self.first { flags::FIRST_FRAG } else { 0 };
        let last = if self.last { flags::LAST_FRAG } else { 0 };
        let header = Header { packet_type: PacketType::Response, flags: first | last, call_id: self.call_id };
        let mut pdu = header.open(Self::FIXED.saturating_add(self.stub.len()));
        pdu.writer.u32(self.alloc_hint);
        pdu.writer.u16(self.context_id);
        pdu.writer.zeros(1 + 1 /* cancel_count, reserved */);
        pdu.writer.bytes(self.stub);
        pdu.close()
    }

    /// Reads exactly one PDU of this kind.
    ///
    /// # Errors
    /// It is malformed or of another kind.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (header, mut body) = Header::expect(bytes, PacketType::Response)?;
        Self::decode_body(header, &mut body)
    }

    pub(super) fn decode_body(header: Header, reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let alloc_hint = reader.u32("alloc_hint")?;
        let context_id = reader.u16("p_cont_id")?;
        reader.skip(1 + 1, "cancel_count")?;
        Ok(Self {
            call_id: header.call_id,
            first: header.flags & flags::FIRST_FRAG != 0,
            last: header.flags & flags::LAST_FRAG != 0,
            alloc_hint,
            context_id,
            stub: reader.take_rest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Response<'static> {
        Response { call_id: 2, first: true, last: false, alloc_hint: 9, context_id: 0, stub: &[1, 2, 3] }
    }

    #[test]
    fn an_answer_is_a_header_and_a_stub() {
        let bytes = answer().encode();
        assert_eq!(bytes.len(), Response::FIXED + 3);
        assert_eq!(bytes[2..4], [2, 1]);
        assert_eq!(Response::decode(&bytes), Ok(answer()));
    }

    #[test]
    fn every_prefix_is_an_error() {
        let bytes = answer().encode();
        for end in 0..bytes.len() {
            assert!(Response::decode(&bytes[..end]).is_err());
        }
    }
}
