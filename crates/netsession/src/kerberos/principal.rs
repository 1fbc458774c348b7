use crate::Account;

/// Whether the account is the one that a ticket of `principal` logs on.
///
/// `user@REALM` is compared as it is, without regard to case. In `DOMAIN\user` the domain is the realm or its
/// first label, as domains are named by default. A user alone is an account of the server itself, and has a
/// ticket only where `bare` says that Kerberos is wanted in any case.
pub(super) fn is_of(account: &Account, principal: &str, bare: bool) -> bool {
    let (user, realm) = split(principal);
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let (wanted_user, wanted_realm) = match realm_of(account) {
        Some((user, realm)) => (user, Some(realm)),
        None => (account.user(), Some(account.domain()).filter(|domain| !domain.is_empty())),
    };
    let label = realm.split('.').next().unwrap_or(realm);
    same(wanted_user, user)
        && wanted_realm.map_or(bare, |wanted| {
            same(wanted, realm) || (!account.domain().is_empty() && same(wanted, label))
        })
}

/// User and realm of an account that is named as `user@REALM`.
pub(crate) fn realm_of(account: &Account) -> Option<(&str, &str)> {
    let (user, realm) = account.user().rsplit_once('@')?;
    (account.domain().is_empty() && !user.is_empty() && !realm.is_empty()).then_some((user, realm))
}

/// The account as a principal. A realm is in upper case by convention, and compared with regard to case: one
/// that is typed in lower case alone is meant so.
pub(super) fn principal_of(account: &Account) -> Option<String> {
    let (user, realm) = realm_of(account)?;
    let typed_with_care = realm.chars().any(char::is_uppercase);
    let realm = if typed_with_care { realm.to_owned() } else { realm.to_uppercase() };
    Some(format!("{user}@{realm}"))
}

fn split(principal: &str) -> (&str, &str) {
    principal.rsplit_once('@').unwrap_or((principal, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_ticket_it_is() {
        let ticket = "LabAdm@ADLAB.TEST";
        for (domain, user, bare, expected) in [
            ("", "labadm@adlab.test", false, true),
            ("", "labadm@OTHER.TEST", false, false),
            ("", "labadm@ADLAB", false, false),
            ("ADLAB", "labadm", false, true),
            ("adlab.test", "labadm", false, true),
            ("OTHER", "labadm", false, false),
            ("ADLAB", "bob", false, false),
            ("", "labadm", false, false),
            ("", "labadm", true, true),
            ("", "bob", true, false),
        ] {
            let account = Account::new(domain, user);
            assert_eq!(is_of(&account, ticket, bare), expected, "{account} {bare}");
        }
    }

    #[test]
    fn realms_are_in_upper_case_unless_typed_otherwise() {
        let of = |user: &str| principal_of(&Account::new("", user));
        assert_eq!(of("admin@lab.test").as_deref(), Some("admin@LAB.TEST"));
        assert_eq!(of("admin@Lab.test").as_deref(), Some("admin@Lab.test"));
        assert_eq!(of("admin"), None);
        assert_eq!(principal_of(&Account::new("LAB", "admin@LAB")), None);
    }
}
