//! Dependency trees, from cargo.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::sh;

/// What is compiled into a crate.
pub(super) const NORMAL: &str = "normal";
/// And what is needed to build it.
pub(super) const BUILD: &str = "normal,build";

/// Systems for which the program is built. "All" would bring in crates for browsers and phones.
const TARGETS: [&str; 6] = [
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-gnu",
    "x86_64-pc-windows-gnu",
    "x86_64-pc-windows-msvc",
    "aarch64-apple-darwin",
];

/// A crate in a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Package {
    pub(super) name: String,
    version: String,
}

/// Everything that a package with its default features depends on, itself left out, on any target.
pub(super) fn packages(root: &str, edges: &str, pruned: &[&str]) -> Result<BTreeSet<Package>> {
    let mut found = BTreeSet::new();
    for target in TARGETS {
        let mut tree = sh::cargo(&["tree", "--package", root, "--edges", edges, "--target", target]);
        // Without duplicates marked, so that every crate stands there with all its own.
        tree.args(["--prefix", "none", "--no-dedupe", "--format", "{p}"]);
        for name in pruned {
            tree.args(["--prune", name]);
        }
        found.extend(sh::read(&mut tree)?.lines().filter_map(parse));
    }
    ensure!(found.iter().any(|package| package.name == root), "cargo tree does not show {root}");
    found.retain(|package| package.name != root);
    Ok(found)
}

/// The packages with a `links` key, and what is linked.
pub(super) fn links() -> Result<BTreeMap<Package, String>> {
    let metadata: Value =
        serde_json::from_str(&sh::read(&mut sh::cargo(&["metadata", "--format-version", "1"]))?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let linking = packages.iter().filter_map(|package| {
        let text = |key: &str| package[key].as_str().map(str::to_owned);
        Some((Package { name: text("name")?, version: text("version")? }, text("links")?))
    });
    Ok(linking.collect())
}

/// The packages of the workspace that name a package among their dependencies.
pub(super) fn dependents(dependency: &str) -> Result<Vec<String>> {
    let metadata: Value = serde_json::from_str(&sh::read(&mut sh::cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
    ]))?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let names_it = |package: &&Value| {
        let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        dependencies.iter().any(|one| one["name"] == dependency)
    };
    Ok(packages.iter().filter(names_it).filter_map(|one| Some(one["name"].as_str()?.to_owned())).collect())
}

/// `name v1.2.3 (more)`
fn parse(line: &str) -> Option<Package> {
    let mut words = line.split(' ');
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    Some(Package { name, version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_of_cargo_tree_is_parsed() {
        let package = parse("serde_derive v1.0.229 (proc-macro)").unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("serde_derive", "1.0.229"));
        assert_eq!(parse(""), None);
    }

    #[test]
    fn pruned_tree_lacks_the_package() {
        let tree = packages("xtask", NORMAL, &[]).unwrap();
        assert!(tree.iter().any(|package| package.name == "clap"));
        let pruned = packages("xtask", NORMAL, &["clap"]).unwrap();
        assert!(!pruned.iter().any(|package| package.name == "clap"));
    }
}
