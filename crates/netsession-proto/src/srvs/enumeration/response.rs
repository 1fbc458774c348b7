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

/// The longest answer without an entry: level, tag, pointer, EntriesRead, pointer, maximum count, TotalEntries,
/// pointer, ResumeHandle, return value.
const LONGEST_EMPTY: usize = 10 * 4;

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
        writer.u32(self.total_entries);
        writer.unique_u32(self.resume);
        writer.u32(self.code.0);
        writer.into_bytes()
    }

    /// The stub of an error for a level of which the union has no arm.
    #[must_use]
    pub fn encode_error(level: u32, resume: Option<u32>, code: Win32Error) -> Vec<u8> {
        let mut writer = NdrWriter::new();
        writer.u32(level);
        writer.u32(level);
        writer.pointer(false);
        writer.u32(0); // TotalEntries
        writer.unique_u32(resume);
        writer.u32(code.0);
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
                code_at_end(stub).map(|code| Self::empty(asked, code)).ok_or(error.into())
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
            decode_entries(asked, &mut reader, max_entries)?
        } else {
            Vec::new()
        };
        let total_entries = reader.u32("TotalEntries")?;
        let resume = reader.unique_u32("ResumeHandle")?;
        let code = Win32Error(reader.u32("return value")?);
        // Padding to eight bytes is common behind a stub. More, or anything but zeros, means that the fields stood
        // elsewhere.
        let offset = reader.position();
        let rest = reader.take_rest();
        if rest.len() >= 8 || rest.iter().any(|byte| *byte != 0) {
            return Err(DecodeError::wrong("stub", offset, "goes on behind the return value").into());
        }
        Ok(Self { level: asked, entries, total_entries, resume, code })
    }
}

fn decode_entries<E: Entry>(
    level: E::Level,
    reader: &mut NdrReader<'_>,
    max_entries: usize,
) -> Result<Vec<E>, ResponseError> {
    let entries_read = reader.count("EntriesRead")?;
    let offset = reader.position();
    if !reader.pointer("Buffer")? {
        return if entries_read == 0 {
            Ok(Vec::new())
        } else {
            Err(DecodeError::wrong("Buffer", offset, "is null although there are entries").into())
        };
    }
    let (count, mut fixed) = reader.array(E::fixed_size(level), "Buffer")?;
    if count != entries_read {
        let problem = "does not hold as many entries as EntriesRead says";
        return Err(DecodeError::wrong("Buffer", offset, problem).into());
    }
    if count > max_entries {
        return Err(ResponseError::TooManyEntries { limit: max_entries });
    }
    // Sized by entries whose fixed parts have been read: the wire cannot claim more than it sent.
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        entries.push(E::decode(level, &mut fixed, reader)?);
    }
    Ok(entries)
}

/// The error code at the end of a stub that is too short to hold an entry.
fn code_at_end(stub: &[u8]) -> Option<Win32Error> {
    let code = stub.last_chunk().copied().map(u32::from_le_bytes).map(Win32Error)?;
    let is_error = code != Win32Error::SUCCESS && code != Win32Error::MORE_DATA;
    (stub.len() <= LONGEST_EMPTY && is_error).then_some(code)
}
