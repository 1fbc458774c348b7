use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::contents::Contents;
use crate::sh;

/// `NAME.tar.gz`: one folder, owned by nobody in particular, with the date of the last commit.
pub(super) fn tar(out: &Path, name: &str, program: &Path, contents: &Contents) -> Result<()> {
    folder(out, name, program, contents)?;
    let mut tar = sh::program("tar");
    tar.current_dir(out).args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime"]);
    tar.arg(format!("@{}", date()?)).arg("-czf").arg(format!("{name}.tar.gz")).arg(name);
    sh::run(&mut tar)?;
    Ok(fs::remove_dir_all(out.join(name))?)
}

/// `NAME.zip`, the same for Windows.
pub(super) fn zip(out: &Path, name: &str, program: &Path, contents: &Contents) -> Result<()> {
    folder(out, name, program, contents)?;
    let mut zip = sh::program("python3");
    zip.current_dir(out).args(["-m", "zipfile", "-c"]).arg(format!("{name}.zip")).arg(name);
    sh::run(&mut zip)?;
    Ok(fs::remove_dir_all(out.join(name))?)
}

fn folder(out: &Path, name: &str, program: &Path, contents: &Contents) -> Result<()> {
    let folder = out.join(name);
    copy_all(std::slice::from_ref(&program.to_owned()), &folder)?;
    copy_all(&contents.documents, &folder)?;
    copy_all(&contents.manual, &folder.join("man"))?;
    copy_all(&contents.completions, &folder.join("completions"))
}

/// Copies files into a folder, which is made for them.
pub(super) fn copy_all(files: &[PathBuf], folder: &Path) -> Result<()> {
    for file in files {
        fs::create_dir_all(folder)?;
        let name = file.file_name().with_context(|| file.display().to_string())?;
        fs::copy(file, folder.join(name))?;
    }
    Ok(())
}

/// Of the last commit, in seconds since 1970.
fn date() -> Result<String> {
    let date = sh::read(sh::program("git").args(["log", "-1", "--format=%ct"]))?;
    Ok(date.trim().to_owned())
}
