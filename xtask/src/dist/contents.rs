use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::sh;

/// Of the workspace.
const DOCUMENTS: [&str; 4] = ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md"];
/// Of `docs`: what users read, and what these documents lead to. The manifest for Debian has them as well.
const GUIDES: [&str; 12] = [
    "benchmarks.md",
    "coming-from.md",
    "errors.md",
    "exporter.md",
    "exporter-page.png",
    "guide.md",
    "history.md",
    "json.md",
    "performance.md",
    "sessions.md",
    "top.svg",
    "windows.md",
];
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
    /// What users read, in `docs` beside the README, so that the links between them lead somewhere.
    pub(super) guides: Vec<PathBuf>,
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
        guides: GUIDES.iter().map(|name| sh::root().join("docs").join(name)).collect(),
        schemas: files(&sh::root().join("docs/schema"))?,
        manual: manual(program, &folder)?,
        completions: completions(program, &folder)?,
        examples: examples()?,
    };
    let examples = contents.examples.iter().flat_map(|(_, files)| files);
    let others = [&contents.documents, &contents.guides, &contents.schemas, &contents.manual];
    let others = others.into_iter().flatten().chain(&contents.completions);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A link from one document to another, or to a picture, leads to what is packed beside it.
    #[test]
    fn links_between_guides_lead_to_what_is_packed() {
        let (docs, mut followed) = (sh::root().join("docs"), 0);
        for guide in GUIDES.iter().filter(|name| name.ends_with(".md")) {
            let text = fs::read_to_string(docs.join(guide)).unwrap();
            let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
            for link in links.filter(|link| !link.is_empty() && !link.contains('/')) {
                assert!(GUIDES.contains(&link), "{guide} leads to {link}, which is in no package");
                followed += 1;
            }
        }
        assert!(followed > 20, "{followed}");
    }

    #[test]
    fn debian_package_has_the_same_guides() {
        let manifest = fs::read_to_string(sh::root().join("crates/netsession-cli/Cargo.toml")).unwrap();
        let to = "usr/share/doc/netsession/docs/";
        let packed = manifest.lines().filter(|line| line.contains(to) && !line.contains("/schema/"));
        let names = packed.filter_map(|line| line.split("../../docs/").nth(1)?.split('"').next());
        assert_eq!(Vec::from_iter(names), GUIDES);
    }
}
