//! Accounts as they are typed: `USER`, `DOMAIN\USER` or `USER@REALM`.

use anyhow::{Result, bail};
use netsession::Account;

use crate::text::escaped;

/// The account in a text. `USER@REALM` has an empty domain and stays whole in the user name.
pub(crate) fn parse(text: &str) -> Result<Account> {
    let (domain, user) = match text.split_once('\\') {
        Some((domain, user)) if !domain.is_empty() => (domain, user),
        Some(_) => bail!("the login {} has an empty domain", escaped(text)),
        None => ("", text),
    };
    checked(domain, user)
}

/// A user and a domain that are given separately: either may name the domain, not both.
pub(crate) fn with_domain(domain: &str, user: &str) -> Result<Account> {
    if domain.is_empty() {
        return parse(user);
    }
    if user.contains(['\\', '@']) {
        bail!("the domain is named twice: `domain = {}` and {}", escaped(domain), escaped(user));
    }
    checked(domain, user)
}

/// Whether it is `USER@REALM`, which is a principal of Kerberos.
pub(crate) fn has_realm(account: &Account) -> bool {
    let realm = account.user().rsplit_once('@');
    account.domain().is_empty() && realm.is_some_and(|(user, realm)| !user.is_empty() && !realm.is_empty())
}

fn checked(domain: &str, user: &str) -> Result<Account> {
    if user.is_empty() {
        bail!("the login has an empty user name");
    }
    if user.contains('\\') || (!domain.is_empty() && user.contains('@')) {
        bail!(
            r"the login {domain}\{user} names its domain twice",
            domain = escaped(domain),
            user = escaped(user)
        );
    }
    if user.contains('\0') || domain.contains('\0') {
        bail!("the login has a NUL in it");
    }
    Ok(Account::new(domain, user))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let account = parse(text).unwrap();
        (account.domain().into(), account.user().into())
    }

    #[test]
    fn the_three_forms() {
        assert_eq!(parts("admin"), (String::new(), "admin".into()));
        assert_eq!(parts(r"LAB\admin"), ("LAB".into(), "admin".into()));
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
        for text in ["", r"LAB\", r"\admin", r"LAB\x\admin", r"LAB\admin@LAB", "a\0b"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_separate_domain() {
        let shown = |domain, user| with_domain(domain, user).map(|account| account.to_string());
        assert_eq!(shown("LAB", "admin").unwrap(), r"LAB\admin");
        assert_eq!(shown("", r"LAB\admin").unwrap(), r"LAB\admin");
        assert!(shown("LAB", r"LAB\admin").is_err());
        assert!(shown("LAB", "admin@LAB").is_err());
    }

    #[test]
    fn a_realm_needs_a_user_and_a_name() {
        let has_realm = |domain, user| has_realm(&Account::new(domain, user));
        assert!(has_realm("", "admin@LAB"));
        assert!(!has_realm("", "admin") && !has_realm("", "@LAB") && !has_realm("", "admin@"));
        assert!(!has_realm("LAB", "admin@LAB"));
    }
}
