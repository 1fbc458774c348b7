use super::{CodedResponse, ResponseError};
use crate::erref::Win32Error;
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The answer of a call that only says whether it worked: its return value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeAlone(pub Win32Error);

impl CodeAlone {
    /// Reads the stub.
    pub(super) fn decode(stub: &[u8]) -> Result<Self, ResponseError> {
        Ok(Self(return_code(&mut NdrReader::new(stub))?))
    }

    /// The stub, for a server double.
    #[must_use]
    pub fn encode(self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.u32(self.0.0);
        writer.into_bytes()
    }
}

/// Reads the return value, with which every stub ends.
pub(super) fn return_code(reader: &mut NdrReader<'_>) -> Result<Win32Error, DecodeError> {
    let code = Win32Error(reader.u32("return value")?);
    // Padding to eight bytes is common behind a stub. More, or anything but zeros, means that the fields stood
    // elsewhere: a zeroed error body read as a success of level 0 ends like this, and NDR64 read as NDR.
    let offset = reader.position();
    let rest = reader.take_rest();
    if rest.len() >= 8 || rest.iter().any(|byte| *byte != 0) {
        return Err(DecodeError::wrong("stub", offset, "goes on behind the return value"));
    }
    Ok(code)
}

impl CodedResponse for CodeAlone {
    fn code(&self) -> Win32Error {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_padding_stands_behind_the_return_value() {
        assert_eq!(CodeAlone::decode(&[5, 0, 0, 0]), Ok(CodeAlone(Win32Error::ACCESS_DENIED)));
        assert_eq!(CodeAlone::decode(&[0; 8]), Ok(CodeAlone(Win32Error::SUCCESS)));
        for stub in [&[0; 12][..], &[0, 0, 0, 0, 5, 0, 0, 0], &[0, 0, 0, 0, 0, 1], &[0; 3]] {
            assert!(CodeAlone::decode(stub).is_err(), "{stub:?}");
        }
    }
}
