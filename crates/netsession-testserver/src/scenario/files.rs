use std::collections::BTreeMap;

use netsession_proto::srvs::{FileInfo, ShareInfo};
use serde::Deserialize;

use super::enumeration::Access;
use super::session::{numbered, one, repeat};

/// How the calls for open files are answered (\[MS-SRVS\] 3.1.4.2 to 3.1.4.4), and how a server deviates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Files {
    /// The levels that exist.
    pub levels: Vec<u32>,
    /// The answer at a level that does not exist.
    pub missing_level: u32,
    /// The filters by path and user are applied.
    pub honours_filters: bool,
    /// Maximum files of a page, whatever the preferred length.
    pub page_size: Option<usize>,
    /// The answer where no open file has the id: NERR_FileIdNotFound, or 2 as Samba says.
    pub missing_id: u32,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            levels: vec![2, 3],
            missing_level: 124,
            honours_filters: true,
            page_size: None,
            missing_id: 2314,
        }
    }
}

/// How NetrShareEnum is answered (\[MS-SRVS\] 3.1.4.8).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Shares {
    /// The levels that exist, and the callers that may use them.
    pub levels: BTreeMap<String, Access>,
}

impl Default for Shares {
    fn default() -> Self {
        let levels = [("1".to_owned(), Access::Anyone), ("2".to_owned(), Access::Administrators)];
        Self { levels: levels.into() }
    }
}

/// How NetrConnectionEnum is answered (\[MS-SRVS\] 3.1.4.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Connections {
    /// Every answer is the connection of `dummy_user` to `IPC$`, as Samba makes it up.
    pub made_up: bool,
}

/// How NetrSessionDel is answered (\[MS-SRVS\] 3.1.4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SessionDel {
    /// The callers that may end sessions.
    pub access: Access,
    /// The answer where no session matches: NERR_ClientNameNotFound, or 5 as Samba says.
    pub no_match: u32,
}

impl Default for SessionDel {
    fn default() -> Self {
        Self { access: Access::Administrators, no_match: 2312 }
    }
}

/// An open file, or many of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OpenFile {
    /// The path on the server. `{n}` is replaced by the number of the repetition.
    pub path: String,
    /// The user, as the server writes it. `{n}` is replaced.
    pub user: String,
    /// Bits of access: read 1, write 2, create 4.
    #[serde(default = "read")]
    pub access: u32,
    /// Number of locks.
    #[serde(default)]
    pub locks: u32,
    /// The number of files of this kind: at most a million.
    #[serde(default = "one", deserialize_with = "repeat")]
    pub repeat: usize,
}

const fn read() -> u32 {
    1
}

impl OpenFile {
    /// The entries of the server's list, without their ids.
    pub(super) fn expand(&self) -> impl Iterator<Item = FileInfo> {
        (0..self.repeat).map(|n| FileInfo {
            id: 0,
            permissions: Some(self.access),
            locks: Some(self.locks),
            path: Some(numbered(&self.path, n)),
            user: Some(numbered(&self.user, n)),
        })
    }
}

/// A share.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Share {
    /// The name.
    pub name: String,
    /// The path on the server.
    #[serde(default)]
    pub path: String,
    /// STYPE_ bits: disk 0, printer 1, device 2, IPC 3, special 0x80000000.
    #[serde(default)]
    pub kind: u32,
    /// The comment.
    #[serde(default)]
    pub comment: String,
    /// Connections to it now.
    #[serde(default)]
    pub current_users: u32,
    /// Maximum connections; without a number there is no limit.
    pub max_users: Option<u32>,
}

impl From<&Share> for ShareInfo {
    fn from(share: &Share) -> Self {
        Self {
            name: share.name.clone(),
            kind: share.kind,
            comment: share.comment.clone(),
            current_uses: Some(share.current_users),
            max_uses: Some(share.max_users.unwrap_or(u32::MAX)),
            path: Some(share.path.clone()),
        }
    }
}
