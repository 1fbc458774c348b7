use std::collections::btree_map::{self, BTreeMap};
use std::ops::Range;
use std::path::Path;

use netsession::{Kerberos, ServerName, ServicePrincipal};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::value::{Fault, Reader, home};
use super::{exporter, requirements};
use crate::model::{
    Configuration, GroupMember, LoginSource, NamedCredentials, PasswordSource, Requirements, ServerEntry,
    account, server,
};
use crate::text::escaped;

/// Reads the tables of the file. References are checked when all names are known.
pub(super) fn read(text: &str, folder: &Path) -> (Configuration, Vec<Fault>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, faults: Vec::new() };
    for error in &errors {
        reader.fault(&error.span().unwrap_or(0..0), error.message());
    }
    let root = root.get_ref();
    reader.only(root, &["servers", "groups", "credentials", "exporter"], "the configuration");
    let mut config = Configuration::default();
    let mut references = Vec::new();
    for (name, value, _) in entries(&mut reader, root, "credentials") {
        if let Some(named) = credentials(&mut reader, &name, value, folder) {
            config.credentials.insert(name, named);
        }
    }
    for (name, value, span) in entries(&mut reader, root, "servers") {
        // The faults show the name as the file has it.
        let server = server::parse(&name).map_err(|error| reader.fault(&span, format!("{error:#}")));
        // The entry is read in any case, for the faults in it.
        let read = server_entry(&mut reader, value, &mut references);
        let Ok(server) = server.map(|server| server.normalized()) else { continue };
        // `fs1`, `\\fs1` and `fs1:445` are one server, and so are `::1` and `0:0::1`.
        match config.servers.entry(server) {
            btree_map::Entry::Occupied(_) => reader.fault(&span, format!("the server {name} is named twice")),
            btree_map::Entry::Vacant(free) => {
                let ServerValues { address, credentials, service, requirements } = read;
                free.insert(ServerEntry { address, credentials, service, requirements });
            }
        }
    }
    for (name, value, _) in entries(&mut reader, root, "groups") {
        let members = group(&mut reader, &name, value, &mut references);
        config.groups.insert(name, members);
    }
    if let Some(value) = root.get("exporter") {
        let (exporter, names) = exporter::read(&mut reader, value, folder);
        config.exporter = exporter;
        references.extend(names.into_iter().map(|(name, span)| Reference::Credentials(name, span)));
    }
    check_references(&mut reader, &config, &references);
    reader.faults.sort_by_key(|fault| fault.line);
    (config, reader.faults)
}

/// Something that must be defined elsewhere.
enum Reference {
    Credentials(String, Range<usize>),
    Group { of: String, to: String, span: Range<usize> },
}

type Entry<'t, 'i> = (String, &'t Spanned<DeValue<'i>>, Range<usize>);

/// The entries of a table of the root, with the place of each name.
fn entries<'t, 'i>(reader: &mut Reader<'_>, root: &'t DeTable<'i>, table: &str) -> Vec<Entry<'t, 'i>> {
    let Some(value) = root.get(table) else { return Vec::new() };
    let Some(table) = reader.table(value, table) else { return Vec::new() };
    table.iter().map(|(key, value)| (key.get_ref().to_string(), value, key.span())).collect()
}

/// What the table of a server has.
#[derive(Default)]
struct ServerValues {
    address: Option<ServerName>,
    credentials: Option<String>,
    service: Option<ServicePrincipal>,
    requirements: Requirements,
}

fn server_entry(
    reader: &mut Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    references: &mut Vec<Reference>,
) -> ServerValues {
    let Some(table) = reader.table(value, "a server") else { return ServerValues::default() };
    let [kerberos, encryption, min_dialect] = requirements::KEYS;
    reader.only(table, &["address", "credentials", "spn", kerberos, encryption, min_dialect], "a server");
    let mut string = |key: &str| reader.string(table.get(key)?, key).zip(table.get(key).map(Spanned::span));
    let (address, credentials, service) = (string("address"), string("credentials"), string("spn"));
    let address = address.and_then(|(address, span)| match server::parse(&address) {
        Ok(address) => Some(address),
        Err(error) => {
            reader.fault(&span, format!("{error:#}"));
            None
        }
    });
    let credentials = credentials.map(|(name, span)| {
        references.push(Reference::Credentials(name.clone(), span));
        name
    });
    let service = service.and_then(|(service, span)| match service.parse() {
        Ok(service) => Some(service),
        Err(error) => {
            reader.fault(&span, format!("spn: {}: {error}", escaped(&service)));
            None
        }
    });
    ServerValues { address, credentials, service, requirements: requirements::read(reader, table) }
}

fn group(
    reader: &mut Reader<'_>,
    name: &str,
    value: &Spanned<DeValue<'_>>,
    references: &mut Vec<Reference>,
) -> Vec<GroupMember> {
    let mut members = Vec::new();
    for (member, span) in reader.strings(value, "a group") {
        if let Some(to) = member.strip_prefix('@') {
            references.push(Reference::Group { of: name.to_owned(), to: to.to_owned(), span });
            members.push(GroupMember::Group(to.to_owned()));
            continue;
        }
        match server::parse(&member) {
            Ok(target) => members.push(GroupMember::Server(target)),
            Err(error) => reader.fault(&span, format!("{error:#}")),
        }
    }
    members
}

