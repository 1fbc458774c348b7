use std::collections::BTreeMap;
use std::env;
use std::io;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use netsession::{Account, Credentials, Kerberos, ServerName};
use netsession_exporter::{Rule, Settings, Target};
use tracing::info;

use crate::identity::{self, Environment};
use crate::model::{Configuration, NamedCredentials, PasswordSource, PatternRule};

/// No person is there to type anything, and a reload waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the configuration says, with passwords read and programs for them run.
pub(super) fn settings(config: &Configuration, warn: &mut dyn FnMut(&str)) -> Result<Settings> {
    let mut read = ReadCredentials { config, warn, by_name: BTreeMap::new() };
    let mut settings = Settings::default();
    let exporter = &config.exporter;
    for rule in &exporter.patterns {
        let named = named(config, &rule.credentials)?;
        let required = named.requirements.or(exporter.requirements);
        let rule = Rule::new(rule.pattern.clone(), read.credentials(named)?);
        settings.patterns.push(rule.connection(required.into_settings(None)));
    }
    for (name, server) in &config.servers {
        let rule = by_pattern(&exporter.patterns, name);
        let Some(of_server) = server.credentials.as_ref().or(rule) else {
            info!("{name} is no target: its entry has no credentials, and it matches no pattern");
            continue;
        };
        let named = named(config, of_server)?;
        let required = config.requirements_of(name, Some(named)).or(exporter.requirements);
        let target = Target::new(name.clone(), read.credentials(named)?)
            .address(config.address_of(name).clone())
            .connection(required.into_settings(config.service_of(name)));
        settings.targets.push(target);
    }
    let Settings { timeout, min_interval, concurrency, log_ons_at_once, max_sessions, max_memory, .. } =
        settings;
    settings.timeout = exporter.timeout.unwrap_or(timeout);
    settings.min_interval = exporter.min_interval.unwrap_or(min_interval);
    settings.concurrency = exporter.concurrency.unwrap_or(concurrency);
    settings.log_ons_at_once = exporter.log_ons_at_once.unwrap_or(log_ons_at_once);
    settings.keep_connections = exporter.keep_connections.unwrap_or(settings.keep_connections);
    settings.max_connections = exporter.max_connections.unwrap_or(settings.max_connections);
    settings.user_labels = exporter.user_labels.unwrap_or_default();
    settings.client_labels = exporter.client_labels.unwrap_or_default();
    settings.files = exporter.files.unwrap_or_default();
    settings.shares = exporter.shares.clone().unwrap_or_default();
    settings.max_sessions = exporter.max_sessions.unwrap_or(max_sessions);
    settings.max_memory = exporter.max_memory.unwrap_or(max_memory);
    settings.idle_limits = exporter.idle_limits.clone().unwrap_or(settings.idle_limits);
    settings.connected_limits = exporter.connected_limits.clone().unwrap_or(settings.connected_limits);
    Ok(settings)
}

/// The name of the credentials for an entry that has none itself.
fn by_pattern<'a>(rules: &'a [PatternRule], server: &ServerName) -> Option<&'a String> {
    rules.iter().find(|rule| rule.pattern.matches(server)).map(|rule| &rule.credentials)
}

fn named<'a>(config: &'a Configuration, name: &str) -> Result<&'a NamedCredentials> {
    config.credentials.get(name).with_context(|| format!("no credentials {name}"))
}

/// Credentials by their name, each read once.
struct ReadCredentials<'a> {
    config: &'a Configuration,
    warn: &'a mut dyn FnMut(&str),
    by_name: BTreeMap<String, Credentials>,
}

