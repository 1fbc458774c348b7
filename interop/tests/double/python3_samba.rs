//! The double as python3-samba sees it: C code of the Samba team, with its own SMB2, RPC and NDR.

use anyhow::{Context, Result, ensure};
use netsession_interop::account::{DOUBLE_ADMIN, DOUBLE_ALICE};
use netsession_interop::oracle::{self, Page, Question};
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::{Server, scenario};

use crate::truth::{self, LEVELS};

pub(crate) fn add(suite: &mut Suite) {
    for name in ["windows", "windows-hardened", "illumos"] {
        suite.test(&[Need::Python3Samba], format!("python3_samba::every_level::{name}"), move || {
            all_levels(name)
        });
    }
    suite.test(&[Need::Python3Samba], "python3_samba::levels_0_and_1::samba", samba);
    suite.test(&[Need::Python3Samba], "python3_samba::level_1_alone::nas-level-1", nas);
    suite.test(&[Need::Python3Samba], "python3_samba::access", access);
    suite.test(&[Need::Python3Samba], "python3_samba::filters", filters);
    suite.test(&[Need::Python3Samba], "python3_samba::pages", pages);
    suite.test(&[Need::Python3Samba], "python3_samba::pages_and_a_filter", pages_and_a_filter);
    suite.test(&[Need::Python3Samba], "python3_samba::an_answer_of_many_fragments", many_fragments);
}

fn all_levels(name: &str) -> Result<()> {
    let scenario = scenario::shipped(name)?;
    let (address, _server) = Server::start(scenario.clone())?;
    for level in LEVELS {
        let rows = oracle::list(address, DOUBLE_ADMIN, level)?.ok().context("it was refused")?;
        truth::ensure_same(&rows, &truth::rows(&scenario, level))
            .with_context(|| format!("level {level}"))?;
    }
    Ok(())
}

fn samba() -> Result<()> {
    let scenario = scenario::shipped("samba")?;
    let (address, _server) = Server::start(scenario.clone())?;
    for level in LEVELS {
        let listing = oracle::list(address, DOUBLE_ADMIN, level)?.map(truth::settled);
        let expected = if level <= 1 { Ok(truth::rows(&scenario, level)) } else { Err(124) };
        ensure!(listing == expected, "level {level}: {listing:?}");
        ensure!(oracle::list(address, DOUBLE_ALICE, level)? == Err(5), "level {level}");
    }
    Ok(())
}

fn nas() -> Result<()> {
    let scenario = scenario::shipped("nas-level-1")?;
    let (address, _server) = Server::start(scenario.clone())?;
    let rows = oracle::list(address, DOUBLE_ADMIN, 1)?.ok().context("it was refused")?;
    truth::ensure_same(&rows, &truth::rows(&scenario, 1))?;
    // A fault is an exception there, which is neither a listing nor a return code.
    let fault = oracle::list(address, DOUBLE_ADMIN, 2);
    ensure!(fault.is_err_and(|error| error.to_string().contains("NTSTATUSError")), "no fault");
    Ok(())
}

fn access() -> Result<()> {
    let (windows, _server) = Server::start(scenario::shipped("windows")?)?;
    let (hardened, _other) = Server::start(scenario::shipped("windows-hardened")?)?;
    for level in LEVELS {
        let listing = oracle::list(windows, DOUBLE_ALICE, level)?;
        ensure!(
            listing.as_ref().is_ok_and(|rows| rows.len() == 5) == [0, 10].contains(&level),
            "{listing:?}"
        );
        ensure!(listing.is_ok() || listing == Err(5), "{listing:?}");
        ensure!(oracle::list(hardened, DOUBLE_ALICE, level)? == Err(5), "level {level}");
    }
    Ok(())
}

