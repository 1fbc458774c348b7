use crate::erref::Win32Error;
use crate::ndr::{NdrReader, NdrWriter};
use crate::srvs::code_alone::return_code;
use crate::wire::DecodeError;

/// The end of each answer, behind the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::srvs) struct EnumEnd {
    pub(in crate::srvs) total_entries: u32,
    pub(in crate::srvs) resume: Option<u32>,
    pub(in crate::srvs) code: Win32Error,
}

impl EnumEnd {
    /// The longest answer without an entry: level, tag, pointer, EntriesRead, pointer, maximum count, TotalEntries,
    /// pointer, ResumeHandle, return value.
    pub(in crate::srvs) const LONGEST_EMPTY: usize = 10 * 4;

    pub(in crate::srvs) fn encode(self, writer: &mut NdrWriter) {
        writer.u32(self.total_entries);
        writer.unique_u32(self.resume);
        writer.u32(self.code.0);
    }

    pub(in crate::srvs) fn decode(reader: &mut NdrReader<'_>) -> Result<Self, DecodeError> {
        let total_entries = reader.u32("TotalEntries")?;
        let resume = reader.unique_u32("ResumeHandle")?;
        Ok(Self { total_entries, resume, code: return_code(reader)? })
    }

    /// The error code at the end of a stub that is too short to hold an entry, whatever stands before it.
    pub(in crate::srvs) fn code_alone(stub: &[u8]) -> Option<Win32Error> {
        let code = stub.last_chunk().copied().map(u32::from_le_bytes).map(Win32Error)?;
        let is_error = code != Win32Error::SUCCESS && code != Win32Error::MORE_DATA;
        (stub.len() <= Self::LONGEST_EMPTY && is_error).then_some(code)
    }
}
