use super::folded;

/// A user as an administrator or a server writes it, for a comparison of one with the other.
///
/// Servers write the same user in several ways: `bob`, `LAB\bob`, with another `winbind separator` `LAB+bob`, or by the
/// DNS name of the domain. Compared without regard to case:
///
/// - a user without a domain matches that user in any domain;
/// - with a domain both must match, unless the other side shows none;
/// - the DNS name of a domain (`bob@lab.example`) and a short name (`LAB`) cannot be compared, and match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName {
    domain: Option<String>,
    name: String,
    /// As it was written.
    whole: String,
}

/// Characters that stand between domain and user, beside the backslash. No account of a domain has them in its name,
/// or nearly none, so that they separate wherever they stand. `winbind separator` of Samba can be any character: of the
/// others (`-`, `_`, `.`) names are full.
const SEPARATORS: [char; 13] = ['/', '+', ':', ';', '=', '|', ',', '#', '%', '!', '~', '&', '^'];

impl UserName {
    /// A user that is written as one text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let (domain, name) = split_user(text);
        Self { domain: domain.map(folded), name: folded(name), whole: folded(text) }
    }

    /// A user by the name alone, whatever characters are in it.
    #[must_use]
    pub fn bare(name: &str) -> Self {
        let name = folded(name);
        Self { domain: None, whole: name.clone(), name }
    }

    /// The same name in this domain; an empty one is none, and so is `.`, the server's own.
    #[must_use]
    pub fn in_domain(self, domain: &str) -> Self {
        match domain {
            "" | "." => Self::bare(&self.name),
            _ => {
                let domain = folded(domain);
                let whole = format!(r"{domain}\{}", self.name);
                Self { domain: Some(domain), whole, ..self }
            }
        }
    }

    /// The user without the domain, in lower case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether neither a user nor a domain is named: nothing but backslashes, brackets and blanks. `\` is how the user of
    /// a null session can be written, for whom servers show an empty name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        names_nobody(&self.whole)
    }

    /// Whether a domain is named and no user in it, as in `LAB\`.
    ///
    /// ```
    /// use netsession_proto::query::UserName;
    ///
    /// assert!(UserName::new(r"LAB\").is_domain_alone());
    /// assert!(!UserName::new(r"LAB\alice").is_domain_alone() && !UserName::new(r"\").is_domain_alone());
    /// ```
    #[must_use]
    pub fn is_domain_alone(&self) -> bool {
        names_nobody(&self.name) && !self.is_empty()
    }

    /// Whether a server that shows `shown` may mean this user.
    #[must_use]
    pub fn matches(&self, shown: &str) -> bool {
        self.matches_if(shown, |ours, theirs| match (ours, theirs) {
            // The short name of a domain need not be the first part of its DNS name.
            (Some(ours), Some(theirs)) => ours == theirs || ours.contains('.') != theirs.contains('.'),
            _ => true,
        })
    }

    /// Whether a server that shows `shown` means this user: as [`matches`](Self::matches), but the DNS name of a domain
    /// is not taken for a short name. For what cannot be undone.
    #[must_use]
    pub fn surely_matches(&self, shown: &str) -> bool {
        self.matches_if(shown, |ours, theirs| ours.is_none() || theirs.is_none() || ours == theirs)
    }

    /// Whether a server that shows `shown` means this user and no other: with a domain, only one that is shown in that
    /// domain, in any of the ways to write both; without one, that of any domain. For what is erased.
    #[must_use]
    pub fn is_shown_as(&self, shown: &str) -> bool {
        // A domain without a user names none of its users.
        !self.name.is_empty() && self.matches_if(shown, |ours, theirs| ours.is_none() || ours == theirs)
    }

    /// `domain_agrees` compares our domain with the one that is shown, where there are any.
    fn matches_if(&self, shown: &str, domain_agrees: impl Fn(Option<&str>, Option<&str>) -> bool) -> bool {
        !self.cannot_be_in(shown) && self.is_same_as(&Self::new(shown), domain_agrees)
    }

    fn is_same_as(&self, shown: &Self, domain_agrees: impl Fn(Option<&str>, Option<&str>) -> bool) -> bool {
        // The second: a user whose own name has an `@`, in a domain, as in `AzureAD\bob@lab.example`.
        self.whole == shown.whole
            || self.whole == shown.name
            || self.name == shown.name && domain_agrees(self.domain.as_deref(), shown.domain.as_deref())
            || self.is_joined_as(&shown.whole)
    }

    /// Whether `shown` lacks the name, wherever it is separated: of a store with thousands of users nearly all do, and
    /// nothing is allocated for them.
    fn cannot_be_in(&self, shown: &str) -> bool {
        let (name, shown_bytes) = (self.name.as_bytes(), shown.as_bytes());
        // Other texts may have another length in lower case.
        shown.is_ascii()
            && !name.is_empty()
            && !shown_bytes.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name))
    }

    /// Whether `shown` ends with this user behind a character that may be a separator or part of a name, as in `LAB_bob`.
    #[must_use]
    pub fn may_be_part_of(&self, shown: &str) -> bool {
        let shown = folded(shown);
        let rest = shown.strip_suffix(&self.name).filter(|_| !self.name.is_empty());
        rest.and_then(|rest| rest.strip_suffix(['-', '_', '.'])).is_some_and(|domain| !domain.is_empty())
    }

    /// Whether `shown` is domain and user with one character between them, whatever it is.
    fn is_joined_as(&self, shown: &str) -> bool {
        let Some(domain) = &self.domain else { return false };
        let separator = shown.strip_prefix(domain).and_then(|rest| rest.strip_suffix(&self.name));
        separator.is_some_and(|separator| {
            let mut characters = separator.chars();
            characters.next().is_some_and(|one| !one.is_alphanumeric()) && characters.next().is_none()
        })
    }
}

