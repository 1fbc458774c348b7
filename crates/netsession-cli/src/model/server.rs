//! Servers as they are typed: `fs1`, `\\fs1`, `fs1:4455`, `fe80::1%eth0`, `[fe80::1]:445`, `smb://fs1:4455`.

use std::borrow::Cow;

use anyhow::{Result, anyhow};
use netsession::{ParseServerNameError, ServerName, ServerNameProblem};

use crate::text::escaped;

/// The server in a text. The error of a share, a user or a range says what to type instead.
///
/// The Perl module tells by `: is no server`, `: is a share`, `: is a user at` and `: is a range of` that the server is wrong,
/// and `t/refused.t` there has all of these texts from this program.
pub(crate) fn parse(text: &str) -> Result<ServerName> {
    text.parse().map_err(|error: ParseServerNameError| {
        let text = without_password(text);
        let shown = escaped(&text);
        let instead = error.meant().map_or("the name of the server".into(), ToString::to_string);
        match error.problem() {
            ServerNameProblem::Share => anyhow!("{shown}: is a share, not a server: type {instead}"),
            ServerNameProblem::User => {
                anyhow!("{shown}: is a user at a server: type {instead} and name the user with --login")
            }
            ServerNameProblem::Range => {
                anyhow!("{shown}: is a range of addresses: name each server, none is looked for")
            }
            _ => anyhow!(error).context(format!("{shown}: is no server")),
        }
    })
}

/// The text as it may be shown: without the password of `smb://USER:PASSWORD@SERVER` and `USER%PASSWORD@SERVER`.
fn without_password(text: &str) -> Cow<'_, str> {
    let Some((user, server)) = text.rsplit_once('@') else { return text.into() };
    let begin = user.find("://").map_or(0, |scheme| scheme.saturating_add(3));
    let is_end = |(index, _): &(usize, &str)| *index >= begin;
    match user.match_indices([':', '%']).find(is_end).and_then(|(index, _)| user.get(..=index)) {
        Some(name) => format!("{name}…@{server}").into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        parse(text).unwrap().to_string()
    }

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn every_spelling_of_a_server() {
        for (typed, expected) in [
            ("fs1", "fs1"),
            (r"\\fs1", "fs1"),
            (r"\\fs1\", "fs1"),
            ("//fs1", "fs1"),
            ("FS1.Example.com", "FS1.Example.com"),
            ("fs1:445", "fs1"),
            ("fs1:4455", "fs1:4455"),
            ("10.0.0.5", "10.0.0.5"),
            ("10.0.0.5:4455", "10.0.0.5:4455"),
            ("fe80::1", "fe80::1"),
            ("fe80::1%eth0", "fe80::1%eth0"),
            ("[fe80::1]", "fe80::1"),
            ("[fe80::1%eth0]:4455", "[fe80::1%eth0]:4455"),
            ("[fe80::1]:445", "fe80::1"),
            (r"\\[fe80::1]:4455", "[fe80::1]:4455"),
            ("smb://fs1", "fs1"),
            ("SMB://fs1/", "fs1"),
            ("smb://fs1:4455", "fs1:4455"),
            ("smb://[::1]:4455/", "[::1]:4455"),
            ("bücher", "bücher"),
        ] {
            assert_eq!(shown(typed), expected, "{typed}");
        }
    }

    #[test]
    fn a_share_is_refused_with_what_to_type() {
        for text in [
            r"\\fs1\share",
            "//fs1/share",
            "smb://fs1/share",
            r"\\fs1\share\folder",
            "fs1/share",
            r"\\fs1\c$\",
        ] {
            assert_eq!(refused(text), format!("{text}: is a share, not a server: type fs1"));
        }
        insta::assert_snapshot!(refused("smb://fs1:4455/share"), @"smb://fs1:4455/share: is a share, not a server: type fs1:4455");
        insta::assert_snapshot!(refused("10.0.0.5/share"), @"10.0.0.5/share: is a share, not a server: type 10.0.0.5");
        insta::assert_snapshot!(refused("10.0.0.0/24"), @"10.0.0.0/24: is a range of addresses: name each server, none is looked for");
        insta::assert_snapshot!(refused("/srv/share"), @"/srv/share: is a share, not a server: type the name of the server");
    }

    #[test]
    fn a_user_in_front_of_a_server_is_refused() {
        insta::assert_snapshot!(refused("smb://alice@fs1"), @"smb://alice@fs1: is a user at a server: type fs1 and name the user with --login");
    }

    /// Errors go to logs.
    #[test]
    fn password_in_front_of_a_server_is_not_shown() {
        for (typed, expected) in [
            ("smb://admin:geheim@fs1", "smb://admin:…@fs1: is a user at a server: "),
            ("admin%geheim@fs1", "admin%…@fs1: is "),
            ("LAB\\admin:ge@he:im@fs1", "LAB\\admin:…@fs1: is "),
            ("smb://:geheim@[fe80::1", "smb://:…@[fe80::1: is "),
        ] {
            assert!(refused(typed).starts_with(expected), "{typed}: {}", refused(typed));
        }
    }

    #[test]
    fn malformed_servers_are_refused() {
        for text in [
            "",
            r"\\",
            "smb://",
            "fs1:",
            ":445",
            "fs1:0",
            "fs1:65536",
            "fs1:+1",
            "fs1:http",
            "fs 1",
            "fs1\u{1b}[31m",
            "[fs1]",
            "[fe80::1",
            "[fe80::1]4455",
            "[fe80::1]:",
            "fe80::zz",
            "-fs1",
            "1:2:3",
            "*",
            "fs1,fs2",
            &"a".repeat(256),
        ] {
            assert!(refused(text).contains("is no server"), "{text:?}");
        }
        assert!(!refused("fs1\u{1b}[31m").contains('\u{1b}'));
    }
}
