use std::fmt;

use anyhow::{Result, bail};

use crate::output::escape::escaped;

/// Whose session with the server it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login {
    /// Empty where none is named, and where the user name brings its realm along.
    pub(crate) domain: String,
    /// `admin`, or `admin@REALM` as a whole.
    pub(crate) user: String,
}

impl Login {
    /// `USER`, `DOMAIN\USER` or `USER@REALM`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let (domain, user) = match text.split_once('\\') {
            Some((domain, user)) if !domain.is_empty() => (domain, user),
            Some(_) => bail!("the login {} has an empty domain", escaped(text)),
            None => ("", text),
        };
        Self::new(domain, user)
    }

    /// A user and a domain that were given apart: either may name the domain, not both.
    pub(crate) fn with_domain(domain: &str, user: &str) -> Result<Self> {
        if domain.is_empty() {
            return Self::parse(user);
        }
        if user.contains(['\\', '@']) {
            bail!("the domain is named twice: `domain = {}` and {}", escaped(domain), escaped(user));
        }
        Self::new(domain, user)
    }

    /// Whether it is `USER@REALM`, which is a principal of Kerberos.
    pub(crate) fn has_realm(&self) -> bool {
        let realm = self.user.rsplit_once('@');
        self.domain.is_empty() && realm.is_some_and(|(user, realm)| !user.is_empty() && !realm.is_empty())
    }

    fn new(domain: &str, user: &str) -> Result<Self> {
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
        Ok(Self { domain: domain.into(), user: user.into() })
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.domain.is_empty() {
            f.write_str(&self.user)
        } else {
            write!(f, r"{}\{}", self.domain, self.user)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String) {
        let Login { domain, user } = Login::parse(text).unwrap();
        (domain, user)
    }

    #[test]
    fn the_three_forms() {
        assert_eq!(parts("admin"), (String::new(), "admin".into()));
        assert_eq!(parts(r"LAB\admin"), ("LAB".into(), "admin".into()));
        assert_eq!(parts("admin@LAB.EXAMPLE"), (String::new(), "admin@LAB.EXAMPLE".into()));
    }

    #[test]
    fn they_are_shown_as_typed() {
        for text in ["admin", r"LAB\admin", "admin@LAB.EXAMPLE"] {
            assert_eq!(Login::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_login() {
        for text in ["", r"LAB\", r"\admin", r"LAB\x\admin", r"LAB\admin@LAB", "a\0b"] {
            assert!(Login::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_domain_apart() {
        assert_eq!(Login::with_domain("LAB", "admin").unwrap(), Login::parse(r"LAB\admin").unwrap());
        assert_eq!(Login::with_domain("", r"LAB\admin").unwrap(), Login::parse(r"LAB\admin").unwrap());
        assert!(Login::with_domain("LAB", r"LAB\admin").is_err());
        assert!(Login::with_domain("LAB", "admin@LAB").is_err());
    }
}
