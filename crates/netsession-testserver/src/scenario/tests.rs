use std::path::Path;

use super::*;

fn wrong(text: &str) -> String {
    text.parse::<Scenario>().unwrap_err().to_string()
}

#[test]
fn shipped_scenarios_are_valid() {
    for name in SHIPPED {
        let scenario = shipped(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!scenario.description.is_empty(), "{name}");
        assert!(scenario.users().iter().any(|user| user.administrator), "{name}");
        assert!(scenario.users().iter().any(|user| !user.administrator), "{name}");
        assert!(scenario.sessions().len() >= 3, "{name}");
        assert!(scenario.faults().is_empty(), "{name}");
    }
    let unknown = shipped("beos").unwrap_err().to_string();
    assert!(unknown.contains("beos") && unknown.contains("nas-level-1"), "{unknown}");
}

#[test]
fn error_for_a_wrong_file_has_line_and_reason() {
    for (text, line, reason) in [
        ("[smb]\ndialects = []", "line 2", "empty"),
        ("\n[smb]\ndialects = [\"2.0.2\", \"1.0\"]", "line 3", "1.0"),
        ("[smb]\nciphers = [\"rot13\"]", "line 2", "rot13"),
        ("[rpc]\nmax-fragment = 100", "line 2", "1432"),
        ("[session-enum.levels]\n3 = \"anyone\"", "line 2", "3"),
        ("[session-enum.levels]\n1 = \"friends\"", "line 2", "friends"),
        ("\n\n[[user]]\nname = \"a\"", "line 3", "password"),
        ("colour = \"red\"", "line 1", "colour"),
        ("[[session]]\nclient = 5", "line 2", "string"),
        ("[[fault]]\nstep = \"create\"\nkind = \"surrogate\"", "line 1", "possible at: enumerate"),
        ("[[fault]]\nstep = \"create\"\nkind = \"guest\"", "line 1", "possible at: log-on"),
        ("[[fault]]\nstep = \"log-on\"\nkind = \"signed-only\"", "line 1", "possible at: tree-connect,"),
        (
            "[[fault]]\nstep = \"challenge\"\nkind = \"unprotected\"",
            "line 1",
            "protected yet at the step challenge",
        ),
        (
            "[[fault]]\nstep = \"log-on\"\nwhen = \"compound\"\nkind = \"stall\"",
            "line 1",
            "the step log-on is never in a compound",
        ),
        ("[[fault]]\nstep = \"read\"\ntimes = 0\nkind = \"stall\"", "line 1", "never strikes"),
        ("[session-enum]\npage-size = 0", "line 2", "at least 1 session"),
        ("[smb]\nmax-credits = 0", "line 2", "without a credit"),
        ("delay-ms = 0\n[smb]\nencryption = \"required\"\nciphers = []", "line 2", "encryption is required"),
        (
            "[smb]\nencryption = \"required\"\ndialects = [\"2.0.2\", \"2.1\"]",
            "line 1",
            "encryption is required",
        ),
        (
            "[smb]\nencryption = \"required\"\ndialects = [\"3.0\"]\nciphers = [\"aes-128-gcm\"]",
            "line 1",
            "encryption is required",
        ),
        ("[[session]]\nclient = \"a\"\nuser = \"b\"\nrepeat = 1000001", "line 4", "at most 1000000"),
        (
            "[[user]]\nname = \"a\"\npassword = \"\"\n[[user]]\nname = \"A\"\npassword = \"\"",
            "line 1",
            "two users A",
        ),
        ("[[fault]]\nstep = \"lunch\"\nkind = \"stall\"", "line 2", "lunch"),
        ("[[fault]]\nstep = \"create\"\nkind = \"tea\"", "line 3", "tea"),
        ("[[fault]\n", "line 1", "]"),
    ] {
        let error = wrong(text);
        assert!(error.contains(line) && error.contains(reason), "{text:?}: {error}");
    }
    let missing = Scenario::load(Path::new("/nonexistent/x.toml")).unwrap_err().to_string();
    assert!(missing.contains("/nonexistent/x.toml"), "{missing}");
}

#[test]
fn entry_with_repeat_is_many_sessions() {
    let scenario: Scenario = r#"
        [session-enum]
        user-names = "decorated"
        [[session]]
        client = "10.0.0.{n}"
        user = "user{n}"
        domain = "LAB"
        repeat = 3
        [[session]]
        client = "fe80::1"
        user = "bob"
    "#
    .parse()
    .unwrap();
    let shown: Vec<(&str, Option<&str>)> =
        scenario.sessions().iter().map(|s| (s.client.as_str(), s.user.as_deref())).collect();
    assert_eq!(
        shown,
        [
            (r"\\10.0.0.0", Some(r"LAB\user0")),
            (r"\\10.0.0.1", Some(r"LAB\user1")),
            (r"\\10.0.0.2", Some(r"LAB\user2")),
            (r"\\[fe80::1]", Some("bob")),
        ]
    );
}

#[test]
fn debug_output_has_no_password() {
    let scenario = shipped("windows").unwrap();
    for user in scenario.users() {
        assert!(!format!("{scenario:?}").contains(&user.password));
    }
}

#[test]
fn user_lookup_ignores_case_and_realm() {
    let scenario = shipped("windows").unwrap();
    for name in ["admin", "ADMIN", "Admin@lab.example"] {
        assert_eq!(scenario.user(name).map(|user| user.name.as_str()), Some("admin"), "{name}");
    }
    assert_eq!(scenario.user("nobody"), None);
}
