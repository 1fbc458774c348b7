//! Scripts for the original against the double: all five levels, filters, pages, flags, names.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use netsession_interop::account::Account;
use netsession_interop::perl::{self, Perl};
use netsession_interop::suite::{Need, Suite};
use netsession_testserver::{Scenario, Server, ServerHandle};

pub(crate) const SCENARIO: &str = include_str!("double.toml");
pub(crate) const ADMIN: Account = Account { name: "admin", password: "Passw0rd!" };
const ALICE: Account = Account { name: "alice", password: "Wonderland1" };

/// What the synopsis prints at each level, keys in order. Longest idle first, then client and user.
const EXPECTED: [&str; 5] = [
    include_str!("double-0.txt"),
    include_str!("double-1.txt"),
    include_str!("double-2.txt"),
    include_str!("double-3.txt"),
    include_str!("double-4.txt"),
];

const NEEDS: &[Need] = &[Need::Program, Need::Perl];

pub(crate) fn add(suite: &mut Suite) {
    for (level, expected) in (0..).zip(EXPECTED) {
        suite.test(NEEDS, format!("perl::synopsis::double::{level}"), move || synopsis(level, expected));
    }
    suite.test(NEEDS, "perl::active::double", active);
    suite.test(NEEDS, "perl::filters::double", filters);
    for (level, win32) in [(2, 2), (4, 502)] {
        let name = format!("perl::synopsis::double::{level}_is_refused");
        suite.test(NEEDS, name, move || level_is_refused(level, win32));
    }
    suite.test(NEEDS, "perl::access_denied::double", access_denied);
    suite.test(NEEDS, "perl::no_sessions::double", no_sessions);
}

/// The double with this scenario; it ends when the handle is dropped.
pub(crate) fn start(scenario: &str) -> Result<(SocketAddr, ServerHandle)> {
    Ok(Server::start(scenario.parse::<Scenario>()?)?)
}

fn same(text: &str, expected: &str) -> Result<()> {
    let printed = perl::lines(&perl::parse(text)?);
    let expected: Vec<&str> = expected.lines().collect();
    ensure!(printed == expected, "printed:\n{}\nexpected:\n{}", printed.join("\n"), expected.join("\n"));
    Ok(())
}

fn synopsis(level: u8, expected: &str) -> Result<()> {
    let (address, _server) = start(SCENARIO)?;
    // The scripts print names as they are; with a layer from outside they are UTF-8.
    same(&perl::synopsis(address, level, ADMIN)?.env("PERL_UNICODE", "O").text()?, expected)
}

fn active() -> Result<()> {
    let (address, _server) = start(SCENARIO)?;
    same(&perl::active(address, ADMIN)?.env("PERL_UNICODE", "O").text()?, EXPECTED[3])
}

fn filters() -> Result<()> {
    let (address, _server) = start(SCENARIO)?;
    let alice = EXPECTED[1].lines().find(|line| line.contains("alice")).unwrap_or_default();
    for filter in [r"-clientname=\\10.0.0.5", "-username=ALICE", r"-username=LAB\alice"] {
        same(&perl::synopsis(address, 1, ADMIN)?.args([filter]).text()?, alice)?;
    }
    let mueller = EXPECTED[1].lines().find(|line| line.contains("Müller")).unwrap_or_default();
    let script = perl::synopsis(address, 1, ADMIN)?.args(["-username=müller"]);
    same(&script.env("PERL_UNICODE", "O").text()?, mueller)?;
    for (filter, text) in
        [("-clientname=WS-99", "Client Name not found"), ("-username=nobody", "User Not Found")]
    {
        croaks(perl::synopsis(address, 1, ADMIN)?.args([filter]), text)?;
    }
    Ok(())
}

/// A server with Samba's levels: the module reads from the program's text which one works, and says it in its own numbers.
fn level_is_refused(level: u8, win32: u32) -> Result<()> {
    let levels = "[session-enum]\nlevels = { 0 = \"anyone\", 1 = \"anyone\" }";
    let (address, _server) = start(&SCENARIO.replace("[session-enum]", levels))?;
    let outcome = perl::synopsis(address, level, ADMIN)?.run()?;
    let said = format!(
        "unknown Error: 124: {address}: enumeration of sessions: the server has no level {win32} \
         (ERROR_INVALID_LEVEL 124), level 1 works; here that is level {level}, and level 1 is the one to ask for at \
         examples/synopsis.pl line 3.\n"
    );
    ensure!(outcome.code != Some(0) && outcome.stdout.is_empty() && outcome.stderr == said, "{outcome:?}");
    Ok(())
}

fn access_denied() -> Result<()> {
    let (address, _server) = start(SCENARIO)?;
    croaks(perl::synopsis(address, 1, ALICE)?, "Access denied")?;
    // What the double, like older Windows, lets everybody have.
    same(&perl::active(address, ALICE)?.env("PERL_UNICODE", "O").text()?, EXPECTED[3])
}

fn no_sessions() -> Result<()> {
    let users = SCENARIO.split("[[session]]").next().unwrap_or_default();
    let (address, _server) = start(users)?;
    let text = perl::synopsis(address, 4, ADMIN)?.text()?;
    ensure!(text == "No Clients connected\n", "{text}");
    Ok(())
}

fn croaks(script: Perl, text: &str) -> Result<()> {
    let outcome = script.run()?;
    let expected = format!("{text} at examples/synopsis.pl line 3.\n");
    ensure!(outcome.code != Some(0) && outcome.stdout.is_empty(), "{outcome:?}");
    ensure!(outcome.stderr == expected, "{outcome:?}");
    Ok(())
}
