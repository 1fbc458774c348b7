//! The crates that are in a program, and what must name each of them: its licences, its SBOM, and the program itself.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use super::target::Target;
use crate::sh;

/// `name version` of each crate in the program for `target`, its own among them.
pub(super) fn crates(target: &Target) -> Result<BTreeSet<String>> {
    let mut tree = sh::cargo(&["tree", "--locked", "--package", "netsession-cli", "--target", target.triple]);
    tree.args(target.features()).args(["--edges", "normal,no-proc-macro", "--prefix", "none"]);
    let tree = sh::read(tree.args(["--format", "{p}"]))?;
    let crates: BTreeSet<String> =
        tree.lines().filter(|line| !line.is_empty()).map(named).collect::<Result<_>>()?;
    ensure!(crates.len() > 50, "cargo tree lists {} crates for {}", crates.len(), target.triple);
    Ok(crates)
}

/// Fails with the crates that are not named.
pub(super) fn ensure_all(crates: &BTreeSet<String>, named: &BTreeSet<String>, by: &str) -> Result<()> {
    let missing: Vec<_> = crates.difference(named).cloned().collect();
    ensure!(missing.is_empty(), "{by} does not name {}", missing.join(", "));
    Ok(())
}

/// `anyhow v1.0.100 (/a/path)`
fn named(line: &str) -> Result<String> {
    let mut words = line.split(' ');
    let name = words.next().context("cargo tree lists a crate without a name")?;
    let version = words.next().and_then(|version| version.strip_prefix('v'));
    Ok(format!("{name} {}", version.with_context(|| line.to_owned())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_cargo_tree() {
        assert_eq!(named("anyhow v1.0.100").unwrap(), "anyhow 1.0.100");
        assert_eq!(named("netsession v0.1.0 (/a path/here)").unwrap(), "netsession 0.1.0");
        assert!(named("[dependencies]").is_err());
    }

    #[test]
    fn crate_that_is_not_named_is_an_error() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let (crates, more) = (set(&["a 1.0.0", "b 2.0.0"]), set(&["a 1.0.0", "b 2.0.0", "c 1.0.0"]));
        ensure_all(&crates, &more, "the list").unwrap();
        let error = ensure_all(&more, &crates, "the list").unwrap_err().to_string();
        assert_eq!(error, "the list does not name c 1.0.0");
        assert!(ensure_all(&crates, &set(&["a 1.0.0", "b 2.0.1"]), "the list").is_err(), "another version");
    }
}