fn credentials(
    reader: &mut Reader<'_>,
    name: &str,
    value: &Spanned<DeValue<'_>>,
    folder: &Path,
) -> Option<NamedCredentials> {
    const PROOFS: [&str; 4] = ["password_file", "password_env", "password_command", "keytab"];
    let table = reader.table(value, "credentials")?;
    for (key, _) in table.iter().filter(|(key, _)| key.get_ref().as_ref() == "password") {
        let reason = "a password does not belong in the configuration: use password_file, password_env or \
                      password_command";
        reader.fault(&key.span(), reason);
    }
    let [kerberos, encryption, min_dialect] = requirements::KEYS;
    let known = [
        "login",
        "auth_file",
        "password_file",
        "password_env",
        "password_command",
        "keytab",
        kerberos,
        encryption,
        min_dialect,
    ];
    // A password is a fault of its own.
    let rest: DeTable<'_> = table
        .iter()
        .filter(|(key, _)| key.get_ref().as_ref() != "password")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    reader.only(&rest, &known, "credentials");
    let proofs: Vec<_> = table.keys().filter(|key| PROOFS.contains(&key.get_ref().as_ref())).collect();
    if let Some(second) = proofs.get(1) {
        reader.fault(
            &second.span(),
            "only one of password_file, password_env, password_command and keytab is allowed",
        );
    }
    let path = |text: String| folder.join(home(&text));
    let mut string = |key: &str| reader.string(table.get(key)?, key).zip(table.get(key).map(Spanned::span));
    let (login, auth_file) = (string("login"), string("auth_file"));
    let (file, variable, keytab) = (string("password_file"), string("password_env"), string("keytab"));
    let login = match (login, auth_file) {
        (Some(_), Some((_, span))) => {
            reader.fault(&span, "only one of login and auth_file is allowed");
            None
        }
        // Not repeated: what stands after it is meant as a password, most likely.
        (Some((login, span)), None) if login.contains('%') => {
            reader.fault(&span, "the login has a % in it: a password does not belong in the configuration");
            None
        }
        (Some((login, span)), None) => match account::parse(&login) {
            Ok(login) if keytab.is_some() && !login.user().contains('@') => {
                reader.fault(&span, format!("{login}: with a keytab the login is USER@REALM"));
                None
            }
            Ok(login) => Some(LoginSource::Account(login)),
            Err(error) => {
                reader.fault(&span, format!("{error:#}"));
                None
            }
        },
        (None, Some((file, span))) => {
            if !proofs.is_empty() {
                reader.fault(&span, "an auth_file has the password itself");
            }
            Some(LoginSource::AuthFile(path(file)))
        }
        (None, None) => {
            if !table.contains_key("login") && !table.contains_key("auth_file") {
                reader
                    .fault(&value.span(), format!("the credentials {name} have neither login nor auth_file"));
            }
            None
        }
    };
    let password = if let Some(value) = table.get("password_command") {
        let words: Vec<_> =
            reader.strings(value, "password_command").into_iter().map(|(word, _)| word).collect();
        if words.is_empty() && value.get_ref().is_array() {
            reader.fault(&value.span(), "password_command names no program");
        }
        PasswordSource::Command(words)
    } else if let Some((file, _)) = file {
        PasswordSource::File(path(file))
    } else if let Some((variable, _)) = variable {
        PasswordSource::Variable(variable)
    } else if let Some((keytab, _)) = keytab {
        PasswordSource::Keytab(path(keytab))
    } else {
        PasswordSource::None
    };
    let requirements = requirements::read(reader, table);
    if requirements.kerberos == Some(Kerberos::Off) && matches!(password, PasswordSource::Keytab(_)) {
        reader.fault(&value.span(), "a keytab is for Kerberos, and kerberos is off");
    }
    Some(NamedCredentials { name: name.to_owned(), login: login?, password, requirements })
}

fn check_references(reader: &mut Reader<'_>, config: &Configuration, references: &[Reference]) {
    let mut edges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for reference in references {
        if let Reference::Group { of, to, .. } = reference {
            edges.entry(of).or_default().push(to);
        }
    }
    for reference in references {
        match reference {
            // Credentials with a fault are not in the configuration, and the fault is reported as well.
            Reference::Credentials(name, span) if !config.credentials.contains_key(name) => {
                reader.fault(span, format!("the credentials {name} are missing or have a fault"));
            }
            Reference::Group { to, span, .. } if !config.groups.contains_key(to) => {
                reader.fault(span, format!("there is no such group: @{to}"));
            }
            Reference::Group { of, to, span } if reaches(&edges, to, of) => {
                reader.fault(span, format!("the group {of} contains itself, by @{to}"));
            }
            _ => {}
        }
    }
}

/// Whether `goal` is among the groups within `start`, itself included.
fn reaches(edges: &BTreeMap<&str, Vec<&str>>, start: &str, goal: &str) -> bool {
    let mut seen = vec![start];
    let mut next = 0;
    while let Some(group) = seen.get(next).copied() {
        if group == goal {
            return true;
        }
        next = next.saturating_add(1);
        for to in edges.get(group).into_iter().flatten() {
            if !seen.contains(to) {
                seen.push(to);
            }
        }
    }
    false
}