impl ReadCredentials<'_> {
    fn credentials(&mut self, named: &NamedCredentials) -> Result<Credentials> {
        if let Some(credentials) = self.by_name.get(&named.name) {
            return Ok(credentials.clone());
        }
        let credentials = self.read(named)?;
        self.by_name.insert(named.name.clone(), credentials.clone());
        Ok(credentials)
    }

    fn read(&mut self, named: &NamedCredentials) -> Result<Credentials> {
        // NETSESSION_PASSWORD counts only where the configuration names it: it would go to servers it is not for.
        let is_named =
            matches!(&named.password, PasswordSource::Variable(name) if name == identity::PASSWORD);
        let variable = |name: &str| env::var_os(name).filter(|_| name != identity::PASSWORD || is_named);
        let mut prompt = |account: &Account| {
            bail!(
                "no password of {account}: give its credentials password_file, password_env, password_command or keytab"
            )
        };
        let by_address = self.is_for_an_address(named);
        let mut environment = Environment {
            variable: &variable,
            stdin: &mut io::empty(),
            stdin_has_servers: false,
            prompt: &mut prompt,
            // Tickets come and go while the exporter runs: each probe looks for itself.
            ticket: &|account| match account {
                Some(_) if by_address => {
                    Err("tickets are for names, and a server that these credentials are for is \
                                              named by its address: give its entry an spn"
                        .to_owned())
                }
                Some(account) => Ok(account.clone()),
                None => Err("no login".to_owned()),
            },
            warn: &mut *self.warn,
            patience: PATIENCE,
        };
        let identity = identity::unattended(named, by_address, &mut environment)
            .with_context(|| format!("credentials {}", named.name))?;
        Ok(identity.into_credentials(Kerberos::Auto))
    }

    /// Whether some server that they are for is named by its IP address, for which there are no tickets.
    fn is_for_an_address(&self, named: &NamedCredentials) -> bool {
        self.config.servers.iter().any(|(name, server)| {
            server.credentials.as_deref() == Some(named.name.as_str()) && self.config.is_by_address(name)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use netsession::{ConnectionSettings, Dialect, Encryption};

    use super::*;

    fn settings(text: &str, folder: &Path) -> Result<Settings> {
        let (config, faults) = crate::config::parse(text, folder);
        assert_eq!(faults, []);
        super::settings(&config, &mut |_| ())
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
            log_ons_at_once = 4
            user_labels = 5
            max_sessions = 900_000
            max_memory = "64MiB"
            idle_limits = ["8h", "1h", "60m"]
            files = true
            shares = ["Projects", "home", "HOME"]
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
        // A pattern gives the credentials, the entry the address.
        let by_pattern = r"nas1.example.com 10.0.0.8 LAB\monitor";
        assert_eq!(targets, [r"fs1 10.0.0.5:4455 LAB\monitor", "fs2 fs2 svc@LAB.EXAMPLE", by_pattern]);
        assert_eq!(settings.patterns[0].credentials.account().to_string(), r"LAB\monitor");
        assert_eq!((settings.timeout.as_secs(), settings.min_interval.as_secs()), (20, 10));
        assert_eq!(settings.log_ons_at_once, 4);
        assert_eq!((settings.concurrency, settings.user_labels, settings.client_labels), (8, 5, 0));
        assert_eq!(
            (settings.files, &settings.shares),
            (true, &vec!["projects".to_owned(), "home".to_owned()])
        );
        assert_eq!((settings.max_sessions, settings.max_memory), (900_000, 64 << 20));
        assert_eq!(
            settings.idle_limits.iter().map(|limit| limit.as_secs()).collect::<Vec<_>>(),
            [3600, 28_800]
        );
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn what_stands_closest_to_a_server_is_required() {
        let text = r#"
            [servers]
            fs1 = { credentials = "key", spn = "dc1", min_dialect = "3.1.1" }
            fs2 = { credentials = "key", kerberos = "auto" }
            fs3 = { credentials = "other" }
            nas1 = { encryption = "auto" }
            nas2 = {}
            [credentials]
            key = { login = "svc@LAB", encryption = "off" }
            other = { login = "svc@LAB" }
            [exporter]
            kerberos = "required"
            encryption = "required"
            min_dialect = "3.0"
            patterns = [{ match = "nas*", credentials = "key" }]
        "#;
        let settings = settings(text, Path::new("/")).unwrap();
        let shown = |connection: &ConnectionSettings| {
            let service = connection.service.as_ref().map(ToString::to_string);
            (connection.kerberos, connection.encryption, connection.min_dialect.unwrap(), service)
        };
        let targets: Vec<_> = settings.targets.iter().map(|target| shown(&target.connection)).collect();
        assert_eq!(
            targets,
            [
                (Kerberos::Required, Encryption::Off, Dialect::Smb311, Some("cifs/dc1".into())),
                (Kerberos::Auto, Encryption::Off, Dialect::Smb300, None),
                (Kerberos::Required, Encryption::Required, Dialect::Smb300, None),
                // By the pattern they have the credentials, and what these require.
                (Kerberos::Required, Encryption::Auto, Dialect::Smb300, None),
                (Kerberos::Required, Encryption::Off, Dialect::Smb300, None),
            ]
        );
        let rule = shown(&settings.patterns[0].connection);
        assert_eq!(rule, (Kerberos::Required, Encryption::Off, Dialect::Smb300, None));
    }

    #[test]
    fn a_missing_password_is_an_error_without_a_prompt() {
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
