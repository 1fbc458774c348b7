use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::sh;

/// What goes beside the program.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Licences, README and changelog.
    pub(super) documents: Vec<PathBuf>,
    /// Manual pages, `NAME.1`.
    pub(super) manual: Vec<PathBuf>,
    /// For bash, zsh, fish and PowerShell.
    pub(super) completions: Vec<PathBuf>,
}

/// Documents of the workspace; manual pages and completions as this program prints them, where it does.
pub(super) fn beside(program: &Path) -> Result<Contents> {
    let root = sh::root();
    let exists = |names: &[&str]| -> Vec<PathBuf> {
        names.iter().map(|name| root.join(name)).filter(|path| path.is_file()).collect()
    };
    let licences = exists(&["LICENSE-MIT", "LICENSE-APACHE"]);
    ensure!(licences.len() == 2, "LICENSE-MIT or LICENSE-APACHE is missing");
    let documents = [licences, exists(&["README.md", "CHANGELOG.md", "docs/windows.md"])].concat();
    let folder = sh::target().join("dist/beside");
    fs::create_dir_all(&folder)?;
    Ok(Contents { documents, manual: manual(program, &folder)?, completions: completions(program, &folder)? })
}

/// `netsession man DIR`
fn manual(program: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let folder = folder.join("man");
    fs::create_dir_all(&folder)?;
    if !sh::succeeds(sh::program(program).arg("man").arg(&folder)) {
        eprintln!("no manual pages: this program does not print them");
        return Ok(Vec::new());
    }
    files(&folder)
}

/// `netsession completions SHELL`
fn completions(program: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let folder = folder.join("completions");
    fs::create_dir_all(&folder)?;
    for (shell, file) in [
        ("bash", "netsession.bash"),
        ("zsh", "_netsession"),
        ("fish", "netsession.fish"),
        ("powershell", "netsession.ps1"),
    ] {
        let output = sh::program(program).args(["completions", shell]).output()?;
        if !output.status.success() {
            eprintln!("no completions: this program does not print them");
            return Ok(Vec::new());
        }
        fs::write(folder.join(file), output.stdout)?;
    }
    files(&folder)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}
