use super::{CodedResponse, ResponseError};
use crate::erref::Win32Error;
use crate::ndr::{NdrReader, NdrWriter};

/// The answer of a call that only says whether it worked: its return value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeAlone(pub Win32Error);

impl CodeAlone {
    /// Reads the stub.
    pub(super) fn decode(stub: &[u8]) -> Result<Self, ResponseError> {
        Ok(Self(Win32Error(NdrReader::new(stub).u32("return value")?)))
    }

    /// The stub, for a server double.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.u32(self.0.0);
        writer.into_bytes()
    }
}

impl CodedResponse for CodeAlone {
    fn code(&self) -> Win32Error {
        self.0
    }
}
