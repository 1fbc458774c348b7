//! "Coming from" against the programs that it speaks of: what stands in its tables exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use netsession_interop::account::ADMIN;
use netsession_interop::netsession::List;
use netsession_interop::samba::Samba;
use netsession_interop::suite::{Need, Suite};
use netsession_interop::{netsession, process};

const NEEDS: &[Need] = &[Need::Samba, Need::Program, Need::Perl];

pub(crate) fn add(suite: &mut Suite) {
    suite.test(NEEDS, "coming_from::commands", commands);
    suite.test(NEEDS, "coming_from::fields", fields);
    suite.test(NEEDS, "coming_from::other_programs", other_programs);
}

fn page() -> Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/coming-from.md");
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// The cells of each row of the tables, with the heading of the last column.
fn rows(page: &str) -> Vec<(String, Vec<String>)> {
    let mut heading = String::new();
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for line in page.lines() {
        if line.starts_with("|---") {
            // What was taken for a row of the table before.
            heading = rows.pop().and_then(|(_, mut cells)| cells.pop()).unwrap_or_default();
        } else if let Some(row) = line.strip_prefix("| ").and_then(|row| row.strip_suffix(" |")) {
            // A pipe in a cell is escaped.
            let row = row.replace(r"\|", "\0");
            rows.push((heading.clone(), row.split(" | ").map(|cell| cell.replace('\0', "|")).collect()));
        }
    }
    rows
}

/// What stands between backticks.
fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Each command that begins with `netsession` is one that the program takes and Samba answers.
fn commands() -> Result<()> {
    let samba = Samba::builder().start()?;
    let page = page()?;
    let mut run = 0;
    for (_, cells) in rows(&page) {
        for command in code(cells.last().context("a row without a cell")?) {
            // Without a server it is this machine.
            let Some(arguments) = command.strip_prefix("netsession ").filter(|words| words.contains(' '))
            else {
                ensure!(!command.starts_with("netsession") || command == "netsession list", "{command}");
                continue;
            };
            let arguments = arguments.replace('\'', "").replace(r"LAB\admin", ADMIN.name);
            let address = samba.address().to_string();
            let words: Vec<_> = arguments
                .split(' ')
                .map(|word| match word {
                    "fs1" | "fs2" | "SERVER" => address.as_str(),
                    "LEVEL" | "ID" => "1",
                    word => word,
                })
                .collect();
            let mut list = Command::new(netsession::binary()?);
            list.args(&words).env("NETSESSION_PASSWORD", ADMIN.password).env("HOME", "/nonexistent");
            if !words.contains(&"-U") {
                list.env("NETSESSION_LOGIN", ADMIN.name);
            }
            // No such file is open, and no such session is there: the server is asked, and nothing is closed.
            if words.first() == Some(&"close") {
                list.arg("--dry-run");
                let outcome = process::run(&mut list, process::PATIENCE)?;
                let said = String::from_utf8_lossy(&outcome.stdout).contains("not listed by the server");
                ensure!(outcome.code == Some(1) && said, "{command}: {outcome:?}");
                run += 1;
                continue;
            }
            let outcome = process::run(&mut list, process::PATIENCE)?;
            ensure!(outcome.code == Some(0), "{command}: {outcome:?}");
            run += 1;
        }
    }
    ensure!(run >= 10, "only {run} commands");
    Ok(())
}

/// Each name in a column `JSON` is a key of the JSON, and each key but two is somewhere.
fn fields() -> Result<()> {
    let samba = Samba::builder().start()?;
    let json = List::new(samba.address().to_string())?.login(ADMIN).args(&["-f", "json"]).into_command();
    let outcome = process::run(&mut { json }, process::PATIENCE)?;
    let sessions: serde_json::Value = serde_json::from_slice(&outcome.stdout)?;
    let Some(session) = sessions.get(0).and_then(|session| session.as_object()) else {
        bail!("no session: {outcome:?}")
    };
    let keys: BTreeSet<_> = session.keys().map(String::as_str).collect();
    let page = page()?;
    let mut named = BTreeSet::new();
    for (heading, cells) in rows(&page) {
        let cell = match heading.as_str() {
            "JSON" => cells.last(),
            "in Rust" if cells.len() == 3 => cells.get(1),
            _ => continue,
        };
        let cell = cell.context("a row without a cell")?;
        for name in code(cell) {
            let is_value = name.starts_with(|c: char| c == '"' || c == '[' || c.is_ascii_digit());
            if !is_value && !matches!(name, r"\\" | "guest") {
                ensure!(keys.contains(name), "{name} is no key: {cells:?}");
                named.insert(name.to_owned());
            }
        }
    }
    let silent: Vec<_> = keys.iter().filter(|key| !named.contains(**key)).copied().collect();
    ensure!(silent == ["client_name", "level"], "no table speaks of {silent:?}");
    Ok(())
}

/// Options of other programs that stand there are options of theirs.
fn other_programs() -> Result<()> {
    let page = page()?;
    for (program, options) in [
        ("rpcclient", ["-A", "-p", "--client-protection", "--use-kerberos"].as_slice()),
        ("smbstatus", &["-b", "--processes", "-u", "--json", "--shares", "--locks"]),
    ] {
        let help = process::run(Command::new(program).arg("--help"), process::PATIENCE)?;
        let help = String::from_utf8(help.stdout)?;
        for option in options {
            ensure!(page.contains(option), "{option} does not stand there any more");
            let is_there = help.split([' ', ',', '=', '\n']).any(|word| word == *option);
            ensure!(is_there, "{program} has no {option}: {help}");
        }
    }
    Ok(())
}
