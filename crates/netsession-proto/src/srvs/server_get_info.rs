//! NetrServerGetInfo: what a server says it is (\[MS-SRVS\] 3.1.4.17).

use super::enumeration::string_behind;
use super::{Info, InfoResponse, Operation, ResponseError, Right, RpcCall};
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The question. Every user may ask it at level 101.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerGetInfoRequest {
    /// The server, as `\\fs1`, for Windows' own call. It is not sent.
    pub machine: Option<String>,
    /// The name that is sent: nothing, for a server that gets one repeats it instead of its own.
    pub server: Option<String>,
    /// The number of the level: any number, so that a server double can refuse it with 124.
    pub level: u32,
}

/// The answer.
pub type ServerGetInfoResponse = InfoResponse<ServerInfo101>;

/// SERVER_INFO_101 (\[MS-SRVS\] 2.2.4.41), without the platform, which is 500 everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerInfo101 {
    /// The name of the server.
    pub name: String,
    /// Major and minor release of the operating system, or what the server gives out as such.
    pub version: (u32, u32),
    /// SV_TYPE_ bits (\[MS-SRVS\] 2.2.2.7).
    pub kind: u32,
    /// The comment.
    pub comment: String,
}

impl ServerGetInfoRequest {
    /// The level that has a name, a version, a type and a comment.
    pub const LEVEL: u32 = 101;

    /// Whether the answer can be read: what stands in it depends on the level.
    ///
    /// # Errors
    /// The level is not [`LEVEL`](Self::LEVEL).
    pub fn check_level(&self) -> Result<(), DecodeError> {
        let is_known = self.level == Self::LEVEL;
        if is_known { Ok(()) } else { Err(DecodeError::invalid("Level", 0, self.level.into())) }
    }

    /// Reads a stub.
    ///
    /// # Errors
    /// The stub is malformed.
    pub fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = NdrReader::new(stub);
        let server = reader.unique_string("ServerName")?;
        Ok(Self { machine: None, server, level: reader.u32("Level")? })
    }
}

impl RpcCall for ServerGetInfoRequest {
    const OPNUM: u16 = 21;
    const OPERATION: Operation = Operation::question("NetrServerGetInfo", "request for server information")
        .with_right(Right::Everyone);
    type Response = ServerGetInfoResponse;

    fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.unique_string(self.server.as_deref());
        writer.u32(self.level);
        writer.into_bytes()
    }

    fn decode_response(&self, stub: &[u8], _: usize) -> Result<ServerGetInfoResponse, ResponseError> {
        self.check_level()?;
        InfoResponse::decode(stub, Self::LEVEL)
    }
}

impl Info for ServerInfo101 {
    type Level = u32;

    fn number(level: u32) -> u32 {
        level
    }

    fn read(_: u32, reader: &mut NdrReader<'_>) -> Result<Self, DecodeError> {
        let (_, name) = (reader.u32("platform_id")?, reader.pointer("name")?);
        let version = (reader.u32("version_major")?, reader.u32("version_minor")?);
        let (kind, comment) = (reader.u32("type")?, reader.pointer("comment")?);
        let (name, comment) = (short(name, reader, "name")?, short(comment, reader, "comment")?);
        Ok(Self { name, version, kind, comment })
    }

    fn write(&self, _: u32, writer: &mut NdrWriter) {
        writer.u32(500);
        writer.pointer(true);
        [self.version.0, self.version.1, self.kind].into_iter().for_each(|word| writer.u32(word));
        writer.pointer(true);
        [&self.name, &self.comment].into_iter().for_each(|text| writer.wide_string(text));
    }
}

