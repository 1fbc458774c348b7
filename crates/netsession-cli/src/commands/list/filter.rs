//! `--client` and `--user`.

use anyhow::{Result, bail};
use netsession::{FilterMismatch, Sessions};

/// The question with these filters.
pub(super) fn filtered(question: Sessions, client: Option<&str>, user: Option<&str>) -> Result<Sessions> {
    let question = with(question, "--client", client, |question, name| question.client(name))?;
    with(question, "--user", user, |question, name| question.user(name))
}

fn with(
    question: Sessions,
    option: &str,
    name: Option<&str>,
    set: fn(Sessions, &str) -> Sessions,
) -> Result<Sessions> {
    let Some(name) = name else { return Ok(question) };
    // To the library an empty name is no filter. Here it is most likely a variable of a script that is not set, and
    // the script would take every session for those of one user.
    if matches!((option, name), (_, "") | ("--client", r"\\" | "[]" | r"\\[]")) {
        bail!("{option} is empty: leave it out to list every session");
    }
    let question = set(question, name);
    // Its one error, and the filter before has passed.
    if question.check().is_err() {
        bail!("{option} is longer than the 1023 characters that a server takes");
    }
    Ok(question)
}

/// What to do where a filter found no session although there may be one.
pub(super) fn hint(mismatch: &FilterMismatch) -> String {
    match mismatch {
        FilterMismatch::ServerListsAddresses => {
            "--client is a name, and the server lists its clients by address: give the address of that computer".into()
        }
        FilterMismatch::ServerListsNames => {
            "--client is an address, and the server lists its clients by name: give the name of that computer".into()
        }
        FilterMismatch::NameNotFound => "the server found no client of that name: most servers list addresses, so give \
                                         --client the address of that computer"
            .into(),
        FilterMismatch::OtherSeparator(user) => {
            format!("the server lists a user {user}: give --user the name as it is listed, or DOMAIN\\USER")
        }
        // The library may learn more reasons.
        _ => "the server writes the names of clients or users in another way than the filter".into(),
    }
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
        assert!(refusal(Some(&long), Some(&fits)).starts_with("--client is longer than"));
        assert!(refusal(Some(&fits), Some(&"x".repeat(1024))).starts_with("--user is longer than"));
    }

    #[test]
    fn an_empty_filter_is_refused() {
        for client in ["", r"\\", r"\\[]"] {
            assert!(refusal(Some(client), None).starts_with("--client is empty"), "{client:?}");
        }
        assert!(refusal(None, Some("")).starts_with("--user is empty"));
        // The name of a null session is empty, and can be asked for.
        for user in [r"\", r"\\", " "] {
            assert_eq!(refusal(Some(r"\"), Some(user)), "", "{user:?}");
        }
        assert_eq!(refusal(Some(r"\\[fe80::1]"), Some("x")), "");
    }
}
