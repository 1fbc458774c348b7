use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

use crate::text::duration;

/// No password and no authentication file is longer; `/dev/zero` is.
const LIMIT: usize = 64 << 10;
/// How long a named pipe is waited for that no program has opened to write. That of `<(pass show x)` has its writer from
/// the start.
const WRITER: Duration = Duration::from_secs(10);

/// Whether reading `path` reads stdin.
pub(crate) fn is_stdin(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|stdin| path == Path::new(stdin))
}

/// The text of a file that has a secret in it; `-` is stdin. A pipe, such as `<(pass show x)`, is waited for at most for
/// `patience`, and its first writer for 10 s. A file that other users can write or own is refused, and `warn` hears of one
/// that they can read.
pub(crate) fn read(
    path: &Path,
    stdin: &mut dyn Read,
    patience: Duration,
    warn: &mut dyn FnMut(&str),
) -> Result<Zeroizing<String>> {
    if is_stdin(path) {
        return read_text(stdin).context("cannot read stdin");
    }
    let what = || format!("cannot read {}", path.display());
    // Before it is opened: opening a pipe waits for its writer, and closing it again would end that writer.
    let facts = path.metadata().with_context(what)?;
    if facts.is_dir() {
        bail!("{}: it is a folder", what());
    }
    if !facts.is_file() {
        return read_within(path, patience.min(WRITER), patience).with_context(what);
    }
    let mut file = open_at_once(path).with_context(what)?;
    // Check the open handle, not the path (TOCTOU).
    if let Some(warning) = check(path, &file.metadata().with_context(what)?)? {
        warn(&warning);
    }
    read_text(&mut file).with_context(what)
}

/// Opens a file, and does not wait if it is a pipe.
pub(super) fn open_at_once(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NONBLOCK);
    options.open(path)
}

#[cfg(unix)]
const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

/// Opens and reads on a thread, which is left behind if it takes too long.
fn read_within(path: &Path, first: Duration, patience: Duration) -> Result<Zeroizing<String>> {
    let (opened, is_opened) = mpsc::channel();
    let (sender, receiver) = mpsc::channel();
    let owned = path.to_owned();
    let read = move || {
        // A named pipe is opened when its first writer has opened it.
        let file = File::open(owned);
        let _ = opened.send(());
        sender.send(file.map_err(Into::into).and_then(|mut file| read_text(&mut file)))
    };
    thread::Builder::new().spawn(read).context("no thread to read it on")?;
    if is_opened.recv_timeout(first) == Err(RecvTimeoutError::Timeout) {
        release(path);
        bail!("no program opened it to write within {}", duration::written(first));
    }
    match receiver.recv_timeout(patience) {
        Ok(text) => text,
        Err(RecvTimeoutError::Timeout) => {
            bail!("its writer did not finish within {}", duration::written(patience))
        }
        Err(RecvTimeoutError::Disconnected) => bail!("the thread that reads it ended"),
    }
}

/// Ends a thread that waits for the first writer of a pipe, by being that writer.
#[cfg(unix)]
fn release(path: &Path) {
    let mut options = File::options();
    options.write(true);
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, NONBLOCK);
    // It fails where nothing waits.
    let _ = options.open(path);
}

#[cfg(not(unix))]
fn release(_: &Path) {}

/// All of `reader`, into a buffer that never grows: growing would leave copies behind.
pub(crate) fn read_text(reader: &mut dyn Read) -> Result<Zeroizing<String>> {
    let most = LIMIT.saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::with_capacity(most.saturating_add(32)));
    reader.take(u64::try_from(most)?).read_to_end(&mut bytes)?;
    if bytes.len() > LIMIT {
        bail!("it has more than {} KiB: that is no password", LIMIT >> 10);
    }
    let text = std::str::from_utf8(&bytes).ok().context("it is not UTF-8")?;
    // PowerShell 5 and old editors begin with a byte order mark, which no password has.
    Ok(Zeroizing::new(text.strip_prefix('\u{feff}').unwrap_or(text).into()))
}

/// `text` without one newline at its end.
pub(crate) fn without_newline(text: &str) -> &str {
    let cut = text.strip_suffix('\n').map(|cut| cut.strip_suffix('\r').unwrap_or(cut));
    cut.unwrap_or(text)
}

/// Refuses a file that other users can write, as its owner always can; what to say if they can read it.
#[cfg(unix)]
fn check(path: &Path, file: &Metadata) -> Result<Option<String>> {
    use std::os::unix::fs::MetadataExt as _;

    use crate::process::file_owner::{is_mine_or_root, is_of_sudo_user};

    const OTHERS_WRITE: u32 = 0o022;
    const OTHERS_READ: u32 = 0o044;
    if !file.is_file() || is_of_a_service(path, std::env::var_os("CREDENTIALS_DIRECTORY").as_deref()) {
        return Ok(None);
    }
    let (mode, path) = (file.mode() & 0o777, path.display());
    if mode & OTHERS_WRITE != 0 {
        bail!("{path}: others can write it (mode {mode:03o}), so it is not used: chmod 600 {path}");
    }
    if !is_mine_or_root(file.uid()) && !is_of_sudo_user(file.uid()) {
        bail!(
            "{path}: it belongs to another user, who can write it, so it is not used: chown it, or use a copy of your own"
        );
    }
    let warning = || format!("warning: {path}: others can read it (mode {mode:03o}): chmod 600 {path}");
    Ok((mode & OTHERS_READ != 0).then(warning))
}

