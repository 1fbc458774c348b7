use std::collections::BTreeMap;
use std::net::IpAddr;

use netsession_proto::srvs::Level;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// How NetrSessionEnum is answered (\[MS-SRVS\] 3.1.4.5), and where a server is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Enumeration {
    /// Which levels exist, and who may ask for them.
    pub levels: BTreeMap<LevelNumber, Access>,
    /// What a level that does not exist is answered with.
    pub missing_level: Missing,
    /// Whether it is looked at who is asking before it is looked at for which level, as Samba does.
    pub access_before_level: bool,
    /// Whether filters by client and user are applied.
    pub honours_filters: bool,
    /// Whether PreferedMaximumLength is.
    pub honours_length: bool,
    /// How many sessions are in a page at most, whatever the preferred length: 1 at least.
    #[serde(deserialize_with = "page_size")]
    pub page_size: Option<usize>,
    /// What the resume handle says where there is no more to come.
    pub resume_on_success: ResumeOnSuccess,
    /// The body of an answer that is an error.
    pub error_body: ErrorBody,
    /// Whether empty names are null pointers.
    pub null_strings: bool,
    /// Whether clients are written `\\10.0.0.5` and `\\[fe80::1]`.
    pub client_names: Names,
    /// Whether users are written with their domain.
    pub user_names: Names,
    /// Whether the session that asks is in the list.
    pub lists_caller: bool,
}

impl Default for Enumeration {
    fn default() -> Self {
        Self {
            levels: [
                (LevelNumber::L0, Access::Anyone),
                (LevelNumber::L1, Access::Administrators),
                (LevelNumber::L2, Access::Administrators),
                (LevelNumber::L10, Access::Anyone),
                (LevelNumber::L502, Access::Administrators),
            ]
            .into(),
            missing_level: Missing::Code(124),
            access_before_level: false,
            honours_filters: true,
            honours_length: true,
            page_size: None,
            resume_on_success: ResumeOnSuccess::Zero,
            error_body: ErrorBody::Empty,
            null_strings: false,
            client_names: Names::Decorated,
            user_names: Names::Bare,
            lists_caller: false,
        }
    }
}

impl Enumeration {
    /// Who may ask for a level; nothing if it does not exist.
    #[must_use]
    pub fn access(&self, level: Level) -> Option<Access> {
        self.levels.get(&level.into()).copied()
    }
}

/// A page without an entry is a fault of its own, which leads nowhere.
fn page_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    match usize::deserialize(deserializer)? {
        0 => Err(D::Error::custom("a page has 1 session at least; page-without-entry is a kind of fault")),
        size => Ok(Some(size)),
    }
}

/// The number of a level, as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum LevelNumber {
    /// The client.
    #[serde(rename = "0")]
    L0,
    /// Client, user, opens, times and flags.
    #[serde(rename = "1")]
    L1,
    /// Level 1 and the client type.
    #[serde(rename = "2")]
    L2,
    /// Client, user and times.
    #[serde(rename = "10")]
    L10,
    /// Level 2 and the transport.
    #[serde(rename = "502")]
    L502,
}

impl From<Level> for LevelNumber {
    fn from(level: Level) -> Self {
        match level {
            Level::L0 => Self::L0,
            Level::L1 => Self::L1,
            Level::L2 => Self::L2,
            Level::L10 => Self::L10,
            Level::L502 => Self::L502,
        }
    }
}

/// Who may ask for a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Whoever has logged on.
    Anyone,
    /// Administrators and Server Operators.
    Administrators,
    /// Nobody: the level exists and everybody is refused.
    Nobody,
}

/// What a level that does not exist is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// A return code of the call.
    Code(u32),
    /// An RPC fault.
    Fault(u32),
}

/// What a resume handle says where there is no more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResumeOnSuccess {
    /// 0.
    Zero,
    /// Where the list ends, as on Samba, illumos and some Windows servers.
    Index,
}

/// The body of an answer that is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorBody {
    /// Level, tag and an empty container.
    Empty,
    /// Level, tag and a null container.
    Null,
    /// Zeros up to the return code, level and tag included, as illumos sends it.
    Zeroed,
}

/// How names are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Names {
    /// As they are.
    Bare,
    /// Clients with backslashes and brackets, users with their domain.
    Decorated,
}

impl Names {
    /// A client as this server writes it.
    #[must_use]
    pub fn client(self, bare: &str) -> String {
        match (self, bare.parse::<IpAddr>()) {
            (Self::Bare, _) => bare.to_owned(),
            (Self::Decorated, Ok(IpAddr::V6(_))) => format!(r"\\[{bare}]"),
            (Self::Decorated, _) => format!(r"\\{bare}"),
        }
    }
}
