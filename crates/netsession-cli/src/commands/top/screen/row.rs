//! A row of a view, by where its contents are.

/// What a row is, whatever else changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum RowId {
    /// By server, and the number there.
    Session(usize, u64),
    File(usize, u64),
    Server(usize),
    /// Of a server that does not answer, above sessions and files.
    Failure(usize),
    /// Of a server that lists no files, above files.
    FilesFailure(usize),
    /// For all further ones.
    MoreFailures,
    Change(u64),
    /// By the name in lower case.
    Group(Box<str>),
}

/// Where the contents of a row are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// By server and index.
    Session(usize, usize),
    GoneSession(usize, usize),
    File(usize, usize),
    GoneFile(usize, usize),
    Server(usize),
    Failure(usize),
    FilesFailure(usize),
    /// And their number.
    MoreFailures(usize),
    Change(usize),
    Group(usize),
}
