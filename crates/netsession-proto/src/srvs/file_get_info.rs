//! NetrFileGetInfo: one open file, by its id (\[MS-SRVS\] 3.1.4.3).

use super::enumeration::InfoLevel as _;
use super::{FileInfo, FileLevel, InfoResponse, Operation, ResponseError, RpcCall};
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileGetInfoRequest {
    /// The server, as `\\fs1`. No server looks at it.
    pub server: Option<String>,
    /// The id, from NetrFileEnum.
    pub id: u32,
    /// The number of the level.
    pub level: u32,
}

/// The answer: 2 or 2314 where no open file has the id.
pub type FileGetInfoResponse = InfoResponse<FileInfo>;

impl FileGetInfoRequest {
    /// Reads a stub.
    ///
    /// # Errors
    /// The stub is malformed.
    pub fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = NdrReader::new(stub);
        let server = reader.unique_string("ServerName")?;
        Ok(Self { server, id: reader.u32("FileId")?, level: reader.u32("Level")? })
    }
}

impl RpcCall for FileGetInfoRequest {
    const OPNUM: u16 = 10;
    const OPERATION: Operation = Operation::question("NetrFileGetInfo", "request for an open file");
    type Response = FileGetInfoResponse;

    fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.unique_string(self.server.as_deref());
        writer.u32(self.id);
        writer.u32(self.level);
        writer.into_bytes()
    }

    fn decode_response(&self, stub: &[u8], _: usize) -> Result<FileGetInfoResponse, ResponseError> {
        let level = FileLevel::requested(self.level)?;
        InfoResponse::decode(stub, level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erref::Win32Error;
    use crate::srvs::test_bytes::bytes;

    #[test]
    fn samba_writes_the_same_bytes() {
        let request = FileGetInfoRequest { server: Some(r"\\fs1".into()), id: 0x10, level: 3 };
        // python3-samba 4.17
        let stub = bytes("000002000600000000000000060000005c005c0066007300310000001000000003000000");
        assert_eq!(request.encode(), stub);
        assert_eq!(FileGetInfoRequest::decode(&stub), Ok(request.clone()));
        let stub = bytes(
            "0300000000000200100000002100000000000000040002000800020005000000000000000500000043003a005c007800\
             0000000004000000000000000400000062006f006200000000000000",
        );
        let file = FileInfo {
            id: 0x10,
            permissions: Some(0x21),
            locks: Some(0),
            path: Some(r"C:\x".into()),
            user: Some("bob".into()),
        };
        let answer =
            FileGetInfoResponse { level: FileLevel::L3, info: Some(file), code: Win32Error::SUCCESS };
        assert_eq!(answer.encode(), stub);
        assert_eq!(request.decode_response(&stub, 0), Ok(answer));
        for end in 0..stub.len() {
            assert!(request.decode_response(&stub[..end], 0).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn error_needs_no_file_and_success_does() {
        let request = FileGetInfoRequest { server: None, id: 1, level: 3 };
        let words = |words: [u32; 3]| words.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<_>>();
        let answer = request.decode_response(&words([0, 0, 2]), 0).unwrap();
        assert_eq!((answer.info, answer.code), (None, Win32Error(2)));
        assert!(request.decode_response(&words([3, 0, 0]), 0).is_err());
    }
}
