//! Builds the packages again from a copy of the source in another folder, and compares them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::contents::emptied;
use super::source;
use crate::sh;

/// The file with a sum for each package.
pub(super) const SUMS: &str = "SHA256SUMS";

/// What users can download again from the same source is the same.
pub(super) fn compare() -> Result<()> {
    // Longer than the first by a different number of letters than any file name has, and without what was built there. No
    // blanks: dlltool cuts a folder there.
    let folder = emptied(sh::target().join("dist-again/in-another-folder"))?;
    source::copy(&folder)?;
    // The list of files comes from git, here as well.
    sh::run(sh::program("git").current_dir(&folder).args(["init", "--quiet"]))?;
    sh::run(sh::program("git").current_dir(&folder).args(["add", "--all", "--force"]))?;
    let mut dist = sh::cargo(&["xtask", "dist"]);
    dist.current_dir(&folder).env_remove("CARGO_TARGET_DIR").env("SOURCE_DATE_EPOCH", source::date()?);
    sh::run(&mut dist)?;
    let first = sums(&sh::target().join("dist"))?;
    let second = sums(&folder.join("target/dist"))?;
    let differ = differences(&first, &second);
    ensure!(differ.is_empty(), "built twice, and not the same: {}", differ.join(", "));
    eprintln!("{} files, built in two folders, are the same", first.len());
    Ok(())
}

/// Each file with its sum.
fn sums(folder: &Path) -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(folder.join(SUMS))?;
    text.lines()
        .map(|line| line.split_once("  ").map(|(sum, name)| (name.to_owned(), sum.to_owned())))
        .collect::<Option<_>>()
        .context(SUMS)
}

/// The files that differ, or are in one of them alone.
fn differences(first: &BTreeMap<String, String>, second: &BTreeMap<String, String>) -> Vec<String> {
    let all = first.keys().chain(second.keys()).collect::<std::collections::BTreeSet<_>>();
    all.into_iter().filter(|name| first.get(*name) != second.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_and_missing_files_are_named() {
        let map = |files: &[(&str, &str)]| -> BTreeMap<String, String> {
            files.iter().map(|(name, sum)| ((*name).to_owned(), (*sum).to_owned())).collect()
        };
        let first = map(&[("a", "1"), ("b", "2"), ("c", "3")]);
        assert_eq!(differences(&first, &first), Vec::<String>::new());
        assert_eq!(differences(&first, &map(&[("a", "1"), ("b", "9"), ("d", "3")])), ["b", "c", "d"]);
    }
}