/// systemd's `LoadCredential=` gives a service files with an access control list, which the mode shows as a group.
#[cfg(unix)]
fn is_of_a_service(path: &Path, folder: Option<&std::ffi::OsStr>) -> bool {
    folder.is_some_and(|folder| !folder.is_empty() && path.starts_with(folder))
}

/// Windows has access control lists, which are not checked.
#[cfg(not(unix))]
fn check(_: &Path, _: &Metadata) -> Result<Option<String>> {
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_password() {
        for (bytes, expected) in [
            ("\u{feff}secret\r\n", "secret\r\n"),
            ("\u{feff}\u{feff}", "\u{feff}"),
            ("s\u{feff}", "s\u{feff}"),
        ] {
            assert_eq!(*read_text(&mut bytes.as_bytes()).unwrap(), expected);
        }
        // UTF-16, as PowerShell 5 writes it by `>`.
        assert!(read_text(&mut b"\xff\xfes\0".as_slice()).is_err());
    }

    #[test]
    fn one_newline_is_cut() {
        for (text, expected) in [
            ("secret", "secret"),
            ("secret\n", "secret"),
            ("secret\r\n", "secret"),
            ("secret\n\n", "secret\n"),
            ("secret\r", "secret\r"),
            (" secret \n", " secret "),
            ("\n", ""),
        ] {
            assert_eq!(without_newline(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_endless_file_is_refused() {
        assert!(read_text(&mut std::io::repeat(b'x')).is_err());
        assert_eq!(read_text(&mut std::io::repeat(b'x').take(64 << 10)).unwrap().len(), 64 << 10);
    }

    #[cfg(unix)]
    fn pipe(folder: &tempfile::TempDir) -> std::path::PathBuf {
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("/usr/bin/mkfifo").arg(&path).status().unwrap().success());
        path
    }

    fn read_file(path: &Path, patience: Duration) -> Result<String, String> {
        let text = read(path, &mut io::empty(), patience, &mut |_| ());
        text.map(|text| text.to_string()).map_err(|error| format!("{error:#}"))
    }

    const LONG: Duration = Duration::from_secs(600);

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_when_its_writer_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = pipe(&folder);
        let writer = path.clone();
        let writing = thread::spawn(move || std::fs::write(writer, "secret\n").unwrap());
        assert_eq!(read_file(&path, LONG).unwrap(), "secret\n");
        writing.join().unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_that_is_not_written_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = pipe(&folder);
        let patience = Duration::from_millis(50);
        let unopened = format!("cannot read {}: no program opened it to write within 50ms", path.display());
        assert_eq!(read_file(&path, patience), Err(unopened));
        // Nor is one waited for whose writer is there, and writes nothing. The thread may take its time to open it.
        let writer = File::options().read(true).write(true).open(&path).unwrap();
        let error = read_within(&path, LONG, patience).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("its writer did not finish within 50ms"));
        drop(writer);
    }

    /// The shell that opened it may have been that of another user.
    #[cfg(unix)]
    #[test]
    fn a_pipe_of_another_user_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = pipe(&folder);
        // Only root can give a file away.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(12_345), None).unwrap();
        }
        let writer = path.clone();
        let writing = thread::spawn(move || std::fs::write(writer, "secret\n").unwrap());
        assert_eq!(read_file(&path, LONG).unwrap(), "secret\n");
        writing.join().unwrap();
    }

    #[test]
    fn a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let expected = format!("cannot read {}: it is a folder", folder.path().display());
        assert_eq!(read_file(folder.path(), LONG), Err(expected));
    }

    #[cfg(unix)]
    #[test]
    fn credentials_of_a_systemd_service_are_recognised() {
        let folder = std::ffi::OsStr::new("/run/credentials/x.service");
        assert!(is_of_a_service(Path::new("/run/credentials/x.service/lab"), Some(folder)));
        assert!(!is_of_a_service(Path::new("/run/credentials/x.services/lab"), Some(folder)));
        assert!(!is_of_a_service(Path::new("/etc/lab"), Some(std::ffi::OsStr::new(""))));
        assert!(!is_of_a_service(Path::new("/etc/lab"), None));
    }

    #[test]
    fn stdin_by_any_name() {
        assert!(is_stdin(Path::new("-")) && is_stdin(Path::new("/dev/stdin")));
        assert!(!is_stdin(Path::new("./-")) && !is_stdin(Path::new("/dev/fd/10")));
    }
}
