/// Why the id of a file no longer says which one is to be closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Changed {
    /// It stands for another path or another user.
    OtherFile { id: u32, now: FileOfUser, listed: FileOfUser },
    /// Samba makes ids of the number of a process, of which it takes 16 bits.
    SeveralFiles { id: u32 },
}

/// What tells two files with the same id apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileOfUser {
    pub(crate) path: Option<String>,
    pub(crate) user: Option<String>,
}

impl FileOfUser {
    pub(crate) fn new(path: Option<&str>, user: Option<&str>) -> Self {
        Self { path: path.map(str::to_owned), user: user.map(str::to_owned) }
    }
}
