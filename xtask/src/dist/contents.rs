use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::sh;

/// Of the workspace.
const DOCUMENTS: [&str; 6] =
    ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md", "docs/windows.md", "docs/json.md"];
/// Each shell, and the file in which it is looked for.
const COMPLETIONS: [(&str, &str); 5] = [
    ("bash", "netsession.bash"),
    ("zsh", "_netsession"),
    ("fish", "netsession.fish"),
    ("powershell", "netsession.ps1"),
    ("elvish", "netsession.elv"),
];
/// Of `contrib`.
const EXAMPLES: [&str; 6] = ["container", "grafana", "loki", "nginx", "prometheus", "systemd"];
/// The pages without which something has gone wrong; there are more.
const PAGES: [&str; 2] = ["netsession.1", "netsession-list.1"];

/// What goes beside the program.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Licences, README and changelog.
    pub(super) documents: Vec<PathBuf>,
    /// Of the JSON output.
    pub(super) schemas: Vec<PathBuf>,
    /// Manual pages, `NAME.1`.
    pub(super) manual: Vec<PathBuf>,
    /// One for each shell.
    pub(super) completions: Vec<PathBuf>,
    /// The folders of `contrib`, each with its files.
    pub(super) examples: Vec<(String, Vec<PathBuf>)>,
}

/// Documents of the workspace and `licences`, and manual pages and completions as this program prints them; none may be
/// missing.
pub(super) fn write(program: &Path, licences: Vec<PathBuf>) -> Result<Contents> {
    // Where the manifest for Debian has them, whatever cargo's own target folder is.
    let folder = sh::root().join("target");
    let documents = DOCUMENTS.iter().map(|name| sh::root().join(name)).chain(licences).collect();
    let contents = Contents {
        documents,
        schemas: files(&sh::root().join("docs/schema"))?,
        manual: manual(program, &folder)?,
        completions: completions(program, &folder)?,
        examples: examples()?,
    };
    let examples = contents.examples.iter().flat_map(|(_, files)| files);
    let others = [&contents.documents, &contents.schemas, &contents.manual, &contents.completions];
    let others = others.into_iter().flatten();
    for file in others.chain(examples) {
        let size = fs::metadata(file).map_or(0, |data| data.len());
        ensure!(size > 0, "{} is missing or empty", file.display());
    }
    Ok(contents)
}

fn examples() -> Result<Vec<(String, Vec<PathBuf>)>> {
    let mut examples = Vec::new();
    for name in EXAMPLES {
        let folder = sh::root().join("contrib").join(name);
        examples.push((name.to_owned(), files(&folder)?));
    }
    Ok(examples)
}

/// In their order; at least one.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files = files.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    ensure!(!files.is_empty(), "{} is empty", folder.display());
    files.sort();
    Ok(files)
}

/// `netsession man DIR`
fn manual(program: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let folder = emptied(folder.join("man"))?;
    sh::run(sh::program(program).arg("man").arg(&folder))?;
    let pages = files(&folder)?;
    for page in PAGES {
        ensure!(pages.contains(&folder.join(page)), "the program has written no {page}");
    }
    Ok(pages)
}

/// `netsession completions SHELL`
fn completions(program: &Path, folder: &Path) -> Result<Vec<PathBuf>> {
    let folder = emptied(folder.join("completions"))?;
    let mut files = Vec::new();
    for (shell, file) in COMPLETIONS {
        let file = folder.join(file);
        let script = sh::read(sh::program(program).args(["completions", shell]))?;
        ensure!(script.contains("netsession"), "nothing to complete in {shell}");
        fs::write(&file, script)?;
        files.push(file);
    }
    Ok(files)
}

/// The folder, without what an earlier version has written there.
pub(super) fn emptied(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
