//! `netsession config check` and `netsession config show`.

use std::env;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cli::ConfigCommand;
use crate::config::{self, Config, Exporter, Member, Named, PatternRule, Proof, Who};
use crate::duration;
use crate::errors;
use crate::exit::Exit;
use crate::identity;
use crate::output::Sink;
use crate::output::escape::escaped;

/// Data to `out`, talk to `err`.
pub(crate) fn run(
    command: &ConfigCommand,
    file: Option<&Path>,
    out: &mut Sink<'_>,
    err: &mut dyn Write,
) -> Exit {
    let text = match command {
        ConfigCommand::Check => check(file, err),
        ConfigCommand::Show => show(file).map(|text| (text, Exit::Answered)),
    };
    let written = text.and_then(|(text, exit)| {
        out.write(text.as_bytes()).context("cannot write the output")?;
        Ok(exit)
    });
    written.unwrap_or_else(|error| {
        // Nobody is left to be told.
        let _ = err.write_all(errors::line(&format!("{error:#}")).as_bytes());
        Exit::Wrong
    })
}

/// Every fault, with file, line and reason.
fn check(file: Option<&Path>, err: &mut dyn Write) -> Result<(String, Exit)> {
    let path = file
        .map(Path::to_owned)
        .or_else(config::place)
        .context("there is no place for a configuration: neither HOME nor XDG_CONFIG_HOME is set")?;
    let Some(text) = config::text_of(&path)? else {
        if file.is_some() {
            bail!("{}: there is no such file", path.display());
        }
        return Ok((
            format!("{}: there is no such file, and none is needed\n", path.display()),
            Exit::Answered,
        ));
    };
    let (config, faults) = Config::parse(&text, path.parent().unwrap_or(&path));
    if faults.is_empty() {
        let Config { servers, groups, credentials, .. } = config;
        let counts = format!(
            "{}: nothing wrong ({} servers, {} groups, {} credentials)\n",
            path.display(),
            servers.len(),
            groups.len(),
            credentials.len()
        );
        return Ok((counts, Exit::Answered));
    }
    for fault in faults {
        // Nobody is left to be told.
        let _ = writeln!(err, "{}", escaped(&fault.of(&path)));
    }
    Ok((String::new(), Exit::Wrong))
}

/// What is in force: the environment, then the file.
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
    match file.map(Path::to_owned).or_else(config::place) {
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
            Config::load_from(file)?.with_context(|| format!("{}: there is no such file", file.display()))?
        }
        None => Config::load()?,
    };
    write_config(&mut text, &config);
    Ok(text)
}

fn write_config(text: &mut String, config: &Config) {
    for (name, server) in &config.servers {
        let _ = writeln!(text, "\n[servers.{}]", quoted(name));
        if let Some(address) = &server.address {
            let _ = writeln!(text, "address = {}", quoted(&address.to_string()));
        }
        if let Some(credentials) = &server.credentials {
            let _ = writeln!(text, "credentials = {}", quoted(credentials));
        }
    }
    if !config.groups.is_empty() {
        text.push_str("\n[groups]\n");
    }
    for (name, members) in &config.groups {
        let members = members.iter().map(|member| match member {
            Member::Server(target) => quoted(&target.to_string()),
            Member::Group(group) => quoted(&format!("@{group}")),
        });
        let _ = writeln!(text, "{} = [{}]", quoted(name), members.collect::<Vec<_>>().join(", "));
    }
    for named in config.credentials.values() {
        write_credentials(text, named);
    }
    write_exporter(text, &config.exporter);
}

fn write_credentials(text: &mut String, named: &Named) {
    let _ = writeln!(text, "\n[credentials.{}]", quoted(&named.name));
    let _ = match &named.login {
        Who::Login(login) => writeln!(text, "login = {}", quoted(&login.to_string())),
        Who::AuthFile(path) => writeln!(text, "auth_file = {}", quoted(&path.to_string_lossy())),
    };
    let _ = match &named.proof {
        Proof::None => Ok(()),
        Proof::File(path) => writeln!(text, "password_file = {}", quoted(&path.to_string_lossy())),
        Proof::Variable(name) => writeln!(text, "password_env = {}", quoted(name)),
        Proof::Keytab(path) => writeln!(text, "keytab = {}", quoted(&path.to_string_lossy())),
        Proof::Command(words) => {
            let program = words.first().map_or_else(String::new, |program| quoted(program));
            // An argument can be a token or a PIN.
            let hidden = words.len().saturating_sub(1);
            writeln!(text, "password_command = [{program}] # and {hidden} arguments, hidden")
        }
    };
}

fn write_exporter(text: &mut String, exporter: &Exporter) {
    if *exporter == Exporter::default() {
        return;
    }
    text.push_str("\n[exporter]\n");
    let durations = [("timeout", exporter.timeout), ("min_interval", exporter.min_interval)];
    for (key, duration) in durations {
        let _ = duration.map_or(Ok(()), |one| writeln!(text, "{key} = {}", quoted(&duration::written(one))));
    }
    let numbers = [
        ("concurrency", exporter.concurrency),
        ("user_labels", exporter.user_labels),
        ("client_labels", exporter.client_labels),
    ];
    for (key, number) in numbers {
        let _ = number.map_or(Ok(()), |number| writeln!(text, "{key} = {number}"));
    }
    let limits = [("idle_limits", &exporter.idle_limits), ("connected_limits", &exporter.connected_limits)];
    for (key, limits) in limits.into_iter().filter_map(|(key, limits)| Some((key, limits.as_ref()?))) {
        let limits = limits.iter().map(|limit| quoted(&duration::written(*limit)));
        let _ = writeln!(text, "{key} = [{}]", limits.collect::<Vec<_>>().join(", "));
    }
    for PatternRule { pattern, credentials } in &exporter.patterns {
        text.push_str("\n[[exporter.patterns]]\n");
        let _ = writeln!(text, "match = {}\ncredentials = {}", quoted(pattern), quoted(credentials));
    }
}

/// As a string of TOML that stays on its line.
fn quoted(value: &str) -> String {
    let escaped = escaped(value);
    format!("\"{}\"", escaped.replace('\\', "\\\\").replace('"', "\\\""))
}