/// Whether there is nothing but what no account is called by: backslashes, brackets and blanks.
fn names_nobody(name: &str) -> bool {
    name.trim_matches(['\\', '[', ']', ' ']).is_empty()
}

/// Domain, where there is one, and user: of `DOMAIN\user`, `DOMAIN/user` with any separator, and `user@REALM`.
pub(super) fn split_user(user: &str) -> (Option<&str>, &str) {
    if let Some((domain, name)) = user.split_once('\\') {
        return (Some(domain).filter(|domain| !matches!(*domain, "" | ".")), name);
    }
    let (domain, name) = match user.rsplit_once('@') {
        // A slash in front of it belongs to a principal, as in `nfs/fs1@REALM`.
        Some((name, realm)) => (realm, name),
        None => user.split_once(SEPARATORS).unwrap_or(("", user)),
    };
    if domain.is_empty() || name.is_empty() { (None, user) } else { (Some(domain), name) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn name_is_without_its_domain() {
        for spelling in ["Bob", r"LAB\Bob", "BOB@lab.example"] {
            assert_eq!(UserName::new(spelling).name(), "bob", "{spelling}");
        }
        assert_eq!(UserName::bare("Bob").in_domain("LAB").name(), "bob");
    }

    #[test]
    fn name_without_a_user_is_empty_or_a_domain_alone() {
        for (text, is_empty, is_domain_alone) in [
            ("", true, false),
            (r"\", true, false),
            (r"\\", true, false),
            (" ", true, false),
            ("[]", true, false),
            (r"LAB\", false, true),
            (r"LAB\\", false, true),
            (r"LAB\ ", false, true),
            (r".\", false, true),
            (r"LAB\bob", false, false),
            (r"\bob", false, false),
            // Without a user behind it, this is a name.
            ("bob@", false, false),
            ("LAB/", false, false),
        ] {
            let user = UserName::new(text);
            assert_eq!((user.is_empty(), user.is_domain_alone()), (is_empty, is_domain_alone), "{text:?}");
        }
    }

    #[test]
    fn same_user_in_each_spelling() {
        let spellings = [
            "bob",
            r"HGLAB\bob",
            "HGLAB/bob",
            "HGLAB+bob",
            "HGLAB:bob",
            "HGLAB#bob",
            "bob@hg.test",
            r"hg.test\bob",
            "hg.test/bob",
            r".\bob",
            r"\BOB",
        ];
        for wanted in spellings {
            for shown in spellings {
                let (wanted, upper) = (UserName::new(wanted), shown.to_uppercase());
                assert!(wanted.matches(shown) && wanted.matches(&upper), "{wanted:?} {shown}");
            }
        }
    }

    proptest! {
        #[test]
        fn user_that_cannot_be_in_a_name_does_not_match_it(wanted in r"[aAkß\\@/_.]{0,5}", shown in r"[aAkKß\\@/_.]{0,7}") {
            let wanted = UserName::new(&wanted);
            prop_assert!(!wanted.cannot_be_in(&shown) || !wanted.is_same_as(&UserName::new(&shown), |_, _| true));
        }
    }

    #[test]
    fn any_separator_where_the_domain_is_known() {
        for separator in ['\\', '/', '+', '-', '_', '.', '#', '!', '@', '$', '\'', ' ', '·'] {
            let shown = format!("HGLAB{separator}bob");
            for wanted in [r"hglab\bob", "HGLAB/Bob", &shown] {
                assert!(UserName::new(wanted).matches(&shown), "{wanted} {shown}");
            }
            assert!(!UserName::new(r"OTHER\bob").matches(&shown), "{shown}");
            assert!(!UserName::new(r"HGLAB\ob").matches(&shown), "{shown}");
        }
    }

    #[test]
    fn other_users_do_not_match() {
        for (wanted, shown) in [
            ("bob", "bob2"),
            ("bob", "jim-bob"),
            ("bob", "jim_bob"),
            ("bob", "jim.bob"),
            ("bob", "HGLABbob"),
            ("hglab", "HGLAB+bob"),
            ("hg.test", "bob@hg.test"),
            ("bob@hg.test", "bob@other.test"),
            ("bob@hg.test", r"other.test\bob"),
            ("bob@hg.test", r"HGLAB\bob2"),
            (r"HGLAB\bob", "OTHER+bob"),
            (r"HGLAB\bob", "HGLABxbob"),
            ("bob@HGLAB", r"OTHER\bob"),
            ("", r"HGLAB\bob"),
            ("+bob", "bob"),
            ("bob+", "bob"),
            ("bob@", "bob"),
        ] {
            assert!(!UserName::new(wanted).matches(shown), "{wanted} {shown}");
        }
        assert!(UserName::new("bob@hg.test").matches(r"AzureAD\Bob@hg.test"));
        // The name of a session without a log-on.
        assert!(UserName::new(r"\").matches("") && UserName::new("").matches(""));
    }

    #[test]
    fn domains_that_cannot_be_compared_are_not_surely_the_same() {
        for (wanted, shown) in [
            ("bob@hg.test", r"OTHER\bob"),
            ("bob@hg.test", r"HG\bob"),
            (r"HG\bob", "bob@hg.test"),
            (r"HG\bob", r"OTHER\bob"),
            ("bob", "bob2"),
        ] {
            assert!(!UserName::new(wanted).surely_matches(shown), "{wanted} {shown}");
        }
        for (wanted, shown) in [
            ("bob", r"OTHER\bob"),
            (r"HG\bob", "bob"),
            (r"hg\BOB", "HG+bob"),
            (r"HG\bob", "bob@hg"),
            (r"HG\bob", "HG_bob"),
            ("bob@hg.test", r"HG.TEST\bob"),
            ("bob@hg.test", r"AzureAD\bob@hg.test"),
        ] {
            assert!(UserName::new(wanted).surely_matches(shown), "{wanted} {shown}");
        }
    }

    #[test]
    fn user_of_a_domain_is_no_other_one() {
        for (wanted, shown) in [
            (r"OTHER\bob", "bob"),
            (r"OTHER\bob", "bob@hg.test"),
            (r"OTHER\bob", r"HG\bob"),
            ("bob@other.example", r"HG\bob"),
            ("bob@other.example", "bob"),
            (r"HG\bob", "bob@hg.test"),
            (r"HG\", "bob"),
            (r"HG\", r"HG\"),
            ("", ""),
            ("bob", "bob2"),
        ] {
            assert!(!UserName::new(wanted).is_shown_as(shown), "{wanted} {shown}");
        }
        for (wanted, shown) in [
            ("bob", "Bob"),
            ("bob", r"OTHER\bob"),
            ("bob", "bob@hg.test"),
            (r"HG\bob", "bob@hg"),
            (r"hg\BOB", "HG+bob"),
            (r"HG\bob", "HG_bob"),
            ("HG/bob", r"HG\bob"),
            ("bob@hg.test", r"HG.TEST\bob"),
            ("bob@hg.test", r"AzureAD\bob@hg.test"),
        ] {
            assert!(UserName::new(wanted).is_shown_as(shown), "{wanted} {shown}");
        }
    }

    #[test]
    fn user_with_its_domain_apart() {
        let user = |domain: &str, name: &str| UserName::bare(name).in_domain(domain);
        assert!(user("HG.TEST", "bob").matches(r"HGLAB\bob"));
        assert!(user("HGLAB", "bob").matches("HGLAB_bob"));
        assert!(user(".", "bob").matches(r"FS1\bob") && user("", "bob").matches(r"FS1\bob"));
        assert!(!user("HGLAB", "bob").matches(r"OTHER\bob"));
    }

    #[test]
    fn user_behind_a_character_of_names_is_noticed() {
        assert!(UserName::new("bob").may_be_part_of("HGLAB_Bob"));
        assert!(UserName::new("bob@hg.test").may_be_part_of("HGLAB-bob"));
        for shown in ["bob", "_bob", "HGLABbob", r"HGLAB\bob", "HGLAB_bob2"] {
            assert!(!UserName::new("bob").may_be_part_of(shown), "{shown}");
        }
    }
}
