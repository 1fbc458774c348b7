use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

/// No password and no authentication file is longer; `/dev/zero` is.
const LIMIT: usize = 64 << 10;

/// Whether reading `path` reads stdin.
pub(crate) fn is_stdin(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|stdin| path == Path::new(stdin))
}

/// The text of a file that has a secret in it; `-` is stdin.
pub(crate) fn read(path: &Path, stdin: &mut dyn Read) -> Result<Zeroizing<String>> {
    if is_stdin(path) {
        return read_text(stdin).context("cannot read stdin");
    }
    let what = || format!("cannot read {}", path.display());
    let mut file = File::open(path).with_context(what)?;
    read_text(&mut file).with_context(what)
}

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

/// What to say if others than its owner can read the file.
#[cfg(unix)]
pub(crate) fn warning(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;

    const GROUP_AND_OTHERS: u32 = 0o044;
    if is_of_a_service(path, std::env::var_os("CREDENTIALS_DIRECTORY").as_deref()) {
        return None;
    }
    let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    (metadata.mode() & GROUP_AND_OTHERS != 0).then(|| {
        let path = path.display();
        format!(
            "warning: {path}: others can read it (mode {:03o}): chmod 600 {path}",
            metadata.mode() & 0o777
        )
    })
}

/// systemd's `LoadCredential=` gives a service files with an access control list, which the mode shows as a group.
#[cfg(unix)]
fn is_of_a_service(path: &Path, folder: Option<&std::ffi::OsStr>) -> bool {
    folder.is_some_and(|folder| !folder.is_empty() && path.starts_with(folder))
}

/// Windows has access control lists, which are not checked.
#[cfg(not(unix))]
pub(crate) fn warning(_: &Path) -> Option<String> {
    None
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
