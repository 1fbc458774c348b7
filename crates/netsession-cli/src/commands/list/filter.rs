//! `--client` and `--user`, as the library takes them: not empty, and no longer than the call can carry.

use anyhow::{Result, bail};

/// The most that the server's call takes: 1024 characters with the NUL (MS-SRVS 3.1.4.5).
const LONGEST: usize = 1023;

/// A client without notation: `\\10.0.0.5` and `[fe80::1]` are `10.0.0.5` and `fe80::1`.
pub(super) fn client(client: Option<&str>) -> Result<Option<String>> {
    let Some(client) = client else { return Ok(None) };
    let name = client.strip_prefix(r"\\").unwrap_or(client);
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    // It is sent with `\\` in front, and an address of IPv6 in brackets.
    checked("--client", name, if name.contains(':') { 4 } else { 2 }).map(Some)
}

/// A user, with a domain or without.
pub(super) fn user(user: Option<&str>) -> Result<Option<String>> {
    user.map(|user| checked("--user", user, 0)).transpose()
}

fn checked(option: &str, name: &str, notation: usize) -> Result<String> {
    if name.is_empty() {
        bail!("{option} is empty: leave it out to list every session");
    }
    if name.encode_utf16().count().saturating_add(notation) > LONGEST {
        bail!("{option} is longer than the {LONGEST} characters that a server takes");
    }
    Ok(name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_fit_into_the_call() {
        let user = |length| user(Some(&"x".repeat(length)));
        assert!(user(1023).is_ok() && user(1024).is_err());
        let client = |length| client(Some(&"x".repeat(length)));
        assert!(client(1021).is_ok() && client(1022).is_err());
    }

    #[test]
    fn length_is_counted_in_utf_16() {
        // Two units of UTF-16 each.
        assert!(user(Some(&"🦀".repeat(511))).is_ok());
        assert!(user(Some(&"🦀".repeat(512))).is_err());
    }

    #[test]
    fn an_empty_filter_is_refused() {
        assert!(user(Some("")).is_err());
        assert!(client(Some(r"\\")).is_err());
        assert_eq!(client(Some(r"\\[fe80::1]")).unwrap().as_deref(), Some("fe80::1"));
    }
}
