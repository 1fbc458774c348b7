use std::collections::BTreeMap;

use netsession::{Account, ConnectionSettings, Credentials, ServerName};

use crate::settings::{Rule, Settings, Target};

/// The servers that may be probed. The HTTP client only chooses among them: it could otherwise have the log-on of an
/// administrator sent to a machine of its own.
#[derive(Debug)]
pub(crate) struct Allowlist {
    listed: BTreeMap<ServerName, Target>,
    rules: Vec<Rule>,
}

/// A server that may be probed.
#[derive(Debug, Clone)]
pub(crate) struct AllowedTarget {
    /// Normalized, so that every spelling of it is shown alike.
    pub(crate) name: ServerName,
    /// Whether it has an entry in the configuration.
    pub(crate) is_listed: bool,
    pub(crate) address: ServerName,
    pub(crate) credentials: Credentials,
    pub(crate) connection: ConnectionSettings,
}

/// Why a target is not probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetError {
    /// It is not the name of a server.
    InvalidName,
    /// The configuration does not allow it.
    NotAllowed,
}

impl Allowlist {
    pub(crate) fn new(settings: &Settings) -> Self {
        let listed = settings.targets.iter().map(|target| (target.name.clone(), target.clone())).collect();
        Self { listed, rules: settings.patterns.clone() }
    }

    /// Where a target is, and the credentials for it.
    pub(crate) fn find(&self, target: &str) -> Result<AllowedTarget, TargetError> {
        let server: ServerName = target.parse().map_err(|_| TargetError::InvalidName)?;
        self.find_server(&server).ok_or(TargetError::NotAllowed)
    }

    /// As [`find`](Self::find), of a name that has been parsed before.
    pub(crate) fn find_server(&self, server: &ServerName) -> Option<AllowedTarget> {
        let name = server.normalized();
        if let Some(Target { address, credentials, connection, .. }) = self.listed.get(server) {
            let (address, credentials) = (address.clone(), credentials.clone());
            let connection = connection.clone();
            return Some(AllowedTarget { name, is_listed: true, address, credentials, connection });
        }
        let rule = self.rules.iter().find(|rule| rule.pattern.matches(&name))?;
        let (address, credentials) = (name.clone(), rule.credentials.clone());
        let connection = rule.connection.clone();
        Some(AllowedTarget { name, is_listed: false, address, credentials, connection })
    }

    /// The normalized names of the servers with an entry in the configuration, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = ServerName> {
        self.listed.keys().map(ServerName::normalized)
    }

    /// The number of servers with an entry in the configuration.
    pub(crate) fn listed(&self) -> usize {
        self.listed.len()
    }

    /// The credentials of all entries and patterns.
    pub(crate) fn credentials(&self) -> impl Iterator<Item = &Credentials> {
        let of_listed = self.listed.values().map(|target| &target.credentials);
        of_listed.chain(self.rules.iter().map(|rule| &rule.credentials))
    }

    /// The accounts of all credentials, without duplicates.
    pub(crate) fn accounts(&self) -> Vec<Account> {
        let mut accounts = Vec::new();
        for account in self.credentials().map(Credentials::account) {
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        accounts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(user: &str) -> Credentials {
        Credentials::ntlm(Account::new(user).in_domain("LAB"), netsession::Password::new("secret"))
    }

    fn allowlist() -> Allowlist {
        let target = |name: &str, address: &str, user| {
            Target::new(name.parse().unwrap(), credentials(user)).address(address.parse().unwrap())
        };
        let rule = |pattern: &str, user| Rule::new(pattern.parse().unwrap(), credentials(user));
        Allowlist::new(&Settings {
            targets: vec![
                target("FS1", "10.0.0.5", "one"),
                target("fs2:4455", "fs2:4455", "two"),
                target("FE80:0::1%Eth0", "fs3", "three"),
            ],
            patterns: vec![rule("fs*", "stars"), rule("*", "all"), rule("10.1.*.*", "numbers")],
            ..Settings::default()
        })
    }

    fn find(target: &str) -> Result<(String, String, String), TargetError> {
        let found = allowlist().find(target)?;
        Ok((found.name.to_string(), found.address.to_string(), found.credentials.account().user().to_owned()))
    }

    #[test]
    fn target_has_address_and_credentials_of_its_entry() {
        for (target, key, address, user) in [
            ("fs1", "fs1", "10.0.0.5", "one"),
            (r"\\Fs1:445", "fs1", "10.0.0.5", "one"),
            ("fs2:4455", "fs2:4455", "fs2:4455", "two"),
            ("FS2", "fs2", "fs2", "stars"),
            ("nas", "nas", "nas", "all"),
            ("[fe80::1%Eth0]:445", "fe80::1%Eth0", "fs3", "three"),
            ("::ffff:10.1.2.3", "10.1.2.3", "10.1.2.3", "numbers"),
        ] {
            assert_eq!(find(target), Ok((key.into(), address.into(), user.into())), "{target}");
        }
    }

    #[test]
    fn other_targets_are_refused() {
        for target in ["10.0.0.5", "fs1.evil.example", "fs1:4455", "::1", "fe80::1%eth0", "::ffff:10.0.0.5"] {
            assert_eq!(find(target), Err(TargetError::NotAllowed), "{target}");
        }
        for target in ["", "fs1/share", "a b", "fs1:99999"] {
            assert_eq!(find(target), Err(TargetError::InvalidName), "{target}");
        }
    }

    #[test]
    fn accounts_have_no_duplicates() {
        assert_eq!(allowlist().accounts().len(), 6);
    }
}
