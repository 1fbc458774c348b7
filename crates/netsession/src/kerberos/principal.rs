use crate::Account;

/// Whether a ticket of `principal` logs on this account.
///
/// `user@REALM` is compared as it is, without regard to case. In `DOMAIN\user` the domain is the realm or its
/// first label, as domains are named by default. The ticket of an enterprise name, `user\@suffix@REALM`, is of the
/// account `user@suffix`, too. A user alone is an account of the server itself, and has a
/// ticket only where `bare` says that Kerberos is wanted in any case.
pub(super) fn is_owner(account: &Account, principal: &str, bare: bool) -> bool {
    let (user, realm) = split(principal);
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    if user.contains(r"\@") && account.domain().is_empty() && same(account.user(), &user.replace(r"\@", "@"))
    {
        return true;
    }
    let (wanted_user, wanted_realm) = match account.user_and_realm() {
        Some((user, realm)) => (user, Some(realm)),
        None => (account.user(), Some(account.domain()).filter(|domain| !domain.is_empty())),
    };
    let label = realm.split('.').next().unwrap_or(realm);
    same(wanted_user, user)
        && wanted_realm.map_or(bare, |wanted| {
            same(wanted, realm) || (!account.domain().is_empty() && same(wanted, label))
        })
}

/// The account as a principal. A realm is in upper case by convention, and KDCs compare it with regard to case: one
/// that is typed in lower case only is made upper case.
pub(super) fn principal_name(account: &Account) -> Option<String> {
    let (user, realm) = account.user_and_realm()?;
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
    fn ticket_belongs_to_its_login_alone() {
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
            let account = Account::new(user).in_domain(domain);
            assert_eq!(is_owner(&account, ticket, bare), expected, "{account} {bare}");
        }
    }

    #[test]
    fn enterprise_ticket_belongs_to_its_login_alone() {
        let ticket = r"upn.admin\@corp.example@AD.LAB.TEST";
        for (login, expected) in [
            (ticket, true),
            ("UPN.admin@corp.example", true),
            ("upn.admin@AD.LAB.TEST", false),
            ("other@corp.example", false),
        ] {
            assert_eq!(is_owner(&login.parse().unwrap(), ticket, false), expected, "{login}");
        }
    }

    #[test]
    fn lower_case_realm_becomes_upper_case() {
        let name = |user: &str| principal_name(&Account::new(user));
        assert_eq!(name("admin@lab.test").as_deref(), Some("admin@LAB.TEST"));
        assert_eq!(name("admin@Lab.test").as_deref(), Some("admin@Lab.test"));
        assert_eq!(name("admin"), None);
        assert_eq!(principal_name(&Account::new("admin@LAB").in_domain("LAB")), None);
    }
}
