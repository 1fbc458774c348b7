//! NetrShareEnum: the shares (\[MS-SRVS\] 3.1.4.8).

use super::enumeration::{EnumRequest, EnumResponse, InfoLevel as _};
use super::{MAX_PREFERRED_LENGTH, Operation, ResponseError, Right, RpcCall, ShareInfo, ShareLevel};
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareEnumRequest {
    /// The server, as `\\fs1`. No server looks at it.
    pub server: Option<String>,
    /// The number of the level: any number, so that a server double can refuse it with 124.
    pub level: u32,
    /// Maximum bytes of entries to send; [`MAX_PREFERRED_LENGTH`] is everything.
    pub preferred_length: u32,
    /// Where to go on: the handle of the answer before, 0 at first.
    pub resume: Option<u32>,
}

/// The answer.
pub type ShareEnumResponse = EnumResponse<ShareInfo>;

impl ShareEnumRequest {
    /// Requests all shares, from the first one.
    #[must_use]
    pub fn new(level: ShareLevel) -> Self {
        let (level, preferred_length) = (level.number(), MAX_PREFERRED_LENGTH);
        Self { server: None, level, preferred_length, resume: Some(0) }
    }

    /// Reads a stub.
    ///
    /// # Errors
    /// The stub is malformed, or level and tag differ.
    pub fn decode(stub: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = NdrReader::new(stub);
        let server = reader.unique_string("ServerName")?;
        let EnumRequest { level, preferred_length, resume } = EnumRequest::decode(&mut reader)?;
        Ok(Self { server, level, preferred_length, resume })
    }
}

impl RpcCall for ShareEnumRequest {
    const OPNUM: u16 = 15;
    const OPERATION: Operation =
        Operation::question("NetrShareEnum", "enumeration of shares").with_right(Right::Everyone);
    type Response = ShareEnumResponse;

    fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.unique_string(self.server.as_deref());
        let Self { level, preferred_length, resume, .. } = *self;
        EnumRequest { level, preferred_length, resume }.encode(&mut writer);
        writer.into_bytes()
    }

    fn decode_response(&self, stub: &[u8], max_entries: usize) -> Result<ShareEnumResponse, ResponseError> {
        let level = ShareLevel::requested(self.level)?;
        EnumResponse::decode(stub, level, max_entries)
    }
}
