use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use netsession_proto::query::UserName;

/// A user and the domain that the user belongs to, compared without regard to case.
///
/// Parsed and shown as administrators write it:
///
/// | text | account |
/// |---|---|
/// | `DOMAIN\user`, `DOMAIN/user` | of a domain, by its short name or its DNS name |
/// | `user@REALM` | of a domain, by its DNS name: a principal of Kerberos. The same account as `REALM\user` |
/// | `user\@suffix@REALM` | of a domain: an enterprise name, as `klist` shows it after `kinit -E` |
/// | `user` | of the server itself |
///
/// ```
/// use netsession::Account;
///
/// let account: Account = r"LAB\admin".parse()?;
/// assert_eq!((account.domain(), account.user()), ("LAB", "admin"));
/// assert_eq!(account, Account::new("Admin").in_domain("lab"));
/// assert_eq!(account, "LAB/admin".parse()?);
/// assert_eq!(account, "admin@LAB".parse()?);
/// assert_ne!(account, Account::new("admin"));
/// assert_eq!(account.to_string(), r"LAB\admin");
/// assert!(r"LAB\".parse::<Account>().is_err());
/// # Ok::<(), netsession::ParseAccountError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Account {
    domain: String,
    user: String,
}

impl Account {
    /// The account of this user, without a domain: `admin`, or `admin@REALM` as a whole. The text is not split; use
    /// [`parse`](str::parse) for `DOMAIN\user`.
    #[must_use]
    pub fn new(user: impl Into<String>) -> Self {
        Self { domain: String::new(), user: user.into() }
    }

    /// The same user in this domain. An empty text means no domain.
    #[must_use]
    pub fn in_domain(self, domain: impl Into<String>) -> Self {
        Self { domain: domain.into(), ..self }
    }

    /// The domain; empty if there is none, and for `user@REALM`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The user; `user@REALM` as a whole for an account in that form.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Whether the account is named as `user@REALM`, which is a principal of Kerberos.
    #[must_use]
    pub fn has_realm(&self) -> bool {
        self.user_and_realm().is_some()
    }

    /// User and realm of an account that is named as `user@REALM`.
    pub(crate) fn user_and_realm(&self) -> Option<(&str, &str)> {
        let (user, realm) = split_realm(&self.user)?;
        (self.domain.is_empty() && !user.is_empty() && !realm.is_empty()).then_some((user, realm))
    }

    /// Whether a domain or a realm is named. Without one, it is another account on each server.
    pub(crate) fn names_a_domain(&self) -> bool {
        !self.parts().0.is_empty()
    }

    /// Domain and user apart, for `user@REALM` as well.
    fn parts(&self) -> (&str, &str) {
        match split_realm(&self.user) {
            Some((user, realm)) if self.domain.is_empty() && !user.is_empty() => (realm, user),
            _ => (&self.domain, &self.user),
        }
    }

    /// Domain and user in lower case: equal accounts have equal keys.
    pub(crate) fn key(&self) -> (String, String) {
        let (domain, user) = self.parts();
        (domain.to_lowercase(), user.to_lowercase())
    }

    /// Whether a session that a server shows as `shown` may belong to this account: the same user, and the same
    /// domain where both name one in the same way.
    pub(crate) fn may_be_shown_as(&self, shown: &str) -> bool {
        // The realm of `user@REALM` is not compared: the server shows the short name of the domain instead.
        let (_, user) = self.parts();
        UserName::bare(user).in_domain(&self.domain).matches(shown)
    }
}

/// User and realm of a principal. In an enterprise name, `user\@suffix@REALM`, the `@` of the user is escaped.
fn split_realm(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once('@').filter(|(user, _)| !user.ends_with('\\'))
}

/// Whether this is an enterprise name with its realm: `user\@suffix@REALM`, as the tools of Kerberos show it.
fn is_enterprise(text: &str) -> bool {
    let is_plain = |part: &str| !part.is_empty() && !part.contains(['\\', '@']);
    let parts = text.split_once(r"\@").and_then(|(user, rest)| Some((user, split_realm(rest)?)));
    parts.is_some_and(|(user, (suffix, realm))| is_plain(user) && is_plain(suffix) && is_plain(realm))
}