/// By client, by user, and the places in the list of those that are listed then.
type Case = (Option<&'static str>, Option<&'static str>, Result<&'static [usize], u32>);

fn filters() -> Result<()> {
    let scenario = scenario::shipped("windows")?;
    let (address, _server) = Server::start(scenario.clone())?;
    let too_long: &'static str = Box::leak("x".repeat(1024).into_boxed_str());
    let cases: [Case; 12] = [
        (None, Some("alice"), Ok(&[0])),
        (None, Some("ALICE"), Ok(&[0])),
        (Some(r"\\10.0.0.6"), None, Ok(&[1])),
        (Some(r"\\scanner"), None, Ok(&[3])),
        (Some(r"\\[fe80::1c2:3]"), None, Ok(&[2])),
        (Some(r"\\10.0.0.6"), Some("bob"), Ok(&[1])),
        (Some(""), Some(""), Ok(&[0, 1, 2, 3, 4])),
        (None, Some("nobody"), Err(2221)),
        (Some(r"\\10.9.9.9"), None, Err(2312)),
        (Some("10.0.0.6"), None, Err(2351)),
        (None, Some(too_long), Err(87)),
        // Both are there, but not together.
        (Some(r"\\10.0.0.6"), Some("alice"), Ok(&[])),
    ];
    for (by_client, by_user, expected) in cases {
        for level in LEVELS {
            let question = Question { by_client, by_user, ..Question::level(level) };
            let listing = oracle::ask(address, DOUBLE_ADMIN, &question)?.map(truth::settled);
            let all = truth::rows(&scenario, level);
            let expected = expected.map(|places| places.iter().map(|place| all[*place].clone()).collect());
            ensure!(listing == expected, "{question:?}: {listing:?}");
        }
    }
    Ok(())
}

fn pages() -> Result<()> {
    let scenario = scenario::shipped("windows")?;
    let (address, _server) = Server::start(scenario.clone())?;
    for level in LEVELS {
        let expected = truth::rows(&scenario, level);
        for length in [80, 250] {
            // An entry of level 502 has a transport alone of over a hundred bytes.
            let question = Question {
                length: Some(if level == 502 { length + 200 } else { length }),
                ..Question::level(level)
            };
            let rows = oracle::ask(address, DOUBLE_ADMIN, &question)?.ok().context("it was refused")?;
            truth::ensure_same(&rows, &expected).with_context(|| format!("{question:?}"))?;
            let pages = oracle::pages(address, DOUBLE_ADMIN, &question)?;
            ensure!(length > 80 || pages.len() > 1, "{question:?}: {pages:?}");
            ensure_add_up(&pages, expected.len()).with_context(|| format!("{question:?}: {pages:?}"))?;
        }
        // Nothing fits: no entry, more to come, and the handle stays where it is.
        let question = Question { length: Some(1), ..Question::level(level) };
        let pages = oracle::pages(address, DOUBLE_ADMIN, &question)?;
        ensure!(pages == [Page { entries: 0, total: 5, resume: 0 }], "{pages:?}");
    }
    Ok(())
}

/// TotalEntries counts from the resume handle on, which is an index.
fn ensure_add_up(pages: &[Page], sessions: usize) -> Result<()> {
    let mut seen = 0;
    for (number, page) in pages.iter().enumerate() {
        ensure!(page.entries > 0, "an empty page");
        ensure!(page.total as usize == sessions - seen, "total entries of page {number}");
        seen += page.entries;
        let is_last = number + 1 == pages.len();
        ensure!(page.resume as usize == if is_last { 0 } else { seen }, "resume handle of page {number}");
    }
    ensure!(seen == sessions, "{seen} of {sessions}");
    Ok(())
}

/// The handle counts in the list as it is without the filter.
fn pages_and_a_filter() -> Result<()> {
    let text = r#"
        user = [{ name = "admin", password = "Passw0rd!", administrator = true }]
        session = [
            { client = "10.0.0.1", user = "alice", repeat = 2 },
            { client = "10.0.0.2", user = "bob", repeat = 3 },
            { client = "10.0.0.3", user = "alice" },
        ]
    "#;
    let (address, _server) = Server::start(text.parse()?)?;
    let question = Question { by_user: Some("alice"), length: Some(80), ..Question::level(1) };
    let pages = oracle::pages(address, DOUBLE_ADMIN, &question)?;
    let page = |entries, total, resume| Page { entries, total, resume };
    ensure!(pages == [page(1, 3, 1), page(1, 2, 5), page(1, 1, 0)], "{pages:?}");
    Ok(())
}

fn many_fragments() -> Result<()> {
    let text = r#"
        user = [{ name = "admin", password = "Passw0rd!", administrator = true }]
        session = [{ client = "10.1.0.{n}", user = "user{n}", opens = 1, time-seconds = 9, repeat = 3000 }]
    "#;
    let scenario: netsession_testserver::Scenario = text.parse()?;
    let (address, _server) = Server::start(scenario.clone())?;
    let rows = oracle::list(address, DOUBLE_ADMIN, 502)?.ok().context("it was refused")?;
    ensure!(truth::settled(rows.clone()) == truth::rows(&scenario, 502), "{} rows", rows.len());
    Ok(())
}
