//! Accounts as they are typed: `USER`, `DOMAIN\USER`, `DOMAIN/USER` or `USER@REALM`.

use anyhow::{Result, anyhow, bail};
use netsession::{Account, ParseAccountError};

use crate::text::escaped;

/// The account in a text. `USER@REALM` has an empty domain and stays whole in the user name.
pub(crate) fn parse(text: &str) -> Result<Account> {
    text.parse().map_err(|error| match error {
        ParseAccountError::EmptyDomain => anyhow!("the login {} has an empty domain", escaped(text)),
        ParseAccountError::EmptyUser => anyhow!("the login has an empty user name"),
        ParseAccountError::TwoDomains => anyhow!("the login {} names its domain twice", escaped(text)),
        ParseAccountError::Nul => anyhow!("the login has a NUL in it"),
        other => anyhow!("the login {}: {other}", escaped(text)),
    })
}

/// A user and a domain that are given separately: either may name the domain, not both.
pub(crate) fn with_domain(domain: &str, user: &str) -> Result<Account> {
    let account = parse(user)?;
    if domain.is_empty() {
        return Ok(account);
    }
    if !account.domain().is_empty() || account.has_realm() {
        bail!("the domain is named twice: `domain = {}` and {}", escaped(domain), escaped(user));
    }
    parse(&format!(r"{domain}\{user}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let account = parse(text).unwrap();
        (account.domain().into(), account.user().into())
    }

    #[test]
    fn accepted_forms() {
        assert_eq!(parts("admin"), (String::new(), "admin".into()));
        assert_eq!(parts(r"LAB\admin"), ("LAB".into(), "admin".into()));
        assert_eq!(parts("LAB/admin"), ("LAB".into(), "admin".into()));
        assert_eq!(parts("admin@LAB.EXAMPLE"), (String::new(), "admin@LAB.EXAMPLE".into()));
    }

    #[test]
    fn accounts_are_shown_as_typed() {
        for text in ["admin", r"LAB\admin", "admin@LAB.EXAMPLE"] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn malformed_accounts_are_refused() {
        for text in ["", r"LAB\", "LAB/", r"\admin", "/admin", r"LAB\x\admin", r"LAB\admin@LAB", "a\0b"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn separate_domain_is_joined_unless_the_user_names_one() {
        let shown = |domain, user| with_domain(domain, user).map(|account| account.to_string());
        assert_eq!(shown("LAB", "admin").unwrap(), r"LAB\admin");
        assert_eq!(shown("", r"LAB\admin").unwrap(), r"LAB\admin");
        assert_eq!(shown("", "LAB/admin").unwrap(), r"LAB\admin");
        assert!(shown("LAB", r"LAB\admin").is_err());
        assert!(shown("LAB", "LAB/admin").is_err());
        assert!(shown("LAB", "admin@LAB").is_err());
    }
}
