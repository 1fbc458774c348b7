//! What the configuration file says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use netsession::{Account, ServerName, ServicePrincipal};

use super::Requirements;

/// Everything that is in the file. Without a file it is empty.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// By their normalized names, as in the metrics of the exporter.
    pub(crate) servers: BTreeMap<ServerName, ServerEntry>,
    pub(crate) groups: BTreeMap<String, Vec<GroupMember>>,
    pub(crate) credentials: BTreeMap<String, NamedCredentials>,
    pub(crate) exporter: ExporterSection,
}

/// `[servers.NAME]`
#[derive(Debug)]
pub(crate) struct ServerEntry {
    /// Where it is, if not at its name.
    pub(crate) address: Option<ServerName>,
    /// The name of the credentials that it is asked with.
    pub(crate) credentials: Option<String>,
    /// The service that a ticket is for, if not that of its name.
    pub(crate) service: Option<ServicePrincipal>,
    pub(crate) requirements: Requirements,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupMember {
    Server(ServerName),
    Group(String),
}

/// `[credentials.NAME]`
#[derive(Debug)]
pub(crate) struct NamedCredentials {
    pub(crate) name: String,
    pub(crate) login: LoginSource,
    pub(crate) password: PasswordSource,
    pub(crate) requirements: Requirements,
}

/// Where the login of named credentials is.
#[derive(Debug)]
pub(crate) enum LoginSource {
    Account(Account),
    /// Samba's file, which has the password as well.
    AuthFile(PathBuf),
}

/// Where the password of named credentials is.
#[derive(Debug)]
pub(crate) enum PasswordSource {
    /// Nowhere: a ticket, or the prompt.
    None,
    File(PathBuf),
    Variable(String),
    /// A program and its arguments, without a shell.
    Command(Vec<String>),
    Keytab(PathBuf),
}

/// `[exporter]`. `None` is the exporter's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ExporterSection {
    pub(crate) patterns: Vec<PatternRule>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) min_interval: Option<Duration>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) log_ons_at_once: Option<usize>,
    pub(crate) keep_connections: Option<bool>,
    pub(crate) max_connections: Option<usize>,
    pub(crate) idle_limits: Option<Vec<Duration>>,
    pub(crate) connected_limits: Option<Vec<Duration>>,
    pub(crate) user_labels: Option<usize>,
    pub(crate) client_labels: Option<usize>,
    pub(crate) files: Option<bool>,
    /// In lower case.
    pub(crate) shares: Option<Vec<String>>,
    pub(crate) requirements: Requirements,
    pub(crate) max_sessions: Option<usize>,
    /// In bytes.
    pub(crate) max_memory: Option<usize>,
    pub(crate) history: HistoryKeys,
}

/// `history` and `history_…` of `[exporter]`. Without `path` nothing is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HistoryKeys {
    pub(crate) path: Option<PathBuf>,
    pub(crate) interval: Option<Duration>,
    pub(crate) retain: Option<Duration>,
    /// In bytes.
    pub(crate) max_size: Option<u64>,
}

/// Which servers a rule is for.
#[cfg(feature = "exporter")]
pub(crate) type TargetPattern = netsession_exporter::Pattern;
/// A build without the exporter cannot read patterns.
#[cfg(not(feature = "exporter"))]
pub(crate) type TargetPattern = String;

/// `[[exporter.patterns]]`: servers without an entry that may be asked, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PatternRule {
    pub(crate) pattern: TargetPattern,
    /// The name of the credentials that they are asked with.
    pub(crate) credentials: String,
}

impl Configuration {
    /// The entry of a server, by its name as it is typed.
    pub(crate) fn server(&self, server: &ServerName) -> Option<&ServerEntry> {
        self.servers.get(server)
    }

    /// The credentials that the server's entry refers to.
    pub(crate) fn credentials_of(&self, server: &ServerName) -> Option<&NamedCredentials> {
        self.credentials.get(self.server(server)?.credentials.as_ref()?)
    }

    /// Where the server is.
    pub(crate) fn address_of<'a>(&'a self, server: &'a ServerName) -> &'a ServerName {
        self.server(server).and_then(|entry| entry.address.as_ref()).unwrap_or(server)
    }

    /// Whether the server is asked at an IP address, for which there are no tickets, and its service has no name.
    pub(crate) fn is_by_address(&self, name: &ServerName) -> bool {
        self.service_of(name).is_none() && self.address_of(name).is_address()
    }

    /// The service that its entry names.
    pub(crate) fn service_of(&self, server: &ServerName) -> Option<&ServicePrincipal> {
        self.server(server)?.service.as_ref()
    }

    /// What its entry requires, and what the credentials do that it is asked with.
    pub(crate) fn requirements_of(
        &self,
        server: &ServerName,
        credentials: Option<&NamedCredentials>,
    ) -> Requirements {
        let of_entry = self.server(server).map(|entry| entry.requirements).unwrap_or_default();
        of_entry.or(credentials.map(|named| named.requirements).unwrap_or_default())
    }

    /// The servers of `@group`, those of groups within it included; `None` if there is no such group.
    pub(crate) fn members(&self, group: &str) -> Option<Vec<&ServerName>> {
        let mut servers = Vec::new();
        for member in self.groups.get(group)? {
            match member {
                GroupMember::Server(server) => servers.push(server),
                // It ends: a group that contains itself is a fault of the file.
                GroupMember::Group(name) => servers.extend(self.members(name)?),
            }
        }
        Some(servers)
    }
}
