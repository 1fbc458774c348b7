use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// The end of each request: level, empty container, preferred length, resume handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::srvs) struct EnumRequest {
    pub(in crate::srvs) level: u32,
    pub(in crate::srvs) preferred_length: u32,
    pub(in crate::srvs) resume: Option<u32>,
}

impl EnumRequest {
    /// The container is there, and empty: Samba answers a null one of some calls with an empty list.
    pub(in crate::srvs) fn encode(self, writer: &mut NdrWriter) {
        // Once as the Level of the structure, once as the tag of the union.
        writer.u32(self.level);
        writer.u32(self.level);
        writer.pointer(true);
        writer.u32(0); // EntriesRead
        writer.pointer(false); // Buffer
        writer.u32(self.preferred_length);
        writer.unique_u32(self.resume);
    }

    /// All arms of the union begin alike, so that this also reads an unknown level.
    pub(in crate::srvs) fn decode(reader: &mut NdrReader<'_>) -> Result<Self, DecodeError> {
        let level = reader.u32("Level")?;
        let offset = reader.position();
        if reader.u32("union tag")? != level {
            return Err(DecodeError::wrong("union tag", offset, "differs from Level"));
        }
        if reader.pointer("container")? {
            let offset = reader.position();
            let entries = reader.u32("EntriesRead")?;
            // An empty array behind the pointer is what some clients send.
            let count = if reader.pointer("Buffer")? { reader.u32("Buffer")? } else { 0 };
            if entries != 0 || count != 0 {
                return Err(DecodeError::wrong("EntriesRead", offset, "counts entries in a request"));
            }
        }
        let preferred_length = reader.u32("PreferedMaximumLength")?;
        let resume = reader.unique_u32("ResumeHandle")?;
        Ok(Self { level, preferred_length, resume })
    }
}
