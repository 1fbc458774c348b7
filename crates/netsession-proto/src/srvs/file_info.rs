//! FILE_INFO_2 and FILE_INFO_3: an open file (\[MS-SRVS\] 2.2.4.6, 2.2.4.7).

use std::fmt;

use super::enumeration::{Entry, InfoLevel, string_behind};
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// How much an open file reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileLevel {
    /// The id alone. Samba does not support it.
    L2,
    /// Id, access, locks, path and user.
    L3,
}

impl InfoLevel for FileLevel {
    const ALL: &'static [Self] = &[Self::L2, Self::L3];

    fn number(self) -> u32 {
        match self {
            Self::L2 => 2,
            Self::L3 => 3,
        }
    }
}

impl fmt::Display for FileLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

/// A file, device or pipe that is open. What the level does not carry is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileInfo {
    /// The server's number for it. It can be given to another file once this one is closed.
    pub id: u32,
    /// Bits of access: PERM_FILE_READ 0x1, WRITE 0x2, CREATE 0x4; further ACCESS_ bits of \[MS-SRVS\] 2.2.1.2.8.
    pub permissions: Option<u32>,
    /// Number of locks.
    pub locks: Option<u32>,
    /// The path on the server, such as `C:\srv\share\report.xlsx`. Samba invents the drive letter.
    pub path: Option<String>,
    /// The user, as the server wrote it.
    pub user: Option<String>,
}

impl Entry for FileInfo {
    type Level = FileLevel;

    fn fixed_size(level: FileLevel) -> usize {
        const LEVEL_2: usize = 4 /* id */;
        const LEVEL_3: usize =
            LEVEL_2 + 4 /* permissions */ + 4 /* num_locks */ + 4 /* pathname */ + 4 /* username */;
        match level {
            FileLevel::L2 => LEVEL_2,
            FileLevel::L3 => LEVEL_3,
        }
    }

    fn decode(
        level: FileLevel,
        fixed: &mut NdrReader<'_>,
        strings: &mut NdrReader<'_>,
    ) -> Result<Self, DecodeError> {
        let id = fixed.u32("id")?;
        if level == FileLevel::L2 {
            return Ok(Self { id, ..Self::default() });
        }
        let permissions = Some(fixed.u32("permissions")?);
        let locks = Some(fixed.u32("num_locks")?);
        let (path, user) = (fixed.pointer("pathname")?, fixed.pointer("username")?);
        Ok(Self {
            id,
            permissions,
            locks,
            path: Some(string_behind(path, strings, "pathname")?),
            user: Some(string_behind(user, strings, "username")?),
        })
    }

    fn encode_fixed(&self, level: FileLevel, writer: &mut NdrWriter) {
        writer.u32(self.id);
        if level == FileLevel::L3 {
            writer.u32(self.permissions.unwrap_or(0));
            writer.u32(self.locks.unwrap_or(0));
            writer.pointer(true);
            writer.pointer(true);
        }
    }

    fn strings(&self, level: FileLevel) -> Vec<&str> {
        match level {
            FileLevel::L2 => Vec::new(),
            FileLevel::L3 => {
                vec![self.path.as_deref().unwrap_or_default(), self.user.as_deref().unwrap_or_default()]
            }
        }
    }
}
