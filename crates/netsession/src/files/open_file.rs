use netsession_proto::query::UserName;
use netsession_proto::srvs::FileInfo;

use super::FileAccess;
use super::path_pattern::folded;
use crate::collected::HasTexts;

/// A file, folder, device or pipe that a user has open on a server.
///
/// Fields that the level of the listing does not carry are `None`. The texts come from the server, unchecked: escape
/// control characters before they reach a terminal. Specification: \[MS-SRVS\] 2.2.4.7.
// A listing may hold a million of these: no capacities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFile {
    pub(super) id: u32,
    pub(super) access: Option<FileAccess>,
    pub(super) locks: Option<u32>,
    pub(super) path: Option<Box<str>>,
    pub(super) user: Option<Box<str>>,
    pub(super) unc: Option<Box<str>>,
    pub(super) share: Option<Box<str>>,
    pub(super) client: Option<Box<str>>,
}

impl OpenFile {
    /// A file as the server lists it. Not a `From`: that would be public, and the protocol crate is not.
    pub(crate) fn from_wire(info: FileInfo) -> Self {
        Self {
            id: info.id,
            access: info.permissions.map(FileAccess::from_bits),
            locks: info.locks,
            path: info.path.map(String::into_boxed_str),
            user: info.user.map(String::into_boxed_str),
            unc: None,
            share: None,
            client: None,
        }
    }

    /// The server's number for it. A server can give it to another file once this one is closed.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The path on the server, such as `D:\projects\report.xlsx`. Samba invents the drive letter.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The path for users, such as `\\fs1\projects\report.xlsx`: by the share with the longest path in front of it.
    /// `None` where the server does not list the paths of its shares, or none of them but the hidden ones has the file.
    #[must_use]
    pub fn unc(&self) -> Option<&str> {
        self.unc.as_deref()
    }

    /// The share of [`unc`](Self::unc).
    #[must_use]
    pub fn share(&self) -> Option<&str> {
        self.share.as_deref()
    }

    /// The user who has it open, as the server knows them: `alice` or `DOMAIN\alice`.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Whether the user is `name`, in any of the ways to write one: see [`Files::user`](crate::Files::user).
    #[must_use]
    pub fn is_of_user(&self, name: &str) -> bool {
        self.user().is_some_and(|user| UserName::new(name).matches(user))
    }

    /// Whether its path on the server, or its path for users, is `path`. Without regard to case; `/` and `\` are the same, as
    /// in a [`PathPattern`](crate::PathPattern).
    #[must_use]
    pub fn has_path(&self, path: &str) -> bool {
        let wanted = folded(path);
        [self.path(), self.unc()].into_iter().flatten().any(|path| folded(path) == wanted)
    }

    /// How it is open.
    #[must_use]
    pub fn access(&self) -> Option<FileAccess> {
        self.access
    }

    /// Number of locks on it.
    #[must_use]
    pub fn locks(&self) -> Option<u32> {
        self.locks
    }

    /// The computer of the user; `None` unless the server lists exactly one session of that user.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }
}

impl HasTexts for OpenFile {
    fn text_bytes(&self) -> usize {
        [&self.path, &self.user].into_iter().flatten().map(|text| text.len()).sum()
    }
}
