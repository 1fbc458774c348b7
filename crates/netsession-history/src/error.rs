use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

/// What can go wrong with a store. The text names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process records into the store. Wait for it, or end it.
    #[error("{} is in use: {holder} records into it", path.display())]
    InUse {
        /// The store.
        path: PathBuf,
        /// Who records.
        holder: Holder,
    },
    /// There is no such store. Record first, or name another file.
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    /// The path is a folder, a link, a device or another thing that is no file. Name the file itself.
    #[error("{} is {kind}, not a file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is: `a folder`, `a link`, ….
        kind: &'static str,
    },
    /// The file is not a store, and is left as it is.
    #[error("{} is not a store of netsession", .0.display())]
    NotAStore(PathBuf),
    /// A newer version of the program wrote it. Use that one.
    #[error("{} has format {found}, and this version reads up to {supported}: use a newer netsession", path.display())]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that this version reads.
        supported: u32,
    },
    /// The file was changed or cut by something else. Take it from a backup, or move it away.
    #[error("{} is damaged: {problem}", path.display())]
    Damaged {
        /// The store.
        path: PathBuf,
        /// What was found.
        problem: String,
    },
    /// The system refused to read or write. Nothing that is stored is lost.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`, ….
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file was removed, or another one took its place, while this process recorded into it. Begin again.
    #[error("{} was removed or replaced while it was recorded into: what is recorded now would be lost", .0.display())]
    Replaced(PathBuf),
    /// The process that records could not read a request.
    #[error("{holder} cannot read the request: erase as the user who records, or as root")]
    Unreadable {
        /// Who records.
        holder: Holder,
    },
    /// The process that records did not carry out a request in time. It does so after its next round.
    #[error("{holder} has not carried out the request yet: it does so after its next round")]
    Unanswered {
        /// Who records.
        holder: Holder,
    },
}

impl Error {
    /// Whether the disk is full: freeing space helps, and another try succeeds then.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        let Self::Io { source, .. } = self else { return false };
        matches!(
            source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        )
    }
}

/// The process that records into a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Holder {
    /// Its process id, where it could be read.
    pub pid: Option<u32>,
    /// The name of its machine.
    pub host: Option<String>,
    /// When it began.
    pub since: Option<SystemTime>,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}")?,
            None => write!(f, "another process")?,
        }
        if let Some(host) = &self.host {
            write!(f, " on {host}")?;
        }
        let elapsed = self.since.and_then(|since| since.elapsed().ok());
        match elapsed.map(|elapsed| elapsed.as_secs()) {
            Some(seconds @ 0..120) => write!(f, ", for {seconds} s,"),
            Some(seconds @ 120..7200) => write!(f, ", for {} min,", seconds / 60),
            Some(seconds @ 7200..172_800) => write!(f, ", for {} h,", seconds / 3600),
            Some(seconds) => write!(f, ", for {} days,", seconds / 86_400),
            None => Ok(()),
        }
    }
}
