//! What an administrator reads about each failure: text, kind, code, and what to do.

mod failures;

use std::fmt::Write as _;

use super::ErrorKind;
use crate::Account;
use failures::failures;

const DOCUMENTATION: &str = include_str!("../../../../docs/errors.md");

#[test]
fn each_failure_explains_itself() {
    let mut said = String::new();
    for (name, error) in failures() {
        let error = error.with_server("fs1").with_account(Some(Account::new("admin").in_domain("LAB")));
        let code = error.code().map_or("-".into(), |code| format!("{code:#x}"));
        let retry = if error.is_retryable() { ", another try can help" } else { "" };
        let (kind, of_code) = (error.kind(), error.name().unwrap_or("-"));
        writeln!(said, "# {name}\n{error}").unwrap();
        writeln!(said, "  {}", error.advice().unwrap_or_else(|| "-".into())).unwrap();
        writeln!(said, "  [{kind}, code {code}, name {of_code}{retry}]\n").unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn no_kind_is_forgotten_and_every_one_but_a_wrong_request_says_what_to_do() {
    for &kind in ErrorKind::ALL {
        let failures = failures();
        let of_kind: Vec<_> = failures.iter().filter(|(_, error)| error.kind() == kind).collect();
        assert!(!of_kind.is_empty(), "{kind}");
        for (name, error) in of_kind {
            assert_eq!(error.advice().is_none(), kind == ErrorKind::InvalidRequest, "{name}");
        }
    }
}

#[test]
fn the_documentation_has_a_paragraph_for_each_kind() {
    let headings: Vec<_> =
        DOCUMENTATION.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
    let kinds: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(headings, kinds);
}

#[test]
fn the_paragraph_of_its_kind_names_the_code_of_each_failure() {
    for (name, error) in failures() {
        let kind = error.kind();
        let (_, section) = DOCUMENTATION.split_once(&format!("\n## `{kind}`\n")).unwrap();
        let section = section.split("\n## ").next().unwrap_or(section);
        // An account that was refused before has the code of that refusal.
        if let Some(code) =
            error.name().filter(|_| !matches!(kind, ErrorKind::LogOnBlocked | ErrorKind::LogOnUnanswered))
        {
            assert!(section.contains(code), "{name}: {code} is not in the paragraph {kind}");
        }
    }
}
