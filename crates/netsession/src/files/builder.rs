use super::{FileAccess, OpenFile};

/// Makes an [`OpenFile`] for tests of code that reads files (feature `testing`).
///
/// ```
/// use netsession::OpenFile;
///
/// let file = OpenFile::builder(16).path(r"D:\projects\report.xlsx").user("alice").locks(1).build();
/// assert_eq!((file.id(), file.user(), file.locks(), file.unc()), (16, Some("alice"), Some(1), None));
/// ```
#[derive(Debug, Clone)]
#[must_use = "call `build`"]
pub struct OpenFileBuilder(OpenFile);

impl OpenFile {
    /// A file with this id. Every other field is `None` until it is set.
    pub fn builder(id: u32) -> OpenFileBuilder {
        let (path, user, unc, share, client) = (None, None, None, None, None);
        OpenFileBuilder(Self { id, access: None, locks: None, path, user, unc, share, client })
    }
}

impl OpenFileBuilder {
    /// The path on the server.
    pub fn path(mut self, path: &str) -> Self {
        self.0.path = Some(path.into());
        self
    }

    /// The share that the path lies in.
    pub fn share(mut self, share: &str) -> Self {
        self.0.share = Some(share.into());
        self
    }

    /// The path for users, such as `\\fs1\projects\report.xlsx`.
    pub fn unc(mut self, unc: &str) -> Self {
        self.0.unc = Some(unc.into());
        self
    }

    /// The user.
    pub fn user(mut self, user: &str) -> Self {
        self.0.user = Some(user.into());
        self
    }

    /// The computer.
    pub fn client(mut self, client: &str) -> Self {
        self.0.client = Some(client.into());
        self
    }

    /// How it is open.
    pub fn access(mut self, access: FileAccess) -> Self {
        self.0.access = Some(access);
        self
    }

    /// The number of locks.
    pub fn locks(mut self, locks: u32) -> Self {
        self.0.locks = Some(locks);
        self
    }

    /// The file.
    #[must_use]
    pub fn build(self) -> OpenFile {
        self.0
    }
}
