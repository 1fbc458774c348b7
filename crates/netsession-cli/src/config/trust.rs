use std::fs::Metadata;
use std::path::Path;

use anyhow::Result;

/// Refuses a configuration that other users can write: it names programs to run and files with passwords to read.
#[cfg(unix)]
pub(super) fn check(path: &Path, file: &Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    use anyhow::{Context as _, bail};

    const OTHERS_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    if !file.is_file() {
        bail!("{}: it is not a regular file", path.display());
    }
    if file.mode() & OTHERS_WRITE != 0 {
        let path = path.display();
        bail!(
            "{path}: others can write it (mode {:03o}), so it is not used: chmod 600 {path}",
            file.mode() & 0o777
        );
    }
    if !is_mine_or_root(file.uid()) {
        bail!("{}: it belongs to another user, so it is not used", path.display());
    }
    let Some(folder) = path.parent() else { return Ok(()) };
    // A bare name is in the current folder.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let facts = folder.metadata().with_context(|| format!("cannot look at {}", folder.display()))?;
    if (facts.mode() & OTHERS_WRITE != 0 && facts.mode() & STICKY == 0) || !is_mine_or_root(facts.uid()) {
        let folder = folder.display();
        bail!(
            "{folder}: others can write in this folder, so the configuration in it is not used: chmod 700 {folder}"
        );
    }
    Ok(())
}

/// Whether root or the user of this process is the owner. `/proc/self` belongs to that user.
#[cfg(unix)]
fn is_mine_or_root(owner: u32) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let me = Path::new("/proc/self").metadata().map(|metadata| metadata.uid());
    // Without /proc the mode alone is checked.
    owner == 0 || me.is_ok_and(|me| me == owner) || !Path::new("/proc/self").exists()
}

/// Windows has access control lists, which are not checked: the folder of a user's settings belongs to the user.
#[cfg(not(unix))]
pub(super) fn check(_: &Path, _: &Metadata) -> Result<()> {
    Ok(())
}
