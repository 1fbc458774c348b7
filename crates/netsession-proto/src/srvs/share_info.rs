//! SHARE_INFO_1 and SHARE_INFO_2: a share (\[MS-SRVS\] 2.2.4.23, 2.2.4.24).

use std::fmt;

use super::enumeration::{Entry, InfoLevel, string_behind};
use crate::ndr::{NdrReader, NdrWriter};
use crate::wire::DecodeError;

/// How much a share reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShareLevel {
    /// Name, type and comment. Open to every user.
    L1,
    /// Level 1, path, current and maximum users.
    L2,
}

impl InfoLevel for ShareLevel {
    const ALL: &'static [Self] = &[Self::L1, Self::L2];

    fn number(self) -> u32 {
        match self {
            Self::L1 => 1,
            Self::L2 => 2,
        }
    }
}

impl fmt::Display for ShareLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

/// A share. What the level does not carry is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShareInfo {
    /// The name, such as `homes$`.
    pub name: String,
    /// STYPE_ bits of \[MS-SRVS\] 2.2.2.4, as the server sent them.
    pub kind: u32,
    /// The comment.
    pub comment: String,
    /// Connections to it now.
    pub current_uses: Option<u32>,
    /// Maximum connections; 0xFFFFFFFF is no limit.
    pub max_uses: Option<u32>,
    /// The path on the server.
    pub path: Option<String>,
}

impl Entry for ShareInfo {
    type Level = ShareLevel;

    fn fixed_size(level: ShareLevel) -> usize {
        const LEVEL_1: usize = 4 /* netname */ + 4 /* type */ + 4 /* remark */;
        const LEVEL_2: usize = LEVEL_1
            + 4 /* permissions */
            + 4 /* max_uses */
            + 4 /* current_uses */
            + 4 /* path */
            + 4 /* passwd */;
        match level {
            ShareLevel::L1 => LEVEL_1,
            ShareLevel::L2 => LEVEL_2,
        }
    }

    fn decode(
        level: ShareLevel,
        fixed: &mut NdrReader<'_>,
        strings: &mut NdrReader<'_>,
    ) -> Result<Self, DecodeError> {
        let name = fixed.pointer("netname")?;
        let kind = fixed.u32("type")?;
        let comment = fixed.pointer("remark")?;
        if level == ShareLevel::L1 {
            return Ok(Self {
                name: string_behind(name, strings, "netname")?,
                kind,
                comment: string_behind(comment, strings, "remark")?,
                ..Self::default()
            });
        }
        fixed.u32("permissions")?;
        let (max_uses, current_uses) = (Some(fixed.u32("max_uses")?), Some(fixed.u32("current_uses")?));
        let (path, password) = (fixed.pointer("path")?, fixed.pointer("passwd")?);
        let name = string_behind(name, strings, "netname")?;
        let comment = string_behind(comment, strings, "remark")?;
        let path = Some(string_behind(path, strings, "path")?);
        // Of share-level security, which SMB2 does not have: read over, and never kept.
        string_behind(password, strings, "passwd")?;
        Ok(Self { name, kind, comment, current_uses, max_uses, path })
    }

    fn encode_fixed(&self, level: ShareLevel, writer: &mut NdrWriter) {
        writer.pointer(true);
        writer.u32(self.kind);
        writer.pointer(true);
        if level == ShareLevel::L2 {
            writer.u32(0); // permissions
            writer.u32(self.max_uses.unwrap_or(u32::MAX));
            writer.u32(self.current_uses.unwrap_or(0));
            writer.pointer(true);
            writer.pointer(false); // passwd
        }
    }

    fn strings(&self, level: ShareLevel) -> Vec<&str> {
        let mut strings = vec![self.name.as_str(), self.comment.as_str()];
        if level == ShareLevel::L2 {
            strings.push(self.path.as_deref().unwrap_or_default());
        }
        strings
    }
}