impl FromStr for Account {
    type Err = ParseAccountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_enterprise(text) && !text.contains('\0') {
            return Ok(Self::new(text));
        }
        // As Samba's tools read it: a backslash counts before a slash, and the slash of a principal with an instance
        // (`nfs/fs1@REALM`) belongs to its name.
        let separator =
            if text.contains('\\') { Some('\\') } else { Some('/').filter(|_| !text.contains('@')) };
        // The first one counts: a second one is an error of the user name below.
        let (domain, user) = match separator.and_then(|separator| text.split_once(separator)) {
            Some(("", _)) => return Err(ParseAccountError::EmptyDomain),
            Some((domain, user)) => (domain, user),
            None => ("", text),
        };
        if user.is_empty() {
            return Err(ParseAccountError::EmptyUser);
        }
        let is_split_again =
            domain.contains('/') || separator.is_some_and(|separator| user.contains(separator));
        if is_split_again || (!domain.is_empty() && user.contains('@')) {
            return Err(ParseAccountError::TwoDomains);
        }
        // A NUL ends the name in C libraries: GSSAPI would log on another user.
        if text.contains('\0') {
            return Err(ParseAccountError::Nul);
        }
        Ok(Self::new(user).in_domain(domain))
    }
}

/// A text that is not an [`Account`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseAccountError {
    /// There is no user: the text is empty, or ends with the domain.
    #[error("the user name is empty")]
    EmptyUser,
    /// A backslash or a slash with nothing before it.
    #[error("the domain is empty")]
    EmptyDomain,
    /// `DOMAIN\user@REALM`, or more than one separator.
    #[error("the domain is named twice")]
    TwoDomains,
    /// A NUL character, which no account name has.
    #[error("the name contains a NUL character")]
    Nul,
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

    fn account(text: &str) -> Account {
        text.parse().unwrap()
    }

    #[test]
    fn realm_equals_domain() {
        assert_eq!(account("Admin@LAB.EXAMPLE.COM"), account(r"lab.example.com\admin"));
        assert_ne!(account("admin@LAB"), account("admin"));
        assert_ne!(Account::new("x@B").in_domain("A"), account(r"B\x"));
    }

    #[test]
    fn accepted_forms_are_shown_as_typed() {
        for (text, domain, user) in [
            ("admin", "", "admin"),
            (r"LAB\admin", "LAB", "admin"),
            ("admin@LAB.EXAMPLE", "", "admin@LAB.EXAMPLE"),
            ("nfs/fs1.lab.example@LAB.EXAMPLE", "", "nfs/fs1.lab.example@LAB.EXAMPLE"),
            ("adm in", "", "adm in"),
            (r"upn.admin\@corp.example@AD.LAB.TEST", "", r"upn.admin\@corp.example@AD.LAB.TEST"),
        ] {
            let account = account(text);
            assert_eq!((account.domain(), account.user()), (domain, user));
            assert_eq!(account.to_string(), text);
        }
    }

    #[test]
    fn slash_separates_a_domain_as_a_backslash_does() {
        for (text, shown) in [
            ("LAB/admin", r"LAB\admin"),
            ("lab.example/adm in", r"lab.example\adm in"),
            // A backslash counts before a slash.
            (r"LAB\a/b", r"LAB\a/b"),
        ] {
            assert_eq!(account(text).to_string(), shown);
        }
    }

    #[test]
    fn refused_forms() {
        use ParseAccountError::{EmptyDomain, EmptyUser, Nul, TwoDomains};
        for (text, error) in [
            ("", EmptyUser),
            (r"LAB\", EmptyUser),
            (r"\admin", EmptyDomain),
            ("LAB/", EmptyUser),
            ("/admin", EmptyDomain),
            (r"LAB\x\admin", TwoDomains),
            ("LAB/x/admin", TwoDomains),
            (r"LAB/x\admin", TwoDomains),
            (r"LAB\admin@LAB", TwoDomains),
            (r"admin\@corp.example", TwoDomains),
            (r"LAB\x\@corp@LAB", TwoDomains),
            ("a\0b", Nul),
            ("L\0\\admin", Nul),
        ] {
            assert_eq!(text.parse::<Account>(), Err(error), "{text:?}");
        }
    }

    #[test]
    fn only_user_at_realm_has_a_realm() {
        for (text, has_realm) in
            [("admin@LAB", true), ("@LAB", false), ("admin@", false), (r"LAB\admin", false)]
        {
            assert_eq!(account(text).has_realm(), has_realm, "{text}");
        }
    }
}
