//! The file itself: what it must be, who may read it, and what lies beside it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A file beside the store: `FILE.lock`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

pub(crate) fn io_error(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Io { action, path: path.into(), source }
}

/// Whether there is a file; anything else in its place is refused. A link is, too: a rewritten store takes the place
/// of the link, and the file that it leads to would keep what was erased.
pub(crate) fn check(path: &Path) -> Result<bool, Error> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(io_error(path, "open")(error)),
    };
    let kind = metadata.file_type();
    let kind = if kind.is_symlink() {
        "a link"
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_file() {
        return Ok(true);
    } else {
        "a device, socket or pipe"
    };
    Err(Error::NotAFile { path: path.into(), kind })
}

/// Whether a file has no bytes: the recorder makes a store of it, and nothing else does.
pub(crate) fn is_empty(path: &Path) -> Result<bool, Error> {
    Ok(fs::symlink_metadata(path).map_err(io_error(path, "open"))?.len() == 0)
}

/// A file of which there was none, for its owner alone: it has names of people.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    private(&mut options);
    options.open(path)
}

/// A file that may be there already, for its owner alone if it is made.
pub(crate) fn create_or_open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    private(&mut options);
    options.open(path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_options: &mut OpenOptions) {}

/// Opens the file that was checked: the handle decides, not the path (TOCTOU).
pub(crate) fn open(path: &Path, writable: bool) -> Result<File, Error> {
    let file =
        OpenOptions::new().read(true).write(writable).open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::Missing(path.into()),
            _ => io_error(path, "open")(error),
        })?;
    let is_same = is_same(&file, path).map_err(io_error(path, "open"))?;
    if !is_same {
        return Err(Error::NotAFile { path: path.into(), kind: "a link" });
    }
    Ok(file)
}

#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let (opened, named) = (file.metadata()?, fs::symlink_metadata(path)?);
    Ok(opened.dev() == named.dev() && opened.ino() == named.ino() || !named.file_type().is_symlink())
}

#[cfg(not(unix))]
fn is_same(_file: &File, path: &Path) -> io::Result<bool> {
    Ok(!fs::symlink_metadata(path)?.file_type().is_symlink())
}

/// Which file a path names. A file that is removed or replaced stays open, and what is written to it is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileId {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

impl FileId {
    /// The file that has this name now. The standard library has no numbers of files on Windows: there only a missing
    /// file is noticed.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let metadata = fs::symlink_metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::Replaced(path.into()),
            _ => io_error(path, "open")(error),
        })?;
        Ok(Self::from_metadata(&metadata))
    }

    #[cfg(unix)]
    fn from_metadata(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self { device: metadata.dev(), inode: metadata.ino() }
    }

    #[cfg(not(unix))]
    fn from_metadata(_metadata: &fs::Metadata) -> Self {
        Self {}
    }
}

/// For its owner alone, also where somebody has made the empty file with another mode.
#[cfg(unix)]
pub(crate) fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
pub(crate) fn make_private(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Gives a new file owner and group of the store where that is possible: root erases in a store that a service goes on to
/// write, and asks a service that goes on.
#[cfg(unix)]
pub(crate) fn give_owner_of(store: &Path, file: &File) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let (Ok(store), Ok(own)) = (fs::symlink_metadata(store), file.metadata()) else { return };
    if (own.uid(), own.gid()) != (store.uid(), store.gid()) {
        // Who is not root cannot, and has a store of its own.
        drop(fchown(file, Some(store.uid()), Some(store.gid())));
    }
}

#[cfg(not(unix))]
pub(crate) fn give_owner_of(_store: &Path, _file: &File) {}

/// Makes a rename last over a power cut. Systems that cannot do that to a folder do without.
pub(crate) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        drop(folder.sync_all());
    }
}
