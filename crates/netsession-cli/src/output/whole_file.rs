//! `--output`: a file that is written whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Everything that goes to a file, until it is complete. A reader of the file sees the old one until then.
#[derive(Debug)]
pub(crate) struct WholeFile {
    path: PathBuf,
    readers: Readers,
    bytes: Vec<u8>,
}

/// Who may read a file that was not there before. One that is replaced keeps its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// As the umask says: a list has names of people and of their files.
    Umask,
    /// Whatever the umask says: another user reads metrics.
    Everybody,
}

impl WholeFile {
    /// A file at `path`, which is not touched before [`commit`](Self::commit).
    pub(crate) fn new(path: &Path, readers: Readers) -> Result<Self> {
        let shown = path.display();
        if path == Path::new("-") {
            bail!("--output: - is no file: leave --output out to write to stdout");
        }
        let path = match fs::symlink_metadata(path) {
            Ok(named) => {
                if is_of_another_user(path, &named) {
                    bail!("--output: {shown} is another user's, in a folder where everybody may write");
                }
                // A link stays one: the file that it leads to is replaced.
                match fs::canonicalize(path) {
                    Ok(path) if path.is_file() => path,
                    // As /dev/stdout leads to a pipe.
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(error).with_context(|| format!("--output: {shown}"));
                    }
                    Ok(_) | Err(_) => bail!("--output: {shown} is not a regular file"),
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(error).with_context(|| format!("--output: {shown}")),
        };
        let folder = folder(&path);
        if path.file_name().is_none() || !folder.is_dir() {
            bail!("--output: {shown}: there is no such folder");
        }
        is_writable(folder).with_context(|| format!("--output: cannot write to the folder of {shown}"))?;
        Ok(Self { path, readers, bytes: Vec::new() })
    }

    /// Replaces the file: complete in a new one in the same folder, on the disk, then under its name.
    pub(crate) fn commit(self) -> Result<()> {
        let old = fs::metadata(&self.path).ok();
        let permissions = self.permissions(old.as_ref());
        let (temporary, file) = create_beside(&self.path, permissions.is_some())
            .with_context(|| format!("cannot write to the folder of {}", self.path.display()))?;
        let permissions = permissions.map(|permissions| keep_owner(&file, old.as_ref(), permissions));
        let result = write(file, permissions, &self.bytes).and_then(|()| fs::rename(&temporary, &self.path));
        if result.is_err() {
            // What failed is more interesting.
            let _ = fs::remove_file(&temporary);
        }
        result.with_context(|| format!("cannot write {}", self.path.display()))?;
        sync_folder(&self.path);
        Ok(())
    }

    /// `None`: those that the system gives every new file.
    #[cfg(unix)]
    fn permissions(&self, old: Option<&fs::Metadata>) -> Option<fs::Permissions> {
        use std::os::unix::fs::PermissionsExt as _;
        let old = old.map(|old| old.permissions().mode() & 0o777);
        let mode = old.or((self.readers == Readers::Everybody).then_some(0o644));
        mode.map(fs::Permissions::from_mode)
    }

    /// The folder has those of its files.
    #[cfg(not(unix))]
    fn permissions(&self, _old: Option<&fs::Metadata>) -> Option<fs::Permissions> {
        let _ = self.readers;
        None
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether another user has put it into a folder like /tmp, to have it followed or to read what is written: what
/// `fs.protected_symlinks` and `fs.protected_regular` of Linux refuse to programs that open it.
#[cfg(unix)]
fn is_of_another_user(path: &Path, named: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    const STICKY_FOR_ALL: u32 = 0o1002;
    let Ok(folder) = fs::metadata(folder(path)) else { return false };
    folder.mode() & STICKY_FOR_ALL == STICKY_FOR_ALL
        && named.uid() != folder.uid()
        && named.uid() != rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_of_another_user(_path: &Path, _named: &fs::Metadata) -> bool {
    false
}

/// Gives the file owner and group of the one that it replaces, as far as this user may. Where the group is another one, it gets
/// no more than everybody.
#[cfg(unix)]
fn keep_owner(file: &File, old: Option<&fs::Metadata>, permissions: fs::Permissions) -> fs::Permissions {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let (Some(old), Ok(new)) = (old, file.metadata()) else { return permissions };
    let owner = (old.uid() != new.uid()).then(|| old.uid());
    let group = (old.gid() != new.gid()).then(|| old.gid());
    if fchown(file, owner, group).is_ok() || fchown(file, None, group).is_ok() {
        return permissions;
    }
    let mode = permissions.mode();
    fs::Permissions::from_mode(mode & 0o707 | (mode & 0o007) << 3 & mode)
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _old: Option<&fs::Metadata>, permissions: fs::Permissions) -> fs::Permissions {
    permissions
}

/// Whether a file can be made in this folder: said before servers are asked, and not after all have answered.
fn is_writable(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};
        access(folder, Access::WRITE_OK | Access::EXEC_OK)?;
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file beside `path`. Its name does not end like that of `path`: node_exporter reads every `*.prom`.
///
/// With `is_private` only this user can read it, until its permissions are set.
fn create_beside(path: &Path, is_private: bool) -> io::Result<(PathBuf, File)> {
    const TRIES: u32 = 100;
    let mut options = OpenOptions::new();
    // A file or a link that is there already is not opened.
    options.write(true).create_new(true);
    #[cfg(unix)]
    if is_private {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = is_private;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for number in 0..TRIES {
        let temporary = folder(path).join(format!(".{name}.{}-{number}.tmp", std::process::id()));
        match options.open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

fn write(mut file: File, permissions: Option<fs::Permissions>, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    // Before the rename: after a crash the name must not lead to an empty file.
    file.sync_all()
}

/// Makes the rename last. Not every file system can: the file is complete anyway.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder(path)) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = path;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn file_is_replaced_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.prom");
        fs::write(&path, "old").unwrap();
        let mut file = WholeFile::new(&path, Readers::Umask).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(folder.path()).len()), ("old", 1));
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["a.prom"]);
    }

    /// `--output` once more, by a timer, does not undo a `chmod`.
    #[test]
    #[cfg(unix)]
    fn file_that_is_replaced_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let write = |path: &Path, readers| WholeFile::new(path, readers).unwrap().commit().unwrap();
        let (plain, list, metrics) =
            (folder.path().join("plain"), folder.path().join("a.csv"), folder.path().join("a.prom"));
        fs::write(&plain, "").unwrap();
        write(&list, Readers::Umask);
        write(&metrics, Readers::Everybody);
        assert_eq!((mode(&list), mode(&metrics)), (mode(&plain), 0o644));
        for path in [&list, &metrics] {
            for readers in [Readers::Umask, Readers::Everybody] {
                for kept in [0o600, 0o640, 0o664] {
                    fs::set_permissions(path, fs::Permissions::from_mode(kept)).unwrap();
                    write(path, readers);
                    assert_eq!(mode(path), kept);
                }
            }
        }
    }

    /// As root does it for a group that reads it, and for a user who reads it.
    #[test]
    #[cfg(unix)]
    fn file_that_is_replaced_keeps_owner_and_group() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
        if !rustix::process::geteuid().is_root() {
            return crate::skip::skip("only root can give a file to another user");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.prom");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        for (owner, group) in [(0, 65534), (65534, 65534), (65534, 0)] {
            chown(&path, Some(owner), Some(group)).unwrap();
            WholeFile::new(&path, Readers::Everybody).unwrap().commit().unwrap();
            let new = fs::metadata(&path).unwrap();
            assert_eq!((new.uid(), new.gid(), new.mode() & 0o777), (owner, group, 0o640));
        }
    }

