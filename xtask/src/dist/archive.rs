use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::contents::Contents;
use super::target::{Package, Target};
use crate::sh;

/// Packs a program and what goes beside it: one folder, with the date of the last commit. Gives the archive.
pub(super) fn pack(
    out: &Path,
    staging: &Path,
    target: &Target,
    program: &Path,
    contents: &Contents,
    date: &str,
) -> Result<PathBuf> {
    let name = target.name();
    folder(&staging.join(&name), program, contents)?;
    like_everywhere(&staging.join(&name), date)?;
    let archive = out.join(target.download());
    let is_zip = target.package == Package::Windows;
    sh::run(&mut if is_zip { zip(staging, &archive, &name) } else { tar(staging, &archive, &name) })?;
    Ok(archive)
}

/// Owned by number 0, and compressed without the time at which that is done.
fn tar(staging: &Path, archive: &Path, name: &str) -> std::process::Command {
    let mut tar = sh::program("tar");
    tar.current_dir(staging).args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"]);
    tar.args(["--format=gnu", "--use-compress-program=gzip -n -9", "-cf"]).arg(archive).arg(name);
    tar
}

fn zip(staging: &Path, archive: &Path, name: &str) -> std::process::Command {
    let mut zip = sh::program("python3");
    // The format has local times.
    zip.env("TZ", "UTC").current_dir(staging).args(["-m", "zipfile", "-c"]).arg(archive).arg(name);
    zip
}

/// The date of the last commit, and permissions that do not come from this machine's umask.
fn like_everywhere(folder: &Path, date: &str) -> Result<()> {
    sh::run(sh::program("chmod").args(["-R", "u=rwX,go=rX"]).arg(folder))?;
    let mut touch = sh::program("find");
    touch.arg(folder).args(["-exec", "touch", "--no-dereference"]).arg(format!("--date=@{date}"));
    sh::run(touch.args(["{}", "+"]))
}

fn folder(folder: &Path, program: &Path, contents: &Contents) -> Result<()> {
    copy_all(std::slice::from_ref(&program.to_owned()), folder)?;
    copy_all(&contents.documents, folder)?;
    copy_all(&contents.guides, &folder.join("docs"))?;
    copy_all(&contents.schemas, &folder.join("docs/schema"))?;
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
