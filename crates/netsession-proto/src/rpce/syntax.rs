use std::fmt;

use crate::wire::{DecodeError, Reader, Writer};

/// A UUID in its fields (C706 appendix A).
///
/// ```
/// use netsession_proto::srvs;
///
/// assert_eq!(srvs::INTERFACE.uuid.to_string(), "4b324fc8-1670-01d3-1278-5a47bf6ee188");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Uuid {
    /// time_low.
    pub data1: u32,
    /// time_mid.
    pub data2: u16,
    /// time_hi_and_version.
    pub data3: u16,
    /// clock_seq and node, in the order of the text form.
    pub data4: [u8; 8],
}

impl Uuid {
    /// Bytes on the wire.
    pub const FIXED: usize = 4 /* data1 */ + 2 /* data2 */ + 2 /* data3 */ + 8 /* data4 */;

    pub(super) fn encode_to(self, writer: &mut Writer) {
        writer.u32(self.data1);
        writer.u16(self.data2);
        writer.u16(self.data3);
        writer.bytes(&self.data4);
    }

    pub(super) fn decode_from(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, DecodeError> {
        Ok(Self {
            data1: reader.u32(field)?,
            data2: reader.u16(field)?,
            data3: reader.u16(field)?,
            data4: reader.take_array(field)?,
        })
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { data1, data2, data3, data4: [a, b, node @ ..] } = self;
        write!(f, "{data1:08x}-{data2:04x}-{data3:04x}-{a:02x}{b:02x}-")?;
        node.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An interface or a transfer syntax with its version, p_syntax_id_t (C706 12.6.3.1, \[MS-RPCE\] 2.2.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SyntaxId {
    /// Which interface or syntax.
    pub uuid: Uuid,
    /// Its major version.
    pub major: u16,
    /// Its minor version.
    pub minor: u16,
}

impl SyntaxId {
    /// NDR 2.0, the transfer syntax that every server knows (C706 chapter 14).
    pub const NDR: Self = Self {
        uuid: Uuid {
            data1: 0x8a88_5d04,
            data2: 0x1ceb,
            data3: 0x11c9,
            data4: [0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60],
        },
        major: 2,
        minor: 0,
    };

    /// NDR64 (\[MS-RPCE\] 2.2.5), which other clients offer to a server double.
    pub const NDR64: Self = Self {
        uuid: Uuid {
            data1: 0x7171_0533,
            data2: 0xbeba,
            data3: 0x4937,
            data4: [0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36],
        },
        major: 1,
        minor: 0,
    };

    /// Bytes on the wire.
    pub const FIXED: usize = Uuid::FIXED + 2 /* major */ + 2 /* minor */;

    pub(super) fn encode_to(self, writer: &mut Writer) {
        self.uuid.encode_to(writer);
        writer.u16(self.major);
        writer.u16(self.minor);
    }

    pub(super) fn decode_from(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, DecodeError> {
        Ok(Self {
            uuid: Uuid::decode_from(reader, field)?,
            major: reader.u16(field)?,
            minor: reader.u16(field)?,
        })
    }
}

impl fmt::Display for SyntaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}.{}", self.uuid, self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_the_usual_one() {
        assert_eq!(SyntaxId::NDR.to_string(), "8a885d04-1ceb-11c9-9fe8-08002b104860 v2.0");
        assert_eq!(SyntaxId::NDR64.to_string(), "71710533-beba-4937-8319-b5dbef9ccc36 v1.0");
    }
}
