use crate::wire::{DecodeError, Reader, Writer};

/// The handle of an open file or pipe (\[MS-SMB2\] 2.2.14.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId {
    /// The part that outlives the connection, for durable handles.
    pub persistent: u64,
    /// The part that is valid on this connection.
    pub volatile: u64,
}

impl FileId {
    /// In a related compound: the file of the request before. In a control code on no file: none.
    pub const ANY: Self = Self { persistent: u64::MAX, volatile: u64::MAX };

    pub(super) fn encode(self, out: &mut Writer) {
        out.u64(self.persistent);
        out.u64(self.volatile);
    }

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { persistent: reader.u64("FileId.Persistent")?, volatile: reader.u64("FileId.Volatile")? })
    }
}
