//! NetrFileClose: closes an open file for its user (\[MS-SRVS\] 3.1.4.4).

use super::{CodeAlone, Operation, ResponseError, RpcCall};
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The request. An id that is not open is answered with ERROR_FILE_NOT_FOUND (2, Samba) or NERR_FileIdNotFound (2314).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCloseRequest {
    /// The server, as `\\fs1`. No server looks at it.
    pub server: Option<String>,
    /// The id, from NetrFileEnum. It can stand for another file by now: list again right before.
    pub id: u32,
}

impl FileCloseRequest {
    /// Reads a stub.
    ///
    /// # Errors
    /// The stub is malformed.
    pub fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = NdrReader::new(stub);
        let server = reader.unique_string("ServerName")?;
        Ok(Self { server, id: reader.u32("FileId")? })
    }
}

impl RpcCall for FileCloseRequest {
    const OPNUM: u16 = 11;
    const OPERATION: Operation = Operation::change("NetrFileClose", "closing of a file");
    type Response = CodeAlone;

    fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.unique_string(self.server.as_deref());
        writer.u32(self.id);
        writer.into_bytes()
    }

    fn decode_response(&self, stub: &[u8], _: usize) -> Result<CodeAlone, ResponseError> {
        CodeAlone::decode(stub)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erref::Win32Error;

    #[test]
    fn samba_writes_the_same_bytes() {
        let request = FileCloseRequest { server: Some(r"\\fs1".into()), id: 0x1234 };
        // python3-samba 4.17
        let samba = "000002000600000000000000060000005c005c00660073003100000034120000";
        let hex: String = request.encode().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, samba);
        assert_eq!(FileCloseRequest::decode(&request.encode()), Ok(request.clone()));
        for end in 0..request.encode().len() {
            assert!(FileCloseRequest::decode(&request.encode()[..end]).is_err(), "{end} bytes");
        }
        let answer = request.decode_response(&[0x0a, 9, 0, 0], 0);
        assert_eq!(answer, Ok(CodeAlone(Win32Error(2314))));
        assert!(request.decode_response(&[0x0a, 9, 0], 0).is_err());
    }
}
