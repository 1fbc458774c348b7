//! The table of SECURITY.md names tests. One that has been renamed or removed shows nothing any more.

use std::fs;

use anyhow::{Result, ensure};

use crate::{runner, sh};

/// Compares the table with the lists of the test programs, which are built first where they are not.
pub(crate) fn run() -> Result<()> {
    let page = fs::read_to_string(sh::root().join("SECURITY.md"))?;
    let rows = rows(&page);
    ensure!(rows.len() > 10, "only {} rows found in the table of SECURITY.md", rows.len());
    let tests = runner::tests()?;
    let mut broken = Vec::new();
    for (attack, named) in rows {
        if named.is_empty() {
            broken.push(format!("{attack}: no test"));
        }
        let unknown = named.iter().filter(|name| !tests.iter().any(|test| is_named(test, name)));
        broken.extend(unknown.map(|name| format!("{attack}: no {name}")));
    }
    for line in &broken {
        eprintln!("{line}");
    }
    ensure!(broken.is_empty(), "rows of SECURITY.md that name no test that exists: {}", broken.len());
    Ok(())
}

/// By the end of its name, or by what several tests of a suite have in common: `damage::cut_off` is there for
/// `damage::cut_off::signed`, too.
fn is_named(test: &str, name: &str) -> bool {
    let whole = format!("::{test}::");
    name.contains("::")
        && if test.starts_with(runner::SUITES) {
            whole.contains(&format!("::{name}::"))
        } else {
            whole.ends_with(&format!("::{name}::"))
        }
}

/// What the first column says, and the tests in the last one, of each table whose last column is "shown by". A table
/// of who is trusted names no tests.
fn rows(page: &str) -> Vec<(&str, Vec<&str>)> {
    let tables = page.split("\n\n").map(|block| block.lines().skip_while(|line| !line.starts_with('|')));
    let shown = tables.filter(|table| {
        table.clone().next().is_some_and(|header| header.trim_end_matches(['|', ' ']).ends_with("| shown by"))
    });
    shown
        .flat_map(|table| table.take_while(|line| line.starts_with('|')).skip(2))
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let (attack, tests) = (*cells.first()?, *cells.last()?);
            Some((attack, tests.split('`').skip(1).step_by(2).collect()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_test_is_named_by_its_end() {
        let unit = "netsession::backend::tests::holds";
        assert!(is_named(unit, "tests::holds") && is_named(unit, "backend::tests::holds"));
        for other in ["holds", "backend::tests", "ests::holds", "other::holds"] {
            assert!(!is_named(unit, other), "{other}");
        }
    }

    #[test]
    fn test_of_a_suite_is_named_by_its_beginning_too() {
        let test = "interop::samba::damage::cut_off::signed";
        assert!(is_named(test, "damage::cut_off") && is_named(test, "damage::cut_off::signed"));
        assert!(!is_named(test, "damage::cut") && !is_named(test, "damage::stall"));
    }

    #[test]
    fn last_column_names_tests() {
        let page =
            "x\n| attack | does | shown by |\n|---|---|---|\n| a `b` | c | `one::two`, `three::four` |\n";
        assert_eq!(rows(page), [("a `b`", vec!["one::two", "three::four"])]);
    }

    #[test]
    fn other_tables_name_none() {
        let page = "| attack | shown by |\n|---|---|\n| a | `one::two` |\n| b | none |\n\nx\n\n| who | can do |\n|---|---|\n| c | `d::e` |\n";
        assert_eq!(rows(page), [("a", vec!["one::two"]), ("b", vec![])]);
    }
}
