use std::collections::BTreeMap;
use std::env;
use std::io;

use anyhow::{Context as _, Result, bail};
use netsession::Credentials;
use netsession_exporter::{Rule, Settings, Target};
use tracing::debug;

use crate::cli::Kerberos;
use crate::config::{Config, Named, Proof};
use crate::identity::{self, Login, Outside};
use crate::target;

/// What the configuration says, with passwords read and programs for them run.
pub(super) fn of(config: &Config, warn: &mut dyn FnMut(&str)) -> Result<Settings> {
    let mut known = Known { config, warn, credentials: BTreeMap::new() };
    let mut settings = Settings::default();
    let exporter = &config.exporter;
    for rule in &exporter.patterns {
        let pattern = rule.pattern.parse().with_context(|| rule.pattern.clone())?;
        settings.patterns.push(Rule { pattern, credentials: known.credentials(&rule.credentials)? });
    }
    for (name, server) in &config.servers {
        let target = target::Target::parse(name)?;
        let credentials = match &server.credentials {
            Some(credentials) => Some(known.credentials(credentials)?),
            None => by_pattern(&settings.patterns, &target)?,
        };
        let Some(credentials) = credentials else {
            debug!("{name} is no target: its entry has no credentials, and it matches no pattern");
            continue;
        };
        settings.targets.push(Target {
            name: target.to_string(),
            address: config.address_of(&target).to_string(),
            credentials,
        });
    }
    let Settings { timeout, min_interval, concurrency, .. } = settings;
    settings.timeout = exporter.timeout.unwrap_or(timeout);
    settings.min_interval = exporter.min_interval.unwrap_or(min_interval);
    settings.concurrency = exporter.concurrency.unwrap_or(concurrency);
    settings.user_labels = exporter.user_labels.unwrap_or_default();
    settings.client_labels = exporter.client_labels.unwrap_or_default();
    settings.idle_limits = exporter.idle_limits.clone().unwrap_or(settings.idle_limits);
    settings.connected_limits = exporter.connected_limits.clone().unwrap_or(settings.connected_limits);
    Ok(settings)
}

/// What an entry without credentials is asked with. Where it is, its entry says all the same.
fn by_pattern(rules: &[Rule], target: &target::Target) -> Result<Option<Credentials>> {
    let server = target.to_string().parse()?;
    let rule = rules.iter().find(|rule| rule.pattern.matches(&server));
    Ok(rule.map(|rule| rule.credentials.clone()))
}

/// Credentials by their name, each read once.
struct Known<'a> {
    config: &'a Config,
    warn: &'a mut dyn FnMut(&str),
    credentials: BTreeMap<String, Credentials>,
}

impl Known<'_> {
    fn credentials(&mut self, name: &str) -> Result<Credentials> {
        if let Some(credentials) = self.credentials.get(name) {
            return Ok(credentials.clone());
        }
        let named = self.config.credentials.get(name).with_context(|| format!("no credentials {name}"))?;
        let credentials = self.read(named)?;
        self.credentials.insert(name.to_owned(), credentials.clone());
        Ok(credentials)
    }

    fn read(&mut self, named: &Named) -> Result<Credentials> {
        // A password that nothing in the configuration names would go to servers it is not for.
        let is_named = matches!(&named.proof, Proof::Variable(name) if name == identity::PASSWORD);
        let variable = |name: &str| env::var_os(name).filter(|_| name != identity::PASSWORD || is_named);
        let mut prompt = |login: &Login| {
            bail!(
                "no password of {login}: give its credentials password_file, password_env, password_command or keytab"
            )
        };
        let by_address = self.is_for_an_address(named);
        let mut outside = Outside {
            variable: &variable,
            stdin: &mut io::empty(),
            prompt: &mut prompt,
            // Tickets come and go while it runs: each probe sees for itself.
            ticket: &|login| login.cloned().ok_or_else(|| "no login".to_owned()),
            warn: &mut *self.warn,
        };
        let identity = identity::unattended(named, by_address, &mut outside)
            .with_context(|| format!("credentials {}", named.name))?;
        Ok(identity.into_credentials(Kerberos::Auto))
    }

    /// Whether some server that they are for is named by its IP address, for which there are no tickets.
    fn is_for_an_address(&self, named: &Named) -> bool {
        self.config.servers.iter().any(|(name, server)| {
            let target = target::Target::parse(name).ok();
            server.credentials.as_deref() == Some(named.name.as_str())
                && target.is_some_and(|target| self.config.is_by_address(&target))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn settings(text: &str, folder: &Path) -> Result<Settings> {
        let (config, faults) = Config::parse(text, folder);
        assert_eq!(faults, []);
        of(&config, &mut |_| ())
    }

    #[test]
    fn each_target_has_the_credentials_that_it_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("lab"), "hunter2\n").unwrap();
        let text = r#"
            [servers]
            fs1 = { address = "10.0.0.5:4455", credentials = "lab" }
            FS2 = { credentials = "key" }
            fs3 = {}
            nas1 = { address = "10.0.0.7:4455" }
            "nas1.example.com" = { address = "10.0.0.8" }
            [credentials]
            lab = { login = 'LAB\monitor', password_file = "lab" }
            key = { login = "svc@LAB.EXAMPLE" }
            [exporter]
            timeout = "20s"
            min_interval = "10s"
            concurrency = 8
            user_labels = 5
            idle_limits = ["8h", "1h", "60m"]
            [[exporter.patterns]]
            match = "nas*.example.com"
            credentials = "lab"
        "#;
        let settings = settings(text, folder.path()).unwrap();
        let targets: Vec<_> = settings
            .targets
            .iter()
            .map(|target| format!("{} {} {}", target.name, target.address, target.credentials.account()))
            .collect();
        // One that only a pattern lets be asked is where its entry says.
        let by_pattern = r"nas1.example.com 10.0.0.8 LAB\monitor";
        assert_eq!(targets, [r"fs1 10.0.0.5:4455 LAB\monitor", "fs2 fs2 svc@LAB.EXAMPLE", by_pattern]);
        assert_eq!(settings.patterns[0].credentials.account().to_string(), r"LAB\monitor");
        assert_eq!((settings.timeout.as_secs(), settings.min_interval.as_secs()), (20, 10));
        assert_eq!((settings.concurrency, settings.user_labels, settings.client_labels), (8, 5, 0));
        assert_eq!(
            settings.idle_limits.iter().map(|limit| limit.as_secs()).collect::<Vec<_>>(),
            [3600, 28_800]
        );
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn nobody_is_asked_for_a_password() {
        let text = r#"
            [servers]
            fs1 = { address = "10.0.0.5", credentials = "lab" }
            [credentials]
            lab = { login = 'LAB\monitor' }
        "#;
        let error = format!("{:#}", settings(text, Path::new("/")).unwrap_err());
        assert!(error.contains(r"no password of LAB\monitor"), "{error}");
    }
}
