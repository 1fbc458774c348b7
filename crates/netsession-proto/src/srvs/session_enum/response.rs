use super::container;
use crate::erref::Win32Error;
use crate::ndr::{NdrReader, NdrWriter};
use crate::srvs::enumeration::EnumEnd;
use crate::srvs::{Level, ResponseError, SessionInfo};
use crate::wire::DecodeError;

/// The answer (\[MS-SRVS\] 3.1.4.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEnumResponse {
    /// The level of the sessions.
    pub level: Level,
    /// The sessions. A time of 0xFFFFFFFF is left as the server sent it.
    pub sessions: Vec<SessionInfo>,
    /// How many sessions there are from the resume position on.
    pub total_entries: u32,
    /// Where to go on. Only [`Win32Error::MORE_DATA`] says that there is more: on success this means nothing.
    pub resume: Option<u32>,
    /// The return value of the call.
    pub code: Win32Error,
}

impl SessionEnumResponse {
    /// The stub, as Windows and Samba shape it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encode_as(Shape::default())
    }

    /// The stub in another shape that servers use.
    #[must_use]
    pub fn encode_as(&self, shape: Shape) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        // Once as SESSION_ENUM_STRUCT.Level, once as the tag of the union.
        writer.u32(self.level.number());
        writer.u32(self.level.number());
        writer.pointer(!shape.null_container);
        if !shape.null_container {
            container::encode(self.level, &self.sessions, shape.null_strings, &mut writer);
        }
        let Self { total_entries, resume, code, .. } = *self;
        EnumEnd { total_entries, resume, code }.encode(&mut writer);
        writer.into_bytes()
    }

    /// An error with everything before it zeroed, level and tag included, as illumos sends it.
    #[must_use]
    pub fn encode_zeroed(code: Win32Error) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        for _ in 0..5 {
            // Level, tag, SessionInfo, TotalEntries, ResumeHandle
            writer.u32(0);
        }
        writer.u32(code.0);
        writer.into_bytes()
    }

    /// Reads the stub of an answer to a question for `asked`, of `max_entries` sessions at most.
    ///
    /// **Errors without a body.** A server that refuses the call can leave level, tag and container zeroed,
    /// or empty in a way that is not well formed. Where the stub cannot be read as an answer of the level
    /// asked, is no longer than an answer without a session (40 bytes), and ends in an error code other than
    /// [`Win32Error::MORE_DATA`], that code is the answer, with no session. In a longer stub the last four
    /// bytes could as well be a part of a name, and it stays malformed.
    ///
    /// # Errors
    /// The stub is malformed or of another level, or holds more than `max_entries` sessions.
    pub fn decode(stub: &[u8], asked: Level, max_entries: usize) -> Result<Self, ResponseError> {
        match Self::decode_whole(stub, asked, max_entries) {
            Err(ResponseError::Malformed(error)) => match EnumEnd::code_alone(stub) {
                Some(code) => {
                    Ok(Self { level: asked, sessions: Vec::new(), total_entries: 0, resume: None, code })
                }
                None => Err(error.into()),
            },
            result => result,
        }
    }

    fn decode_whole(stub: &[u8], asked: Level, max_entries: usize) -> Result<Self, ResponseError> {
        let mut reader = NdrReader::new(stub);
        for field in ["Level", "SessionInfo tag"] {
            let offset = reader.position();
            if reader.u32(field)? != asked.number() {
                return Err(DecodeError::wrong(field, offset, "is not the level that was asked for").into());
            }
        }
        let sessions = if reader.pointer("SessionInfo")? {
            container::decode(asked, &mut reader, max_entries)?
        } else {
            Vec::new()
        };
        Ok(Self::decode_end(asked, sessions, &mut reader)?)
    }

    /// Reads what stands behind the sessions.
    pub(super) fn decode_end(
        level: Level,
        sessions: Vec<SessionInfo>,
        reader: &mut NdrReader<'_>,
    ) -> Result<Self, DecodeError> {
        let EnumEnd { total_entries, resume, code } = EnumEnd::decode(reader)?;
        Ok(Self { level, sessions, total_entries, resume, code })
    }
}

/// How a server double shapes an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    /// Empty strings are sent as null pointers.
    pub null_strings: bool,
    /// The container is a null pointer, and the sessions are left out.
    pub null_container: bool,
}

#[cfg(test)]
mod tests;
