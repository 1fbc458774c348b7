//! `netsession config check` and `netsession config show`.

use std::env;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use netsession::{Dialect, Encryption, Kerberos};

use crate::config;
use crate::identity;
use crate::model::{
    Configuration, ExporterSection, GroupMember, HistoryKeys, LoginSource, NamedCredentials, PasswordSource,
    PatternRule, Requirements,
};
use crate::output::{Sink, error_line};
use crate::process::{Exit, say};
use crate::text::{count, duration, escaped};

const FILE: &str = "\
The file:
  $XDG_CONFIG_HOME/netsession/config.toml
                       on Unix; without the variable it is below ~/.config,
                       on macOS below ~/Library/Application Support
  %APPDATA%\\netsession\\config.toml
                       on Windows

Example:
  [servers.fs1]
  address = \"fs1.example.com:4455\"            # if it differs from the name
  credentials = \"lab\"                         # who asks it
  spn = \"fs1.example.com\"                     # service of a Kerberos ticket
  kerberos = \"required\"                       # auto, required, off; here, for
  encryption = \"required\"                     # credentials and [exporter]
  min_dialect = \"3.0\"                         # 2.0.2, 2.1, 3.0, 3.0.2, 3.1.1
  [groups]
  fileservers = [\"fs1\", \"10.0.0.5\"]           # netsession list @fileservers
  [credentials.lab]
  login = 'LAB\\admin'                         # or auth_file, Samba's
  password_command = [\"pass\", \"show\", \"lab\"]  # or password_file, password_env,
                                              # keytab; or none of them

Secrets:
  The file never has the password itself. A file that other users can write is
  not used.";

/// Check or show the configuration file: servers, groups, credentials
#[derive(Debug, Args)]
#[command(after_long_help = FILE)]
pub(crate) struct ConfigArgs {
    /// Configuration file [default: the user's configuration]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// What to do with it.
    #[command(subcommand)]
    command: ConfigCommand,
}

/// What to do with the configuration.
#[derive(Debug, Clone, Copy, Subcommand)]
enum ConfigCommand {
    /// Report every fault with file, line and reason
    Check,
    /// Print the configuration in force, without secrets
    Show,
}

/// Data to `out`, talk to `err`.
pub(crate) fn run(args: &ConfigArgs, out: &mut Sink<'_>, err: &mut dyn Write) -> Exit {
    let file = args.config.as_deref();
    let text = match args.command {
        ConfigCommand::Check => check(file, err),
        ConfigCommand::Show => show(file).map(|text| (text, Exit::Success)),
    };
    let (error, exit) = match text {
        Ok((text, exit)) => match out.write(text.as_bytes()).context("cannot write the output") {
            Ok(()) => return exit,
            Err(error) => (error, Exit::Failure),
        },
        Err(error) => (error, Exit::Usage),
    };
    say(err, &error_line(&format!("{error:#}")));
    exit
}

/// Every fault, with file, line and reason.
fn check(file: Option<&Path>, err: &mut dyn Write) -> Result<(String, Exit)> {
    let path = file
        .map(Path::to_owned)
        .or_else(config::default_path)
        .context("there is no place for a configuration: neither HOME nor XDG_CONFIG_HOME is set")?;
    let Some(text) = config::text_of(&path)? else {
        if file.is_some() {
            bail!("{}: there is no such file", path.display());
        }
        return Ok((
            format!("{}: there is no such file, and none is needed\n", path.display()),
            Exit::Success,
        ));
    };
    let (config, faults) = config::parse(&text, path.parent().unwrap_or(&path));
    if faults.is_empty() {
        let counts = format!(
            "{}: nothing wrong ({}, {}, {})\n",
            path.display(),
            count(config.servers.len(), "server"),
            count(config.groups.len(), "group"),
            count(config.credentials.len(), "credential")
        );
        return Ok((counts, Exit::Success));
    }
    for fault in faults {
        say(err, &format!("{}\n", escaped(&fault.line_in(&path))));
    }
    Ok((String::new(), Exit::Usage))
}

/// The settings in force: the environment, then the file.
fn show(file: Option<&Path>) -> Result<String> {
    let mut text = String::new();
    for name in [identity::LOGIN, identity::AUTH_FILE] {
        if let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) {
            let _ = writeln!(text, "# {name}={}", escaped(&value.to_string_lossy()));
        }
    }
    if env::var_os(identity::PASSWORD).is_some_and(|value| !value.is_empty()) {
        let _ = writeln!(text, "# {}=(hidden)", identity::PASSWORD);
    }
    match file.map(Path::to_owned).or_else(config::default_path) {
        Some(path) if path.exists() => {
            let _ = writeln!(text, "# {}", path.display());
        }
        Some(path) => {
            let _ = writeln!(text, "# {} (there is no such file)", path.display());
        }
        None => text.push_str("# no place for a configuration\n"),
    }
    let config = match file {
        Some(file) => {
            config::load_from(file)?.with_context(|| format!("{}: there is no such file", file.display()))?
        }
        None => config::load()?,
    };
    write_config(&mut text, &config);
    Ok(text)
}

fn write_config(text: &mut String, config: &Configuration) {
    for (name, server) in &config.servers {
        let _ = writeln!(text, "\n[servers.{}]", quoted(&name.to_string()));
        if let Some(address) = &server.address {
            let _ = writeln!(text, "address = {}", quoted(&address.to_string()));
        }
        if let Some(credentials) = &server.credentials {
            let _ = writeln!(text, "credentials = {}", quoted(credentials));
        }
        if let Some(service) = &server.service {
            let _ = writeln!(text, "spn = {}", quoted(&service.to_string()));
        }
        write_requirements(text, server.requirements);
    }
    if !config.groups.is_empty() {
        text.push_str("\n[groups]\n");
    }
    for (name, members) in &config.groups {
        let members = members.iter().map(|member| match member {
            GroupMember::Server(target) => quoted(&target.to_string()),
            GroupMember::Group(group) => quoted(&format!("@{group}")),
        });
        let _ = writeln!(text, "{} = [{}]", quoted(name), members.collect::<Vec<_>>().join(", "));
    }
    for named in config.credentials.values() {
        write_credentials(text, named);
    }
    write_exporter(text, &config.exporter);
}

fn write_credentials(text: &mut String, named: &NamedCredentials) {
    let _ = writeln!(text, "\n[credentials.{}]", quoted(&named.name));
    let _ = match &named.login {
        LoginSource::Account(account) => writeln!(text, "login = {}", quoted(&account.to_string())),
        LoginSource::AuthFile(path) => writeln!(text, "auth_file = {}", quoted(&path.to_string_lossy())),
    };
    let _ = match &named.password {
        PasswordSource::None => Ok(()),
        PasswordSource::File(path) => writeln!(text, "password_file = {}", quoted(&path.to_string_lossy())),
        PasswordSource::Variable(name) => writeln!(text, "password_env = {}", quoted(name)),
        PasswordSource::Keytab(path) => writeln!(text, "keytab = {}", quoted(&path.to_string_lossy())),
        PasswordSource::Command(words) => {
            let program = words.first().map_or_else(String::new, |program| quoted(program));
            // An argument can be a token or a PIN.
            let hidden = words.len().saturating_sub(1);
            writeln!(text, "password_command = [{program}] # and {}, hidden", count(hidden, "argument"))
        }
    };
    write_requirements(text, named.requirements);
}

fn write_requirements(text: &mut String, requirements: Requirements) {
    let Requirements { kerberos, encryption, min_dialect } = requirements;
    let values = [
        ("kerberos", kerberos.map(Kerberos::as_str)),
        ("encryption", encryption.map(Encryption::as_str)),
        ("min_dialect", min_dialect.map(Dialect::as_str)),
    ];
    for (key, value) in values {
        let _ = value.map_or(Ok(()), |value| writeln!(text, "{key} = {}", quoted(value)));
    }
}

fn write_exporter(text: &mut String, exporter: &ExporterSection) {
    if *exporter == ExporterSection::default() {
        return;
    }
    text.push_str("\n[exporter]\n");
    write_requirements(text, exporter.requirements);
    let durations = [("timeout", exporter.timeout), ("min_interval", exporter.min_interval)];
    for (key, duration) in durations {
        let _ = duration.map_or(Ok(()), |one| writeln!(text, "{key} = {}", quoted(&duration::written(one))));
    }
    let numbers = [
        ("concurrency", exporter.concurrency),
        ("log_ons_at_once", exporter.log_ons_at_once),
        ("user_labels", exporter.user_labels),
        ("client_labels", exporter.client_labels),
        ("max_connections", exporter.max_connections),
        ("max_sessions", exporter.max_sessions),
    ];
    for (key, number) in numbers {
        let _ = number.map_or(Ok(()), |number| writeln!(text, "{key} = {number}"));
    }
    let limits = [("idle_limits", &exporter.idle_limits), ("connected_limits", &exporter.connected_limits)];
    for (key, limits) in limits.into_iter().filter_map(|(key, limits)| Some((key, limits.as_ref()?))) {
        let limits = limits.iter().map(|limit| quoted(&duration::written(*limit)));
        let _ = writeln!(text, "{key} = [{}]", limits.collect::<Vec<_>>().join(", "));
    }
    for (key, value) in [("keep_connections", exporter.keep_connections), ("files", exporter.files)] {
        let _ = value.map_or(Ok(()), |value| writeln!(text, "{key} = {value}"));
    }
    let max_memory = exporter.max_memory;
    let _ = max_memory.map_or(Ok(()), |bytes| writeln!(text, "max_memory = {}", quoted(&bytes.to_string())));
    if let Some(shares) = &exporter.shares {
        let shares = shares.iter().map(|share| quoted(share)).collect::<Vec<_>>();
        let _ = writeln!(text, "shares = [{}]", shares.join(", "));
    }
    write_history(text, &exporter.history);
    for PatternRule { pattern, credentials } in &exporter.patterns {
        text.push_str("\n[[exporter.patterns]]\n");
        let _ =
            writeln!(text, "match = {}\ncredentials = {}", quoted(&pattern.to_string()), quoted(credentials));
    }
}

fn write_history(text: &mut String, history: &HistoryKeys) {
    let HistoryKeys { path, interval, retain, max_size } = history;
    let values = [
        ("history", path.as_ref().map(|path| path.to_string_lossy().into_owned())),
        ("history_interval", interval.map(duration::written)),
        ("history_retain", retain.map(duration::written)),
        ("history_max_size", max_size.map(|bytes| bytes.to_string())),
    ];
    for (key, value) in values {
        let _ = value.map_or(Ok(()), |value| writeln!(text, "{key} = {}", quoted(&value)));
    }
}

/// As a string of TOML that stays on its line.
fn quoted(value: &str) -> String {
    let escaped = escaped(value);
    format!("\"{}\"", escaped.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_in_the_help_has_no_fault() {
        let (_, example) = FILE.split_once("Example:\n").unwrap();
        let (example, _) = example.split_once("\n\n").unwrap();
        let (config, faults) = config::parse(example, Path::new("/"));
        assert_eq!(faults, []);
        assert_eq!((config.servers.len(), config.groups.len(), config.credentials.len()), (1, 1, 1));
    }

    #[test]
    fn what_is_shown_of_the_exporter_says_the_same() {
        let text = r#"
            [exporter]
            kerberos = "off"
            timeout = "5s"
            min_interval = "10s"
            concurrency = 3
            log_ons_at_once = 3
            keep_connections = false
            max_connections = 7
            idle_limits = ["1h"]
            connected_limits = ["24h"]
            user_labels = 1
            client_labels = 2
            files = true
            shares = ["projects"]
            max_sessions = 9
            max_memory = "64MiB"
            history = '/var/lib/netsession/a "b"'
            history_interval = "15s"
            history_retain = "90d"
            history_max_size = "1GiB"
        "#;
        let (config, faults) = config::parse(text, Path::new("/"));
        assert_eq!(faults, []);
        let mut shown = String::new();
        write_config(&mut shown, &config);
        let (again, faults) = config::parse(&shown, Path::new("/"));
        assert_eq!((again.exporter, faults), (config.exporter, vec![]), "{shown}");
    }
}
