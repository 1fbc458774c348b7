//! `/config`: the settings that are in force, defaults included, without secrets.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use netsession::{ConnectionSettings, Credentials};
use serde_json::{Map, Value, json};

use crate::descriptors::DescriptorLimits;
use crate::settings::Settings;

/// As JSON, for people and programs. The keys are those of the configuration file, with their units; `effective_` stands
/// before what few descriptors have lowered.
pub(crate) fn render(settings: &Settings, loaded: SystemTime, limits: DescriptorLimits) -> Vec<u8> {
    let value = json!({
        "loaded_timestamp_seconds": loaded.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
        "servers": settings.targets.iter().map(|target| {
            let server = entry(&target.credentials, &target.connection);
            (target.name.to_string(), with(server, "address", json!(target.address.to_string())))
        }).collect::<Map<_, _>>(),
        "exporter": exporter(settings, limits),
    });
    let mut text = format!("{value:#}");
    text.push('\n');
    text.into_bytes()
}

fn exporter(settings: &Settings, limits: DescriptorLimits) -> Value {
    // Each field is named, so that none is forgotten.
    let Settings {
        targets: _,
        patterns,
        timeout,
        min_interval,
        concurrency,
        keep_connections,
        max_connections,
        log_ons_at_once,
        idle_limits,
        connected_limits,
        user_labels,
        client_labels,
        files,
        shares,
        max_sessions,
        max_memory,
        allowed_hosts,
        lifecycle,
        restart_for_passwords: _,
        recorder,
    } = settings;
    let history = recorder.as_ref().map(|recorder| (recorder.path().to_string_lossy(), recorder.settings()));
    let (path, history) = history.unzip();
    let patterns: Vec<_> = patterns
        .iter()
        .map(|rule| {
            let entry = entry(&rule.credentials, &rule.connection);
            with(entry, "match", json!(rule.pattern.to_string()))
        })
        .collect();
    let all = |limits: &[Duration]| limits.iter().map(seconds).collect::<Vec<_>>();
    json!({
        "timeout_seconds": seconds(timeout),
        "min_interval_seconds": seconds(min_interval),
        "concurrency": concurrency,
        "effective_concurrency": limits.servers_at_once,
        "keep_connections": keep_connections,
        "max_connections": max_connections,
        "effective_max_connections": limits.connections_kept,
        "open_files_limit": limits.open_files,
        "log_ons_at_once": log_ons_at_once,
        "idle_limits_seconds": all(idle_limits),
        "connected_limits_seconds": all(connected_limits),
        "user_labels": user_labels,
        "client_labels": client_labels,
        "files": files,
        "shares": shares,
        "max_sessions": max_sessions,
        "max_memory_bytes": max_memory,
        "allowed_hosts": allowed_hosts,
        "lifecycle": lifecycle,
        "history": path,
        "history_interval_seconds": history.as_ref().map(|history| seconds(&history.interval)),
        "history_retain_seconds": history.as_ref().and_then(|history| history.retain.as_ref().map(seconds)),
        "history_max_size_bytes": history.as_ref().and_then(|history| history.max_size),
        "patterns": patterns,
    })
}

/// What an entry and a pattern have in common. Of the credentials only the account.
fn entry(credentials: &Credentials, connection: &ConnectionSettings) -> Value {
    let ConnectionSettings { kerberos, encryption, min_dialect, service, .. } = connection;
    json!({
        "login": credentials.account().to_string(),
        "kerberos": kerberos.as_str(),
        "encryption": encryption.as_str(),
        "min_dialect": min_dialect.map(|dialect| dialect.to_string()),
        "spn": service.as_ref().map(ToString::to_string),
    })
}

fn with(mut object: Value, key: &str, value: Value) -> Value {
    if let Value::Object(map) = &mut object {
        map.insert(key.to_owned(), value);
    }
    object
}

/// Whole seconds without a decimal point.
fn seconds(duration: &Duration) -> Value {
    match duration.subsec_nanos() {
        0 => json!(duration.as_secs()),
        _ => json!(duration.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use netsession::{Encryption, Kerberos};

    use super::*;
    use crate::settings::{Rule, Target};

    #[test]
    fn everything_but_secrets() {
        let credentials =
            || Credentials::ntlm(r"LAB\monitor".parse().unwrap(), netsession::Password::new("hunter2"));
        let connection = ConnectionSettings::default()
            .encryption(Encryption::Required)
            .kerberos(Kerberos::Off)
            .min_dialect(netsession::Dialect::Smb311)
            .spn("cifs/fs1.example.com".parse().unwrap());
        let target = Target::new("fs1".parse().unwrap(), credentials())
            .address("10.0.0.5:4455".parse().unwrap())
            .connection(connection);
        let settings = Settings {
            targets: vec![target],
            patterns: vec![Rule::new("nas*.example.com".parse().unwrap(), credentials())],
            timeout: Duration::from_millis(2500),
            shares: vec!["projects".into()],
            ..Settings::default()
        };
        // `ulimit -n 64`
        let limits = DescriptorLimits::new(&settings, Some(64));
        let loaded = UNIX_EPOCH + Duration::from_secs(7);
        let text = String::from_utf8(render(&settings, loaded, limits)).unwrap();
        assert!(!text.contains("hunter2"), "{text}");
        insta::assert_snapshot!(text);
    }
}
