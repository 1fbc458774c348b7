use std::path::Path;

use anyhow::Result;

/// Refuses a configuration that others can write: it says which programs are run and whose passwords are read.
#[cfg(unix)]
pub(super) fn check(path: &Path) -> Result<()> {
    use anyhow::bail;

    const OTHERS_WRITE: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    let file = facts(path)?;
    if file.mode & OTHERS_WRITE != 0 {
        let path = path.display();
        bail!(
            "{path}: others can write it (mode {:03o}), so it is not used: chmod 600 {path}",
            file.mode & 0o777
        );
    }
    if !mine_or_of_root(file.owner) {
        bail!("{}: it belongs to another user, so it is not used", path.display());
    }
    let Some(folder) = path.parent() else { return Ok(()) };
    let facts = facts(folder)?;
    if (facts.mode & OTHERS_WRITE != 0 && facts.mode & STICKY == 0) || !mine_or_of_root(facts.owner) {
        let folder = folder.display();
        bail!(
            "{folder}: others can write in this folder, so the configuration in it is not used: chmod 700 {folder}"
        );
    }
    Ok(())
}

#[cfg(unix)]
struct Facts {
    mode: u32,
    owner: u32,
}

#[cfg(unix)]
fn facts(path: &Path) -> Result<Facts> {
    use anyhow::Context as _;
    use std::os::unix::fs::MetadataExt as _;

    let metadata = path.metadata().with_context(|| format!("cannot look at {}", path.display()))?;
    Ok(Facts { mode: metadata.mode(), owner: metadata.uid() })
}

/// Whoever has started the program; its own files tell who that is.
#[cfg(unix)]
fn mine_or_of_root(owner: u32) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let me = Path::new("/proc/self").metadata().map(|metadata| metadata.uid());
    // Where there is no /proc, the mode has to be enough.
    owner == 0 || me.is_ok_and(|me| me == owner) || !Path::new("/proc/self").exists()
}

/// Who may write a file is a list on this system, of which nothing is said: the folder of a user's own
/// settings is theirs.
#[cfg(not(unix))]
pub(super) fn check(_: &Path) -> Result<()> {
    Ok(())
}
