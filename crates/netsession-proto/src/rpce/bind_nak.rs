use std::fmt;

use super::bind::write_count;
use super::header::{Header, PacketType, flags};
use crate::wire::{DecodeError, Reader};

/// The server refuses the association, rpc_bind_nak (C706 12.6.4.5, \[MS-RPCE\] 2.2.2.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindNak {
    /// The call of the bind.
    pub call_id: u32,
    /// Why.
    pub reason: NakReason,
    /// The RPC versions that the server speaks, as major and minor number; some servers leave the list out.
    pub versions: Vec<(u8, u8)>,
}

impl BindNak {
    /// The whole PDU. More than 255 versions are left out.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let header = Header { packet_type: PacketType::BindNak, flags: flags::WHOLE, call_id: self.call_id };
        let mut pdu = header.open(Header::FIXED);
        pdu.writer.u16(self.reason.0);
        for (major, minor) in write_count(&mut pdu.writer, &self.versions) {
            pdu.writer.u8(*major);
            pdu.writer.u8(*minor);
        }
        pdu.close()
    }

    /// Reads exactly one PDU of this kind. Extended error information at its end is ignored.
    ///
    /// # Errors
    /// It is malformed or of another kind.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (header, mut body) = Header::expect(bytes, PacketType::BindNak)?;
        Self::decode_body(header, &mut body)
    }

    pub(super) fn decode_body(header: Header, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let reason = NakReason(reader.u16("provider_reject_reason")?);
        let count = if reader.is_empty() { 0 } else { reader.u8("n_protocols")? };
        let versions = (0..count)
            .map(|_| Ok((reader.u8("p_protocols major")?, reader.u8("p_protocols minor")?)))
            .collect::<Result<_, DecodeError>>()?;
        Ok(Self { call_id: header.call_id, reason, versions })
    }
}

/// Why the association was refused, p_reject_reason_t (C706 12.6.3.1, \[MS-RPCE\] 2.2.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NakReason(pub u16);

impl NakReason {
    /// Not specified.
    pub const NOT_SPECIFIED: Self = Self(0x0000);
    /// The server is at a limit for the moment.
    pub const TEMPORARY_CONGESTION: Self = Self(0x0001);
    /// The server is out of resources.
    pub const LOCAL_LIMIT_EXCEEDED: Self = Self(0x0002);
    /// The server found an error in the bind, or speaks another version.
    pub const PROTOCOL_VERSION_NOT_SUPPORTED: Self = Self(0x0004);
    /// The server does not know the kind of authentication.
    pub const AUTHENTICATION_TYPE_NOT_RECOGNIZED: Self = Self(0x0008);
    /// The security package found an error that cannot be corrected.
    pub const INVALID_CHECKSUM: Self = Self(0x0009);
}

impl fmt::Display for NakReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NOT_SPECIFIED => f.write_str("reason_not_specified"),
            Self::TEMPORARY_CONGESTION => f.write_str("temporary_congestion"),
            Self::LOCAL_LIMIT_EXCEEDED => f.write_str("local_limit_exceeded"),
            Self::PROTOCOL_VERSION_NOT_SUPPORTED => f.write_str("protocol_version_not_supported"),
            Self::AUTHENTICATION_TYPE_NOT_RECOGNIZED => f.write_str("authentication_type_not_recognized"),
            Self::INVALID_CHECKSUM => f.write_str("invalid_checksum"),
            Self(other) => write!(f, "reason {other:#x}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn congested() -> BindNak {
        BindNak { call_id: 3, reason: NakReason::TEMPORARY_CONGESTION, versions: vec![(5, 0), (5, 1)] }
    }

    #[test]
    fn the_reason_is_told() {
        assert_eq!(BindNak::decode(&congested().encode()), Ok(congested()));
        assert_eq!(congested().reason.to_string(), "temporary_congestion");
    }

    #[test]
    fn a_missing_list_of_versions_is_an_empty_one() {
        let mut bytes = congested().encode();
        bytes.truncate(18);
        bytes[8] = 18;
        assert_eq!(BindNak::decode(&bytes), Ok(BindNak { versions: Vec::new(), ..congested() }));
    }

    #[test]
    fn a_lying_count_is_an_error() {
        let mut bytes = congested().encode();
        bytes[18] = 3;
        assert!(BindNak::decode(&bytes).is_err());
    }

    #[test]
    fn every_prefix_is_an_error() {
        let bytes = congested().encode();
        for end in 0..bytes.len() {
            assert!(BindNak::decode(&bytes[..end]).is_err());
        }
    }
}