    /// In /tmp, and by root: a link of somebody else to any file, and a file that somebody else reads.
    #[test]
    #[cfg(unix)]
    fn what_another_user_has_put_into_a_folder_for_all_is_refused() {
        use std::os::unix::fs::{PermissionsExt as _, chown, lchown, symlink};
        if !rustix::process::geteuid().is_root() {
            return crate::skip::skip("only root can give a file to another user");
        }
        let folder = tempfile::tempdir().unwrap();
        let (victim, link, file) =
            (folder.path().join("victim"), folder.path().join("link"), folder.path().join("file"));
        fs::write(&victim, "").unwrap();
        fs::write(&file, "").unwrap();
        symlink(&victim, &link).unwrap();
        lchown(&link, Some(65534), None).unwrap();
        chown(&file, Some(65534), None).unwrap();
        let is_refused = |path: &Path| WholeFile::new(path, Readers::Umask).is_err();
        assert_eq!([&link, &file, &victim].map(|path| is_refused(path)), [false; 3]);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        assert_eq!([&link, &file, &victim].map(|path| is_refused(path)), [true, true, false]);
    }

    #[test]
    fn stdout_is_not_taken_for_a_file() {
        let error = WholeFile::new(Path::new("-"), Readers::Umask).err().unwrap();
        assert_eq!(error.to_string(), "--output: - is no file: leave --output out to write to stdout");
        assert!(!Path::new("-").exists());
    }

    #[test]
    fn what_is_not_committed_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = WholeFile::new(&folder.path().join("a.prom"), Readers::Umask).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn only_regular_files() {
        let folder = tempfile::tempdir().unwrap();
        let error = |path: &Path| WholeFile::new(path, Readers::Umask).unwrap_err().to_string();
        assert!(error(folder.path()).contains("not a regular file"));
        assert!(error(&folder.path().join("none/a.prom")).contains("no such folder"));
        #[cfg(unix)]
        {
            assert!(error(Path::new("/dev/null")).contains("not a regular file"));
            let (link, aim) = (folder.path().join("link"), folder.path().join("aim"));
            fs::write(&aim, "").unwrap();
            std::os::unix::fs::symlink(&aim, &link).unwrap();
            let mut file = WholeFile::new(&link, Readers::Umask).unwrap();
            file.write_all(b"x").unwrap();
            file.commit().unwrap();
            assert!(link.is_symlink() && fs::read_to_string(&aim).unwrap() == "x");
            // Neither a link that leads nowhere nor /dev/stdout where it is a pipe.
            fs::remove_file(&aim).unwrap();
            let (_reader, writer) = io::pipe().unwrap();
            let pipe = folder.path().join("pipe");
            let number = std::os::fd::AsRawFd::as_raw_fd(&writer);
            std::os::unix::fs::symlink(format!("/dev/fd/{number}"), &pipe).unwrap();
            for link in [&link, &pipe] {
                assert!(error(link).contains("not a regular file"));
                assert!(link.is_symlink());
            }
        }
    }

    /// A folder that was removed meanwhile.
    #[test]
    fn error_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let file = WholeFile::new(&inner.join("a.prom"), Readers::Umask).unwrap();
        fs::remove_dir(&inner).unwrap();
        assert!(file.commit().is_err());
        assert!(names(folder.path()).is_empty());
    }
}
