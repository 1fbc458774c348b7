use super::container::decode_container;
use super::end::EnumEnd;
use super::entry::{Entry, InfoLevel, encode_strings};
use crate::erref::Win32Error;
use crate::ndr::{NdrReader, NdrWriter};
use crate::srvs::ResponseError;
use crate::wire::DecodeError;

/// The answer to an enumeration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumResponse<E: Entry> {
    /// The level of the entries.
    pub level: E::Level,
    /// The entries.
    pub entries: Vec<E>,
    /// Number of entries from the resume position on.
    pub total_entries: u32,
    /// Where to go on. Only [`Win32Error::MORE_DATA`] says that there is more: on success this means nothing.
    pub resume: Option<u32>,
    /// The return value of the call.
    pub code: Win32Error,
}

impl<E: Entry> EnumResponse<E> {
    /// An answer without an entry.
    #[must_use]
    pub fn empty(level: E::Level, code: Win32Error) -> Self {
        Self { level, entries: Vec::new(), total_entries: 0, resume: None, code }
    }

    /// The stub.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.u32(self.level.number());
        writer.u32(self.level.number());
        writer.pointer(true);
        writer.count(self.entries.len());
        writer.pointer(!self.entries.is_empty());
        if !self.entries.is_empty() {
            writer.count(self.entries.len());
            self.entries.iter().for_each(|entry| entry.encode_fixed(self.level, &mut writer));
            self.entries.iter().for_each(|entry| encode_strings(entry, self.level, &mut writer));
        }
        let Self { total_entries, resume, code, .. } = *self;
        EnumEnd { total_entries, resume, code }.encode(&mut writer);
        writer.into_bytes()
    }

    /// The stub of an error for a level of which the union has no arm.
    #[must_use]
    pub fn encode_error(level: u32, resume: Option<u32>, code: Win32Error) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.u32(level);
        writer.u32(level);
        writer.pointer(false);
        EnumEnd { total_entries: 0, resume, code }.encode(&mut writer);
        writer.into_bytes()
    }

    /// Reads the stub of an answer to a request for `asked`, of `max_entries` entries at most.
    ///
    /// A server that refuses the call can leave level, tag and container zeroed or not well formed. Where the stub
    /// cannot be read as an answer of that level, has at most 40 bytes, and ends in an error code other than
    /// [`Win32Error::MORE_DATA`], that code is the answer, without an entry.
    ///
    /// # Errors
    /// The stub is malformed or of another level, or holds more than `max_entries` entries.
    pub fn decode(stub: &[u8], asked: E::Level, max_entries: usize) -> Result<Self, ResponseError> {
        match Self::decode_whole(stub, asked, max_entries) {
            Err(ResponseError::Malformed(error)) => {
                EnumEnd::code_alone(stub).map(|code| Self::empty(asked, code)).ok_or(error.into())
            }
            result => result,
        }
    }

    fn decode_whole(stub: &[u8], asked: E::Level, max_entries: usize) -> Result<Self, ResponseError> {
        let mut reader = NdrReader::new(stub);
        for field in ["Level", "union tag"] {
            let offset = reader.position();
            if reader.u32(field)? != asked.number() {
                return Err(DecodeError::wrong(field, offset, "is not the level that was asked for").into());
            }
        }
        let entries = if reader.pointer("container")? {
            decode_container(&mut reader, E::fixed_size(asked), max_entries, |fixed, strings| {
                E::decode(asked, fixed, strings)
            })?
        } else {
            Vec::new()
        };
        let EnumEnd { total_entries, resume, code } = EnumEnd::decode(&mut reader)?;
        Ok(Self { level: asked, entries, total_entries, resume, code })
    }
}
