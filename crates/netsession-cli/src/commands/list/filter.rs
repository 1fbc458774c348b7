//! `--client` and `--user`.

use anyhow::Result;
use netsession::Sessions;

use crate::args::{Filter, FilterBy};

/// The question with these filters.
pub(super) fn filtered(question: Sessions, client: Option<&str>, user: Option<&str>) -> Result<Sessions> {
    let by_client = Filter { by: FilterBy::Client, set: |question: Sessions, name| question.client(name) };
    let by_user = Filter { by: FilterBy::User, set: |question: Sessions, name| question.user(name) };
    let question = by_client.apply(question, client, Sessions::check, "session")?;
    by_user.apply(question, user, Sessions::check, "session")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(client: Option<&str>, user: Option<&str>) -> String {
        filtered(Sessions::new(), client, user).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_long_filter_is_refused_by_its_option() {
        // With `\\` in front of it.
        let (fits, long) = ("x".repeat(1021), "x".repeat(1022));
        assert_eq!(refusal(Some(&fits), Some(&fits)), "");
        assert_eq!(
            refusal(Some(&long), Some(&fits)),
            "--client is invalid: the name of the client is longer than 1,023 characters"
        );
        assert_eq!(
            refusal(Some(&fits), Some(&"x".repeat(1024))),
            "--user is invalid: the name of the user is longer than 1,023 characters"
        );
    }

    #[test]
    fn an_empty_filter_is_refused() {
        for client in ["", r"\\", "[]", r"\\[]", r"\[]", " "] {
            assert!(refusal(Some(client), None).starts_with("--client is empty"), "{client:?}");
        }
        assert!(refusal(None, Some("")).starts_with("--user is empty"));
        // The name of a null session is empty, and can be asked for.
        for user in [r"\", r"\\", " "] {
            assert_eq!(refusal(Some(r"\"), Some(user)), "", "{user:?}");
        }
        // Of a domain there is no such name: a variable that is not set.
        assert_eq!(refusal(None, Some(r"LAB\")), r"--user LAB\: there is no user behind the domain");
        assert_eq!(refusal(Some(r"\\[fe80::1]"), Some("x")), "");
    }
}
