use std::fmt;
use std::hash::{Hash, Hasher};

/// A domain and a user, compared without regard to case. Shown as `DOMAIN\user`.
///
/// `user@REALM` with no domain is the same account as `REALM\user`.
///
/// ```
/// use netsession::Account;
///
/// assert_eq!(Account::new("LAB", "Admin"), Account::new("lab", "admin"));
/// assert_ne!(Account::new("LAB", "admin"), Account::new("", "admin"));
/// assert_eq!(Account::new("LAB", "admin").to_string(), r"LAB\admin");
/// assert_eq!(Account::new("", "admin@LAB").to_string(), "admin@LAB");
/// ```
#[derive(Debug, Clone)]
pub struct Account {
    domain: String,
    user: String,
}

impl Account {
    /// The account of `user` in `domain`, which is empty for `user@REALM` and for the server's own accounts.
    pub fn new(domain: impl Into<String>, user: impl Into<String>) -> Self {
        Self { domain: domain.into(), user: user.into() }
    }

    /// The domain, as given.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The user, as given: with `@REALM` where that is how the account was named.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Domain and user alone, where `user@REALM` is taken apart.
    fn parts(&self) -> (&str, &str) {
        match self.user.rsplit_once('@') {
            Some((user, realm)) if self.domain.is_empty() && !user.is_empty() => (realm, user),
            _ => (&self.domain, &self.user),
        }
    }

    /// What accounts are compared by.
    pub(crate) fn key(&self) -> (String, String) {
        let (domain, user) = self.parts();
        (domain.to_lowercase(), user.to_lowercase())
    }

    /// Whether a server that shows a session of `shown` may mean this account by it: the same user, and
    /// the same domain where both name one.
    pub(crate) fn may_be_shown_as(&self, shown: &str) -> bool {
        let (shown_domain, shown_user) = shown.rsplit_once('\\').unwrap_or(("", shown));
        let (_, user) = self.parts();
        // A realm is not compared: the server shows the short name of the domain instead.
        let domain = &self.domain;
        same_name(shown_user, user)
            && (domain.is_empty() || shown_domain.is_empty() || same_name(shown_domain, domain))
    }
}

fn same_name(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

impl PartialEq for Account {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Account {}

impl Hash for Account {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.domain.is_empty() {
            f.write_str(&self.user)
        } else {
            write!(f, "{}\\{}", self.domain, self.user)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_realm_is_a_domain() {
        assert_eq!(Account::new("", "Admin@LAB.EXAMPLE.COM"), Account::new("lab.example.com", "admin"));
        assert_ne!(Account::new("", "admin@LAB"), Account::new("", "admin"));
        assert_ne!(Account::new("A", "x@B"), Account::new("B", "x"));
    }
}
