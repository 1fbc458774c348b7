//! The source, copied without what was built from it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::sh;

/// Copies every file that git tracks, as it is now, into the folder.
pub(super) fn copy(folder: &Path) -> Result<PathBuf> {
    let list = sh::read(sh::program("git").args(["ls-files", "-z"]))?;
    let mut count = 0_usize;
    for name in list.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (sh::root().join(name), folder.join(name));
        // A file that was removed and is not yet committed as such.
        if !from.exists() {
            continue;
        }
        fs::create_dir_all(to.parent().context("a file without a folder")?)?;
        fs::copy(&from, &to).with_context(|| from.display().to_string())?;
        count = count.saturating_add(1);
    }
    ensure!(count > 100, "git lists {count} files");
    Ok(folder.to_owned())
}

/// Of the last commit, in seconds since 1970. Everything in the packages has this date.
pub(super) fn date() -> Result<String> {
    // As for other tools: <https://reproducible-builds.org/specs/source-date-epoch/>.
    if let Ok(date) = env::var("SOURCE_DATE_EPOCH") {
        return Ok(date);
    }
    let date = sh::read(sh::program("git").args(["log", "-1", "--format=%ct"]))?;
    Ok(date.trim().to_owned())
}
