use std::fmt;

use super::SyntaxId;
use super::bind::write_count;
use super::header::{Header, PacketType, flags};
use crate::wire::{DecodeError, Reader, Writer};

/// The answer to a bind, rpc_bind_ack (C706 12.6.4.4): each context is accepted or rejected on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindAck {
    /// The call of the bind.
    pub call_id: u32,
    /// The longest fragment that the server will send, in bytes.
    pub max_xmit_frag: u16,
    /// The longest fragment that the server takes, in bytes.
    pub max_recv_frag: u16,
    /// The association group.
    pub assoc_group: u32,
    /// The secondary address as it stands on the wire, with its null: `\PIPE\ntsvcs` and the like. Nothing needs it.
    pub secondary_address: Vec<u8>,
    /// One for each context, in the order of the bind.
    pub results: Vec<ContextResult>,
}

impl BindAck {
    /// The whole PDU. More than 255 results, or an address beyond 65535 bytes, are left out.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let header = Header { packet_type: PacketType::BindAck, flags: flags::WHOLE, call_id: self.call_id };
        let mut pdu = header.open(Header::FIXED);
        let writer = &mut pdu.writer;
        writer.u16(self.max_xmit_frag);
        writer.u16(self.max_recv_frag);
        writer.u32(self.assoc_group);
        let address = if u16::try_from(self.secondary_address.len()).is_ok() {
            self.secondary_address.as_slice()
        } else {
            &[]
        };
        writer.u16_length(address.len());
        writer.bytes(address);
        writer.align(4);
        let results = write_count(writer, &self.results);
        writer.zeros(1 + 2 /* reserved, reserved2 */);
        for result in results {
            result.encode_to(writer);
        }
        pdu.close()
    }

    /// Reads exactly one PDU of this kind.
    ///
    /// # Errors
    /// It is malformed or of another kind.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (header, mut body) = Header::expect(bytes, PacketType::BindAck)?;
        Self::decode_body(header, &mut body)
    }

    pub(super) fn decode_body(header: Header, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let max_xmit_frag = reader.u16("max_xmit_frag")?;
        let max_recv_frag = reader.u16("max_recv_frag")?;
        let assoc_group = reader.u32("assoc_group_id")?;
        let length = reader.u16_length("sec_addr length")?;
        let secondary_address = reader.take(length, "sec_addr")?.to_vec();
        reader.align(4, "pad")?;
        let count = reader.u8("n_results")?;
        reader.skip(1 + 2, "reserved")?;
        let results = (0..count).map(|_| ContextResult::decode_from(reader)).collect::<Result<_, _>>()?;
        Ok(Self {
            call_id: header.call_id,
            max_xmit_frag,
            max_recv_frag,
            assoc_group,
            secondary_address,
            results,
        })
    }
}

/// The result for one presentation context, p_result_t (C706 12.6.3.1, \[MS-RPCE\] 2.2.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextResult {
    /// acceptance, with the transfer syntax that the server chose.
    Acceptance(SyntaxId),
    /// user_rejection: the implementation of the interface refuses.
    UserRejection(RejectionReason),
    /// provider_rejection: the RPC runtime refuses.
    ProviderRejection(RejectionReason),
    /// negotiate_ack, the answer to a feature negotiation that other clients offer (\[MS-RPCE\] 3.3.1.5.3).
    NegotiateAck {
        /// The features that both sides have.
        features: u16,
    },
}

impl ContextResult {
    const ACCEPTANCE: u16 = 0x0000;
    const USER_REJECTION: u16 = 0x0001;
    const PROVIDER_REJECTION: u16 = 0x0002;
    const NEGOTIATE_ACK: u16 = 0x0003;

    fn encode_to(self, writer: &mut Writer) {
        let (result, reason, syntax) = match self {
            Self::Acceptance(syntax) => (Self::ACCEPTANCE, 0, syntax),
            Self::UserRejection(reason) => (Self::USER_REJECTION, reason.0, SyntaxId::default()),
            Self::ProviderRejection(reason) => (Self::PROVIDER_REJECTION, reason.0, SyntaxId::default()),
            Self::NegotiateAck { features } => (Self::NEGOTIATE_ACK, features, SyntaxId::default()),
        };
        writer.u16(result);
        writer.u16(reason);
        syntax.encode_to(writer);
    }

