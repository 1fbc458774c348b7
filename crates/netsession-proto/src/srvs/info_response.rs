//! The answer of a call that gives one structure, such as NetrFileGetInfo (\[MS-SRVS\] 3.1.4.3).

use super::code_alone::return_code;
use super::enumeration::{Entry, InfoLevel as _, encode_strings};
use super::{CodedResponse, ResponseError};
use crate::erref::Win32Error;
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// A structure that a call gives at a level.
pub trait Info: Sized {
    /// The levels of its call.
    type Level: Copy;

    /// The number that stands on the wire.
    fn number(level: Self::Level) -> u32;

    /// Reads it.
    ///
    /// # Errors
    /// The bytes end before it, or a string is malformed.
    fn read(level: Self::Level, reader: &mut NdrReader<'_>) -> Result<Self, DecodeError>;

    /// Writes it.
    fn write(&self, level: Self::Level, writer: &mut NdrWriter);
}

/// What an enumeration has many of, a call of its own gives one of.
impl<E: Entry> Info for E {
    type Level = E::Level;

    fn number(level: E::Level) -> u32 {
        level.number()
    }

    fn read(level: E::Level, reader: &mut NdrReader<'_>) -> Result<Self, DecodeError> {
        let mut fixed = reader.sub(E::fixed_size(level), "InfoStruct")?;
        E::decode(level, &mut fixed, reader)
    }

    fn write(&self, level: E::Level, writer: &mut NdrWriter) {
        self.encode_fixed(level, writer);
        encode_strings(self, level, writer);
    }
}

/// The answer of such a call: a union by level, and the return value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InfoResponse<I: Info> {
    /// The level that was asked for.
    pub level: I::Level,
    /// The structure; `None` after an error.
    pub info: Option<I>,
    /// The return value of the call.
    pub code: Win32Error,
}

impl<I: Info> InfoResponse<I> {
    /// Reads the stub of the answer at the level that was asked for.
    pub(super) fn decode(stub: &[u8], level: I::Level) -> Result<Self, ResponseError> {
        let mut reader = NdrReader::new(stub);
        let offset = reader.position();
        let tag = reader.u32("union tag")?;
        let is_there = reader.pointer("InfoStruct")?;
        if is_there && tag != I::number(level) {
            let problem = "is not the level that was asked for";
            return Err(DecodeError::wrong("union tag", offset, problem).into());
        }
        let info = is_there.then(|| I::read(level, &mut reader)).transpose()?;
        let code = return_value(&mut reader, "InfoStruct", is_there)?;
        Ok(Self { level, info: info.filter(|_| code.is_success()), code })
    }

    /// The stub, for a server double.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.u32(I::number(self.level));
        writer.pointer(self.info.is_some());
        if let Some(info) = &self.info {
            info.write(self.level, &mut writer);
        }
        writer.u32(self.code.0);
        writer.into_bytes()
    }
}

impl<I: Info> CodedResponse for InfoResponse<I> {
    fn code(&self) -> Win32Error {
        self.code
    }
}

/// Reads the return value behind the structure that `field` points to. A success has one.
pub(super) fn return_value(
    reader: &mut NdrReader<'_>,
    field: &'static str,
    is_there: bool,
) -> Result<Win32Error, DecodeError> {
    let offset = reader.position();
    let code = return_code(reader)?;
    if code.is_success() && !is_there {
        return Err(DecodeError::wrong(field, offset, "is null although the call succeeded"));
    }
    Ok(code)
}
