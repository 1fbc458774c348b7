//! The configuration file: servers, groups of servers, credentials that servers refer to, and the exporter.
//!
//! It has no secrets in it: a password is in a file, in an environment variable, or what a command prints.

mod exporter;
mod fault;
mod place;
mod read;
mod trust;
mod value;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::identity::Login;
use crate::target::Target;
pub(crate) use exporter::{Exporter, PatternRule};
pub(crate) use fault::Fault;
pub(crate) use place::place;

/// What is in force. Without a file, nothing is.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) servers: BTreeMap<String, Server>,
    pub(crate) groups: BTreeMap<String, Vec<Member>>,
    pub(crate) credentials: BTreeMap<String, Named>,
    pub(crate) exporter: Exporter,
}

/// `[servers.NAME]`
#[derive(Debug, Default)]
pub(crate) struct Server {
    /// Where it is, if not at its name.
    pub(crate) address: Option<Target>,
    /// The name of the credentials that it is asked with.
    pub(crate) credentials: Option<String>,
}

/// What a group is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Member {
    Server(Target),
    Group(String),
}

/// `[credentials.NAME]`
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) login: Who,
    pub(crate) proof: Proof,
}

/// Whose credentials they are.
#[derive(Debug)]
pub(crate) enum Who {
    Login(Login),
    /// Samba's file, which has the password as well.
    AuthFile(PathBuf),
}

/// Where the password is.
#[derive(Debug)]
pub(crate) enum Proof {
    /// Nowhere: a ticket, or the prompt.
    None,
    File(PathBuf),
    Variable(String),
    /// A program and its arguments, without a shell.
    Command(Vec<String>),
    Keytab(PathBuf),
}

impl Config {
    /// The configuration of this user; nothing if there is none.
    pub(crate) fn load() -> Result<Self> {
        let Some(path) = place() else { return Ok(Self::default()) };
        Ok(Self::load_from(&path)?.unwrap_or_default())
    }

    /// What the file says, if there is one.
    pub(crate) fn load_from(path: &Path) -> Result<Option<Self>> {
        let Some(text) = text_of(path)? else { return Ok(None) };
        let (config, faults) = Self::parse(&text, path.parent().unwrap_or(Path::new(".")));
        match faults.first() {
            None => Ok(Some(config)),
            Some(first) => bail!("{} (netsession config check names every fault)", first.of(path)),
        }
    }

    /// What the text says, and every fault in it. Relative paths count from `folder`.
    pub(crate) fn parse(text: &str, folder: &Path) -> (Self, Vec<Fault>) {
        read::read(text, folder)
    }

    /// The entry of a server, by its name as it is typed.
    pub(crate) fn server(&self, target: &Target) -> Option<&Server> {
        self.servers.get(&target.to_string().to_lowercase())
    }

    /// The credentials that the server's entry refers to.
    pub(crate) fn credentials_of(&self, target: &Target) -> Option<&Named> {
        self.credentials.get(self.server(target)?.credentials.as_ref()?)
    }

    /// Whether the server is asked at an IP address, for which there are no tickets.
    pub(crate) fn is_by_address(&self, target: &Target) -> bool {
        self.address_of(target).is_address()
    }

    /// Where the server is.
    pub(crate) fn address_of<'a>(&'a self, target: &'a Target) -> &'a Target {
        self.server(target).and_then(|server| server.address.as_ref()).unwrap_or(target)
    }

    /// The servers of `@group`, those of groups within it included.
    pub(crate) fn members(&self, group: &str) -> Result<Vec<&Target>> {
        let Some(members) = self.groups.get(group) else {
            let known: Vec<_> = self.groups.keys().map(|name| format!("@{name}")).collect();
            match (known.as_slice(), place()) {
                ([], Some(path)) => bail!("there is no such group: {} names none", path.display()),
                ([], None) => {
                    bail!("there is no such group, and no place for a configuration that names one")
                }
                (known, _) => bail!("there is no such group: the configuration has {}", known.join(", ")),
            }
        };
        let mut servers = Vec::new();
        for member in members {
            match member {
                Member::Server(target) => servers.push(target),
                // No group contains itself: that is a fault.
                Member::Group(name) => servers.extend(self.members(name)?),
            }
        }
        Ok(servers)
    }
}

/// The text of the file, if there is one that nobody else can write.
pub(crate) fn text_of(path: &Path) -> Result<Option<String>> {
    let what = || format!("cannot read {}", path.display());
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(what),
    };
    // Of what is open: another file may be there a moment later.
    trust::check(path, &file.metadata().with_context(what)?)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).with_context(what)?;
    let text =
        String::from_utf8(bytes).ok().with_context(|| format!("{}: it is not UTF-8", path.display()))?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests;
