//! NetrFileEnum: which files are open (\[MS-SRVS\] 3.1.4.2).

use super::enumeration::{EnumRequest, EnumResponse, InfoLevel as _};
use super::{FileInfo, FileLevel, Filters, MAX_PREFERRED_LENGTH, Operation, ResponseError, RpcCall};
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEnumRequest {
    /// The server, as `\\fs1`. No server looks at it.
    pub server: Option<String>,
    /// Only files whose path begins so. Samba ignores it.
    pub base_path: Option<String>,
    /// Only files of this user. Samba ignores it.
    pub user: Option<String>,
    /// The number of the level: any number, so that a server double can refuse it with 124.
    pub level: u32,
    /// Maximum bytes of entries to send; [`MAX_PREFERRED_LENGTH`] is everything.
    pub preferred_length: u32,
    /// Where to go on: the handle of the answer before, 0 at first. It is opaque: on Windows it is no index.
    pub resume: Option<u32>,
}

/// The answer.
pub type FileEnumResponse = EnumResponse<FileInfo>;

impl FileEnumRequest {
    /// Requests all files, from the first one.
    #[must_use]
    pub fn new(level: FileLevel) -> Self {
        Self {
            server: None,
            base_path: None,
            user: None,
            level: level.number(),
            preferred_length: MAX_PREFERRED_LENGTH,
            resume: Some(0),
        }
    }

    /// Reads a stub.
    ///
    /// # Errors
    /// The stub is malformed, or level and tag differ.
    pub fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = NdrReader::new(stub);
        let server = reader.unique_string("ServerName")?;
        let base_path = reader.unique_string("BasePath")?;
        let user = reader.unique_string("UserName")?;
        let EnumRequest { level, preferred_length, resume } = EnumRequest::decode(&mut reader)?;
        Ok(Self { server, base_path, user, level, preferred_length, resume })
    }
}

impl RpcCall for FileEnumRequest {
    const OPNUM: u16 = 9;
    const OPERATION: Operation =
        Operation::question("NetrFileEnum", "enumeration of open files").with_filters(Filters::User);
    type Response = FileEnumResponse;

    fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.unique_string(self.server.as_deref());
        writer.unique_string(self.base_path.as_deref());
        writer.unique_string(self.user.as_deref());
        let Self { level, preferred_length, resume, .. } = *self;
        EnumRequest { level, preferred_length, resume }.encode(&mut writer);
        writer.into_bytes()
    }

    fn decode_response(&self, stub: &[u8], max_entries: usize) -> Result<FileEnumResponse, ResponseError> {
        let level = FileLevel::requested(self.level)?;
        EnumResponse::decode(stub, level, max_entries)
    }
}
