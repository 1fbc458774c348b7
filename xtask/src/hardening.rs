//! The table of SECURITY.md names tests. One that has been renamed or removed shows nothing any more.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::sh;

/// `module::test`, in the last column; the module is the end of a file's path, or of a test suite's name.
pub(crate) fn run() -> Result<()> {
    let page = fs::read_to_string(sh::root().join("SECURITY.md"))?;
    let rows = rows(&page);
    ensure!(rows.len() > 10, "only {} rows found in the table of SECURITY.md", rows.len());
    let sources = sources(&sh::root())?;
    let mut broken = Vec::new();
    for (attack, tests) in rows {
        if tests.is_empty() {
            broken.push(format!("{attack}: no test"));
        }
        broken.extend(
            tests.iter().filter(|test| !exists(test, &sources)).map(|test| format!("{attack}: no {test}")),
        );
    }
    for line in &broken {
        eprintln!("{line}");
    }
    ensure!(broken.is_empty(), "{} rows of SECURITY.md name no test that exists", broken.len());
    Ok(())
}

/// What the first column says, and the tests in the last one.
fn rows(page: &str) -> Vec<(&str, Vec<&str>)> {
    let lines = page.lines().filter(|line| line.starts_with('|')).skip(2);
    lines
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let (attack, tests) = (*cells.first()?, *cells.last()?);
            Some((attack, tests.split('`').skip(1).step_by(2).collect()))
        })
        .collect()
}

/// Every source by its path with `::` between its parts, without `src`, `tests` in folders, and `.rs`.
fn sources(root: &Path) -> Result<BTreeMap<String, String>> {
    let listed = sh::read(sh::program("git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "*.rs",
    ]))?;
    listed
        .lines()
        .filter(|path| root.join(path).exists())
        .map(|path| {
            let text = fs::read_to_string(root.join(path)).with_context(|| path.to_owned())?;
            let name = path.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
            Ok((name, text))
        })
        .collect()
}

/// As a function under `#[test]`, or as a name in a suite of its own.
fn exists(test: &str, sources: &BTreeMap<String, String>) -> bool {
    let Some((module, function)) = test.rsplit_once("::") else { return false };
    let as_function = format!("fn {function}(");
    let as_name = format!("\"{test}");
    sources.iter().any(|(name, text)| {
        let is_there = format!("::{name}").ends_with(&format!("::{module}"))
            && text
                .split("#[test]")
                .skip(1)
                .any(|after| after.split('{').next().is_some_and(|head| head.contains(&as_function)));
        is_there || (name.starts_with("interop::tests") && text.contains(&as_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_found_by_name_and_others_are_not() {
        let sources = BTreeMap::from([
            (
                "crates::a::src::one".to_owned(),
                "fn no() {}\n#[test]\nfn holds() { x() }\nfn helper() {}".to_owned(),
            ),
            (
                "interop::tests::samba::damage".to_owned(),
                "suite.test(\"damage::cut_off::{name}\")".to_owned(),
            ),
        ]);
        for test in ["one::holds", "a::src::one::holds", "damage::cut_off"] {
            assert!(exists(test, &sources), "{test}");
        }
        for test in ["one::no", "one::helper", "two::holds", "damage::stall", "holds"] {
            assert!(!exists(test, &sources), "{test}");
        }
    }

    #[test]
    fn the_last_column_names_tests() {
        let page =
            "x\n| attack | does | shown by |\n|---|---|---|\n| a `b` | c | `one::two`, `three::four` |\n";
        assert_eq!(rows(page), [("a `b`", vec!["one::two", "three::four"])]);
    }
}