/// A string behind a pointer, of a length that a server gives itself: Windows and Samba have at most 256 characters.
fn short(points: bool, reader: &mut NdrReader<'_>, field: &'static str) -> Result<String, DecodeError> {
    const LONGEST: usize = 4096;
    let offset = reader.position();
    let text = string_behind(points, reader, field)?;
    if text.len() > LONGEST {
        return Err(DecodeError::wrong(field, offset, "is longer than 4096 bytes"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::erref::Win32Error;
    use crate::srvs::test_bytes::bytes;

    const REQUEST: ServerGetInfoRequest = ServerGetInfoRequest { machine: None, server: None, level: 101 };

    fn decode(stub: &[u8]) -> Result<ServerGetInfoResponse, ResponseError> {
        REQUEST.decode_response(stub, 0)
    }

    #[test]
    fn samba_writes_the_same_bytes() {
        // python3-samba 4.17
        assert_eq!(REQUEST.encode(), bytes("0000000065000000"));
        let stub = bytes(
            "6500000000000200f4010000040002000600000001000000039a80000800020006000000000000000600000053004100\
             4d00420041000000150000000000000015000000530061006d0062006100200034002e00310037002e00310032002d00\
             440065006200690061006e000000000000000000",
        );
        let info = ServerInfo101 {
            name: "SAMBA".into(),
            version: (6, 1),
            kind: 0x0080_9a03,
            comment: "Samba 4.17.12-Debian".into(),
        };
        let answer = ServerGetInfoResponse { level: 101, info: Some(info), code: Win32Error::SUCCESS };
        assert_eq!(answer.encode(), stub);
        assert_eq!(decode(&stub), Ok(answer));
        for end in 0..stub.len() {
            assert!(decode(&stub[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn null_strings_are_empty_and_another_level_is_malformed() {
        let stub = |tag: u32| [tag, 1, 500, 0, 10, 0, 3, 0, 0].map(u32::to_le_bytes).concat();
        let info = decode(&stub(101)).unwrap().info.unwrap();
        assert_eq!((info.name.as_str(), info.version, info.comment.as_str()), ("", (10, 0), ""));
        assert!(decode(&stub(102)).is_err());
    }

    #[test]
    fn error_needs_no_structure_and_success_does() {
        let stub = |code: u32| [101, 0, code].map(u32::to_le_bytes).concat();
        let refused = decode(&stub(124)).unwrap();
        assert_eq!((refused.info, refused.code), (None, Win32Error::INVALID_LEVEL));
        assert!(decode(&stub(0)).is_err());
    }

    #[test]
    fn ndr64_is_not_taken_for_a_refusal() {
        // The beginning of the answer of a server that speaks NDR64: tag and padding, then the pointer in eight bytes.
        let ndr64 = [101, 0, 0x0002_0000, 0, 500, 0, 0x0002_0004, 0].map(u32::to_le_bytes).concat();
        assert!(decode(&ndr64).is_err());
        // Padding to eight bytes is common.
        let mut padded = [101, 0, 5].map(u32::to_le_bytes).concat();
        padded.extend([0; 4]);
        assert_eq!(decode(&padded).unwrap().code, Win32Error::ACCESS_DENIED);
        padded.extend([0; 4]);
        assert!(decode(&padded).is_err());
    }

    #[test]
    fn only_level_101_is_read_and_no_endless_text() {
        let other = ServerGetInfoRequest { level: 102, ..REQUEST };
        assert!(other.decode_response(&[101, 0, 124].map(u32::to_le_bytes).concat(), 0).is_err());
        let answer = |length| {
            let info = ServerInfo101 { comment: "x".repeat(length), ..ServerInfo101::default() };
            ServerGetInfoResponse { level: 101, info: Some(info), code: Win32Error::SUCCESS }.encode()
        };
        assert!(decode(&answer(4096)).is_ok() && decode(&answer(4097)).is_err());
    }

    #[test]
    fn no_name_is_sent_so_that_the_server_says_its_own() {
        let request = ServerGetInfoRequest { machine: Some(r"\\alias".into()), ..REQUEST };
        assert_eq!(request.encode(), REQUEST.encode());
        let named = ServerGetInfoRequest { server: Some(r"\\alias".into()), ..REQUEST };
        assert_eq!(ServerGetInfoRequest::decode(&named.encode()), Ok(named));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(name in "[^\0]{0,99}", version: (u32, u32), kind: u32, comment in "[^\0]{0,99}") {
            let info = Some(ServerInfo101 { name, version, kind, comment });
            let response = ServerGetInfoResponse { level: 101, info, code: Win32Error::SUCCESS };
            prop_assert_eq!(decode(&response.encode()), Ok(response));
        }
    }
}
