//! The licences of everything that is in a program: of the crates by cargo-about, of the standard library by the
//! compiler's own list.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::shipped;
use super::target::TARGETS;
use crate::{install, sh};

/// The files of the workspace that the licences depend on.
const SOURCES: [&str; 4] = ["Cargo.lock", "about.toml", "about.hbs", "crates/netsession-cli/Cargo.toml"];

/// `LICENSES-THIRD-PARTY.txt` and `LICENSES-RUST.html`, each crate of each program checked.
pub(super) fn write(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let (crates, rust) = (folder.join("LICENSES-THIRD-PARTY.txt"), folder.join("LICENSES-RUST.html"));
    // It reads every file of every crate for licences, for most of a minute.
    let (key, key_file) = (key()?, folder.join("key"));
    if !crates.is_file() || fs::read_to_string(&key_file).ok().as_ref() != Some(&key) {
        about(&crates)?;
        fs::write(&key_file, key)?;
    }
    let text = fs::read_to_string(&crates)?;
    for target in &TARGETS {
        shipped::ensure_all(&shipped::crates(target)?, &named(&text), "LICENSES-THIRD-PARTY.txt")?;
    }
    let compiler = sh::read(sh::program("rustc").args(["--print", "sysroot"]))?;
    let notices = Path::new(compiler.trim()).join("share/doc/rust/COPYRIGHT-library.html");
    fs::copy(&notices, &rust).with_context(|| format!("{}: of rustup's compiler", notices.display()))?;
    Ok(vec![crates, rust])
}

fn about(file: &Path) -> Result<()> {
    install::cargo_tool(install::ABOUT)?;
    let mut about = sh::cargo(&["about", "generate", "--fail", "--locked", "--offline"]);
    about.args(["--manifest-path", "crates/netsession-cli/Cargo.toml", "--config", "about.toml"]);
    sh::run(about.arg("--output-file").arg(file).arg("about.hbs"))?;
    // The template engine ends lines as the crates do.
    let text = fs::read_to_string(file)?.replace("\r\n", "\n");
    fs::write(file, text).with_context(|| file.display().to_string())
}

/// The crates of the list: lines with two spaces in front, a name and a version.
fn named(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("  "));
    let is_crate = |line: &&str| {
        let mut words = line.split(' ');
        let (_, version, end) = (words.next(), words.next(), words.next());
        end.is_none() && version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
    };
    lines.filter(is_crate).map(str::to_owned).collect()
}

/// Changes with what the licences depend on.
fn key() -> Result<String> {
    let mut hash = DefaultHasher::new();
    for source in SOURCES {
        fs::read(sh::root().join(source)).context(source)?.hash(&mut hash);
    }
    Ok(format!("{:016x}", hash.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_of_the_list_are_read() {
        let text =
            "MIT License (MIT)\n\n  anyhow 1.0.100\n  zeroize 1.9.0\n\n  in Section 2\n  1. Definitions.\n";
        let expected = ["anyhow 1.0.100", "zeroize 1.9.0"].map(str::to_owned);
        assert_eq!(named(text), expected.into());
    }
}
