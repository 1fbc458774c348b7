use std::collections::BTreeMap;

use netsession::{Account, Credentials, ServerName};

use crate::{Rule, Settings, Target};

/// The servers that may be asked.
#[derive(Debug)]
pub(crate) struct Allowed {
    named: BTreeMap<String, Target>,
    rules: Vec<Rule>,
}

/// A server that may be asked.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The same for every spelling of its name.
    pub(crate) key: String,
    /// It has an entry of its own.
    pub(crate) is_named: bool,
    pub(crate) address: String,
    pub(crate) credentials: Credentials,
}

/// Why a server is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is no name of a server.
    NoServer,
    /// Nothing in the configuration lets it be asked.
    NotAllowed,
}

impl Allowed {
    pub(crate) fn new(settings: &Settings) -> Self {
        let named = settings.targets.iter().map(|target| (key_of(&target.name), target.clone())).collect();
        Self { named, rules: settings.patterns.clone() }
    }

    /// The entry of a server that somebody wants to be asked.
    pub(crate) fn find(&self, target: &str) -> Result<Entry, Refused> {
        let server: ServerName = target.parse().map_err(|_| Refused::NoServer)?;
        let key = server.to_string().to_lowercase();
        if let Some(Target { address, credentials, .. }) = self.named.get(&key) {
            let (address, credentials) = (address.clone(), credentials.clone());
            return Ok(Entry { key, is_named: true, address, credentials });
        }
        let rule = self.rules.iter().find(|rule| rule.pattern.matches(&server));
        let rule = rule.ok_or(Refused::NotAllowed)?;
        Ok(Entry { address: key.clone(), key, is_named: false, credentials: rule.credentials.clone() })
    }

    /// The servers with an entry of their own, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    pub(crate) fn is_named(&self, key: &str) -> bool {
        self.named.contains_key(key)
    }

    /// Every account that somebody is asked as, once.
    pub(crate) fn accounts(&self) -> Vec<Account> {
        let of_named = self.named.values().map(|target| target.credentials.account());
        let of_rules = self.rules.iter().map(|rule| rule.credentials.account());
        let mut accounts = Vec::new();
        for account in of_named.chain(of_rules) {
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        accounts
    }
}

fn key_of(name: &str) -> String {
    let server: Result<ServerName, _> = name.parse();
    server.map_or_else(|_| name.to_owned(), |server| server.to_string()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(user: &str) -> Credentials {
        Credentials::ntlm(Account::new(user).in_domain("LAB"), netsession::Password::new("secret"))
    }

    fn allowed() -> Allowed {
        let target = |name: &str, address: &str, user| Target {
            name: name.into(),
            address: address.into(),
            credentials: who(user),
        };
        let rule = |pattern: &str, user| Rule { pattern: pattern.parse().unwrap(), credentials: who(user) };
        Allowed::new(&Settings {
            targets: vec![target("FS1", "10.0.0.5", "one"), target("fs2:4455", "fs2:4455", "two")],
            patterns: vec![rule("fs*", "stars"), rule("*", "all")],
            ..Settings::default()
        })
    }

    fn found(target: &str) -> Result<(String, String, String), Refused> {
        let entry = allowed().find(target)?;
        Ok((entry.key, entry.address, entry.credentials.account().user().to_owned()))
    }

    #[test]
    fn each_server_is_asked_as_its_entry_says() {
        for (target, key, address, user) in [
            ("fs1", "fs1", "10.0.0.5", "one"),
            (r"\\Fs1:445", "fs1", "10.0.0.5", "one"),
            ("fs2:4455", "fs2:4455", "fs2:4455", "two"),
            ("FS2", "fs2", "fs2", "stars"),
            ("nas", "nas", "nas", "all"),
        ] {
            assert_eq!(found(target), Ok((key.into(), address.into(), user.into())), "{target}");
        }
    }

    #[test]
    fn what_is_not_allowed_is_not_asked() {
        for target in ["10.0.0.5", "fs1.evil.example", "fs1:4455", "::1"] {
            assert_eq!(found(target), Err(Refused::NotAllowed), "{target}");
        }
        for target in ["", "fs1/share", "a b", "fs1:99999"] {
            assert_eq!(found(target), Err(Refused::NoServer), "{target}");
        }
    }

    #[test]
    fn accounts_are_counted_once() {
        assert_eq!(allowed().accounts().len(), 4);
    }
}
