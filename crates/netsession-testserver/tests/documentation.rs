//! docs/scenarios.md names every key and value, and its example is valid.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use netsession_testserver::Scenario;
use netsession_testserver::scenario::{Enumeration, Ntlm, Rpc, SHIPPED, ServerInfo, Smb};

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scenarios.md")).unwrap()
}

/// The example.
fn example() -> String {
    let page = page();
    let (_, after) = page.split_once("```toml\n").unwrap();
    after.split_once("```").unwrap().0.to_owned()
}

#[test]
fn example_is_valid_and_shows_the_defaults() {
    let scenario: Scenario = example().parse().unwrap();
    assert_eq!(scenario.server, ServerInfo::default());
    assert_eq!(scenario.smb, Smb::default());
    assert_eq!(scenario.ntlm, Ntlm::default());
    assert_eq!(scenario.rpc, Rpc::default());
    let but_for_the_page_size = Enumeration { page_size: None, ..scenario.session_enum.clone() };
    assert_eq!(but_for_the_page_size, Enumeration::default());
    assert_eq!((scenario.sessions().len(), scenario.users().len(), scenario.faults().len()), (200, 1, 1));
}

/// The words that the error for an unknown one lists.
fn known(text: &str) -> Vec<String> {
    let error = text.parse::<Scenario>().unwrap_err().to_string();
    let (_, names) = error.split_once("expected one of ").unwrap_or_else(|| panic!("{error}"));
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn example_has_every_key() {
    let example = example();
    for (table, at_least) in [
        ("", 8),
        ("[server]", 4),
        ("[smb]", 8),
        ("[ntlm]", 2),
        ("[rpc]", 2),
        ("[session-enum]", 11),
        ("[files]", 5),
        ("[shares]", 1),
        ("[session-del]", 2),
        ("[[user]]", 3),
        ("[[session]]", 10),
        ("[[file]]", 5),
        ("[[share]]", 6),
        ("[[fault]]", 5),
    ] {
        // serde says "`a` or `b`" where there are only two.
        let error = format!("{table}\ntea = 1").parse::<Scenario>().unwrap_err().to_string();
        let (_, names) = error.split_once("expected ").unwrap();
        let names: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
        assert!(names.len() >= at_least, "{table}: {error}");
        for name in names {
            let starts =
                [format!("{name} = "), format!("[{name}]"), format!("[[{name}]]"), format!("[{name}.")];
            let is_there = example.lines().any(|line| {
                starts.iter().any(|start| line.starts_with(start)) || line.ends_with(&format!(".{name}]"))
            });
            assert!(is_there, "{table} {name}");
        }
    }
}

#[test]
fn page_has_every_value_step_and_kind() {
    let page = page();
    for text in [
        "[smb]\ndialects = [\"tea\"]",
        "[smb]\nciphers = [\"tea\"]",
        "[smb]\nsigning = [\"tea\"]",
        "[smb]\nencryption = \"tea\"",
        "[smb]\ncompound-replies = \"tea\"",
        "[session-enum]\nerror-body = \"tea\"",
        "[session-enum.levels]\n1 = \"tea\"",
        "[session-enum.levels]\ntea = \"anyone\"",
        "[[fault]]\nkind = \"stall\"\nstep = \"tea\"",
        "[[fault]]\nstep = \"create\"\nkind = \"tea\"",
    ] {
        for name in known(text) {
            let is_there =
                page.split(|c: char| !c.is_alphanumeric() && !"-.".contains(c)).any(|word| word == name);
            assert!(is_there, "{name}, of {text:?}");
        }
    }
    for name in SHIPPED {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
