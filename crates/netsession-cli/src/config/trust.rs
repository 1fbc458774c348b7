use std::fs::Metadata;
use std::path::Path;

use anyhow::Result;

#[cfg(unix)]
use crate::process::file_owner::is_mine_or_root;

#[cfg(unix)]
const OTHERS_WRITE: u32 = 0o022;

/// Refuses a configuration that other users can write or replace: it names programs to run and files with passwords to
/// read.
///
/// As sshd does with its files, every folder of the real path is looked at, up to the root: who can write in one of them
/// can put another folder in the place of the next.
#[cfg(unix)]
pub(super) fn check(path: &Path, file: &Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    use anyhow::{Context as _, bail};

    if !file.is_file() {
        bail!("{}: it is not a regular file", path.display());
    }
    if file.mode() & OTHERS_WRITE != 0 {
        let path = path.display();
        bail!(
            "{path}: others can write it (mode {:03o}), so it is not used: chmod go-w {path}",
            file.mode() & 0o777
        );
    }
    if !is_mine_or_root(file.uid()) {
        bail!("{}: it belongs to another user, so it is not used", path.display());
    }
    // Links are followed once, here: the folders that they stand in do not matter if this is the file that is open.
    let real = path.canonicalize().with_context(|| format!("cannot look at {}", path.display()))?;
    let same = real.metadata().with_context(|| format!("cannot look at {}", real.display()))?;
    if (same.dev(), same.ino()) != (file.dev(), file.ino()) {
        bail!("{}: it was replaced while it was read, so it is not used", path.display());
    }
    real.ancestors().skip(1).try_for_each(check_folder)
}

#[cfg(unix)]
fn check_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    use anyhow::{Context as _, bail};

    const STICKY: u32 = 0o1000;
    let facts = folder.metadata().with_context(|| format!("cannot look at {}", folder.display()))?;
    let folder = folder.display();
    // In a folder like /tmp users can only replace what is theirs, and what is in the path is not theirs.
    if facts.mode() & OTHERS_WRITE != 0 && facts.mode() & STICKY == 0 {
        bail!(
            "{folder}: others can write in this folder, so the configuration in it is not used: chmod go-w {folder}"
        );
    }
    if !is_mine_or_root(facts.uid()) {
        bail!(
            "{folder}: others can write in this folder, since it belongs to another user, so the configuration in it \
             is not used"
        );
    }
    Ok(())
}

/// Windows has access control lists, which are not checked: the folder of a user's settings belongs to the user.
#[cfg(not(unix))]
pub(super) fn check(_: &Path, _: &Metadata) -> Result<()> {
    Ok(())
}
