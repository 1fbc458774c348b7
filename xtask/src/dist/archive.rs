use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::contents::Contents;
use crate::sh;

/// Packs a program and what goes beside it, and gives the archive.
pub(super) type Pack = fn(&Path, &Path, &str, &Path, &Contents) -> Result<PathBuf>;

/// `NAME.tar.gz`: one folder, owned by number 0, with the date of the last commit.
pub(super) fn tar(
    out: &Path,
    staging: &Path,
    name: &str,
    program: &Path,
    contents: &Contents,
) -> Result<PathBuf> {
    folder(staging, name, program, contents)?;
    let archive = out.join(format!("{name}.tar.gz"));
    let mut tar = sh::program("tar");
    tar.current_dir(staging).args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"]);
    tar.arg("--mode=u=rwX,go=rX").arg("--mtime").arg(format!("@{}", date()?));
    sh::run(tar.arg("-czf").arg(&archive).arg(name))?;
    Ok(archive)
}

/// `NAME.zip`, the same for Windows.
pub(super) fn zip(
    out: &Path,
    staging: &Path,
    name: &str,
    program: &Path,
    contents: &Contents,
) -> Result<PathBuf> {
    folder(staging, name, program, contents)?;
    let archive = out.join(format!("{name}.zip"));
    let mut zip = sh::program("python3");
    zip.current_dir(staging).args(["-m", "zipfile", "-c"]);
    sh::run(zip.arg(&archive).arg(name))?;
    Ok(archive)
}

fn folder(staging: &Path, name: &str, program: &Path, contents: &Contents) -> Result<()> {
    let folder = staging.join(name);
    copy_all(std::slice::from_ref(&program.to_owned()), &folder)?;
    copy_all(&contents.documents, &folder)?;
    copy_all(&contents.manual, &folder.join("man"))?;
    copy_all(&contents.completions, &folder.join("completions"))?;
    let examples = folder.join("contrib");
    contents.examples.iter().try_for_each(|(name, files)| copy_all(files, &examples.join(name)))
}

/// Copies files into a folder, which is made for them.
fn copy_all(files: &[PathBuf], folder: &Path) -> Result<()> {
    for file in files {
        fs::create_dir_all(folder)?;
        let name = file.file_name().with_context(|| file.display().to_string())?;
        fs::copy(file, folder.join(name)).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

/// Of the last commit, in seconds since 1970.
fn date() -> Result<String> {
    let date = sh::read(sh::program("git").args(["log", "-1", "--format=%ct"]))?;
    Ok(date.trim().to_owned())
}
