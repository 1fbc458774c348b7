use super::FaultStatus;
use super::header::{Header, PacketType, flags};
use crate::wire::{DecodeError, Reader};

/// A call that failed, rpc_fault (C706 12.6.4.7, \[MS-RPCE\] 2.2.2.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The call that failed.
    pub call_id: u32,
    /// The presentation context of the call.
    pub context_id: u16,
    /// The server knows that it did not execute the call.
    pub did_not_execute: bool,
    /// Why.
    pub status: FaultStatus,
}

impl Fault {
    const FIXED: usize = Header::FIXED
        + 4 /* alloc_hint */
        + 2 /* p_cont_id */
        + 1 /* cancel_count */
        + 1 /* reserved */
        + 4 /* status */
        + 4 /* reserved2 */;

    /// The whole PDU.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let unexecuted = if self.did_not_execute { flags::DID_NOT_EXECUTE } else { 0 };
        let header = Header {
            packet_type: PacketType::Fault,
            flags: flags::WHOLE | unexecuted,
            call_id: self.call_id,
        };
        let mut pdu = header.open(Self::FIXED);
        pdu.writer.u32_length(Self::FIXED);
        pdu.writer.u16(self.context_id);
        pdu.writer.zeros(1 + 1 /* cancel_count, reserved */);
        pdu.writer.u32(self.status.0);
        pdu.writer.zeros(4 /* reserved2 */);
        pdu.close()
    }

    /// Reads exactly one PDU of this kind. Bytes after the status are ignored, as \[MS-RPCE\] 2.2.2.8 specifies for
    /// a stub in a fault; some servers leave out even the reserved bytes.
    ///
    /// # Errors
    /// It is malformed or of another kind.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (header, mut body) = Header::expect(bytes, PacketType::Fault)?;
        Self::decode_body(header, &mut body)
    }

    pub(super) fn decode_body(header: Header, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip(4, "alloc_hint")?;
        let context_id = reader.u16("p_cont_id")?;
        reader.skip(1 + 1, "cancel_count")?;
        let status = FaultStatus(reader.u32("status")?);
        Ok(Self {
            call_id: header.call_id,
            context_id,
            did_not_execute: header.flags & flags::DID_NOT_EXECUTE != 0,
            status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown_call() -> Fault {
        Fault { call_id: 2, context_id: 0, did_not_execute: true, status: FaultStatus::OP_RNG_ERROR }
    }

    #[test]
    fn the_status_is_told() {
        let bytes = unknown_call().encode();
        assert_eq!((bytes.len(), bytes[3]), (32, 0x23));
        assert_eq!(Fault::decode(&bytes), Ok(unknown_call()));
    }

    #[test]
    fn the_reserved_bytes_at_the_end_may_be_missing() {
        let mut bytes = unknown_call().encode();
        bytes.truncate(28);
        bytes[8] = 28;
        assert_eq!(Fault::decode(&bytes), Ok(unknown_call()));
    }

    #[test]
    fn every_prefix_is_an_error() {
        let bytes = unknown_call().encode();
        for end in 0..bytes.len() {
            assert!(Fault::decode(&bytes[..end]).is_err());
        }
    }
}