    fn decode_from(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.position();
        let result = reader.u16("result")?;
        let reason = reader.u16("reason")?;
        let syntax = SyntaxId::decode_from(reader, "transfer_syntax")?;
        match result {
            Self::ACCEPTANCE => Ok(Self::Acceptance(syntax)),
            Self::USER_REJECTION => Ok(Self::UserRejection(RejectionReason(reason))),
            Self::PROVIDER_REJECTION => Ok(Self::ProviderRejection(RejectionReason(reason))),
            Self::NEGOTIATE_ACK => Ok(Self::NegotiateAck { features: reason }),
            other => Err(DecodeError::invalid("result", offset, u64::from(other))),
        }
    }
}

/// Why a context was rejected, p_provider_reason_t (C706 12.6.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RejectionReason(pub u16);

impl RejectionReason {
    /// Not specified.
    pub const NOT_SPECIFIED: Self = Self(0x0000);
    /// The server does not have the interface.
    pub const ABSTRACT_SYNTAX_NOT_SUPPORTED: Self = Self(0x0001);
    /// The server supports none of the transfer syntaxes.
    pub const TRANSFER_SYNTAXES_NOT_SUPPORTED: Self = Self(0x0002);
    /// The server is at a limit.
    pub const LOCAL_LIMIT_EXCEEDED: Self = Self(0x0003);
}

impl fmt::Display for RejectionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NOT_SPECIFIED => f.write_str("reason_not_specified"),
            Self::ABSTRACT_SYNTAX_NOT_SUPPORTED => f.write_str("abstract_syntax_not_supported"),
            Self::TRANSFER_SYNTAXES_NOT_SUPPORTED => f.write_str("proposed_transfer_syntaxes_not_supported"),
            Self::LOCAL_LIMIT_EXCEEDED => f.write_str("local_limit_exceeded"),
            Self(other) => write!(f, "reason {other:#x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted() -> BindAck {
        BindAck {
            call_id: 1,
            max_xmit_frag: 5840,
            max_recv_frag: 5840,
            assoc_group: 0x53f0,
            secondary_address: b"\\PIPE\\srvsvc\0".to_vec(),
            results: vec![ContextResult::Acceptance(SyntaxId::NDR)],
        }
    }

    #[test]
    fn the_results_stand_behind_an_address_of_any_length() {
        for address in [&b""[..], b"\0", b"12", b"\\pipe\\srvsvc\0", b"\\PIPE\\ntsvcs\0"] {
            let ack = BindAck { secondary_address: address.to_vec(), ..accepted() };
            assert_eq!(BindAck::decode(&ack.encode()), Ok(ack));
        }
    }

    #[test]
    fn rejections_are_told_apart() {
        let results = vec![
            ContextResult::UserRejection(RejectionReason::NOT_SPECIFIED),
            ContextResult::ProviderRejection(RejectionReason::ABSTRACT_SYNTAX_NOT_SUPPORTED),
            ContextResult::NegotiateAck { features: 3 },
        ];
        let ack = BindAck { results, ..accepted() };
        assert_eq!(BindAck::decode(&ack.encode()), Ok(ack));
        assert_eq!(RejectionReason(2).to_string(), "proposed_transfer_syntaxes_not_supported");
        assert_eq!(RejectionReason(9).to_string(), "reason 0x9");
    }

    #[test]
    fn an_unknown_result_is_an_error() {
        let mut bytes = accepted().encode();
        let place = bytes.len() - 24;
        bytes[place] = 4;
        assert!(BindAck::decode(&bytes).is_err());
    }

    #[test]
    fn a_lying_count_or_length_is_an_error() {
        for (place, value) in [(24, 200), (25, 1), (40, 255)] {
            let mut bytes = accepted().encode();
            bytes[place] = value;
            assert!(BindAck::decode(&bytes).is_err(), "{place}");
        }
    }

    #[test]
    fn every_prefix_is_an_error() {
        let bytes = accepted().encode();
        for end in 0..bytes.len() {
            assert!(BindAck::decode(&bytes[..end]).is_err());
        }
    }
}
