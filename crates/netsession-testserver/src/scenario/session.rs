use netsession_proto::srvs::SessionInfo;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::enumeration::{Enumeration, Names};

/// A session, or many of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Session {
    /// The computer, without backslashes and brackets. `{n}` is replaced by the number of the repetition.
    pub client: String,
    /// The user, without domain. `{n}` is replaced.
    pub user: String,
    /// The user's domain.
    #[serde(default)]
    pub domain: String,
    /// Open files, devices and pipes.
    #[serde(default)]
    pub opens: u32,
    /// Since the session was established. 4294967295 is what Samba can say of a very young one.
    #[serde(default)]
    pub time_seconds: u32,
    /// Since the client last used it.
    #[serde(default)]
    pub idle_seconds: u32,
    /// SESS_GUEST 1, SESS_NOENCRYPTION 2, or any other bits.
    #[serde(default)]
    pub flags: u32,
    /// The name of the client software; empty over SMB2.
    #[serde(default)]
    pub client_type: String,
    /// The transport.
    #[serde(default = "netbios_smb")]
    pub transport: String,
    /// The number of sessions of this kind: at most a million.
    #[serde(default = "one", deserialize_with = "repeat")]
    pub repeat: usize,
}

fn netbios_smb() -> String {
    r"\Device\NetbiosSmb".to_owned()
}

pub(super) const fn one() -> usize {
    1
}

pub(super) fn repeat<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    const MOST: usize = 1_000_000;
    match usize::deserialize(deserializer)? {
        times if times > MOST => Err(D::Error::custom(format!("one entry stands for at most {MOST}"))),
        times => Ok(times),
    }
}

impl Session {
    /// The entries of the server's list, with names as this server writes them.
    pub(super) fn expand(&self, names: &Enumeration) -> impl Iterator<Item = SessionInfo> {
        let user = match (names.user_names, self.domain.as_str()) {
            (Names::Decorated, domain) if !domain.is_empty() => format!(r"{domain}\{}", self.user),
            _ => self.user.clone(),
        };
        let client_names = names.client_names;
        (0..self.repeat).map(move |n| SessionInfo {
            client: client_names.client(&numbered(&self.client, n)),
            user: Some(numbered(&user, n)),
            opens: Some(self.opens),
            time: Some(self.time_seconds),
            idle_time: Some(self.idle_seconds),
            flags: Some(self.flags),
            client_type: Some(self.client_type.clone()),
            transport: Some(self.transport.clone()),
        })
    }
}

pub(super) fn numbered(name: &str, n: usize) -> String {
    name.replace("{n}", &n.to_string())
}
