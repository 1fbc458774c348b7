use std::collections::BTreeMap;
use std::net::IpAddr;

use netsession_proto::srvs::Level;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// How NetrSessionEnum is answered (\[MS-SRVS\] 3.1.4.5), and how a server deviates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Enumeration {
    /// The levels that exist, and the callers that may use them.
    pub levels: BTreeMap<LevelNumber, Access>,
    /// The answer at a level that does not exist.
    pub missing_level: Missing,
    /// Access is checked before the level, as Samba does.
    pub access_before_level: bool,
    /// Filters by client and user are applied.
    pub honours_filters: bool,
    /// PreferedMaximumLength is applied.
    pub honours_length: bool,
    /// Maximum sessions of a page, whatever the preferred length: at least 1.
    #[serde(deserialize_with = "page_size")]
    pub page_size: Option<usize>,
    /// The resume handle after the last page.
    pub resume_on_success: ResumeOnSuccess,
    /// The body of an answer with an error code.
    pub error_body: ErrorBody,
    /// Empty names are null pointers.
    pub null_strings: bool,
    /// How clients are written: `\\10.0.0.5` and `\\[fe80::1]`.
    pub client_names: Names,
    /// How users are written: with their domain or without.
    pub user_names: Names,
    /// The session of the caller is in the list.
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
    /// The callers that may use a level; `None` if it does not exist.
    #[must_use]
    pub fn access(&self, level: Level) -> Option<Access> {
        self.levels.get(&level.into()).copied()
    }
}

/// An empty page is a kind of fault, not a page size.
fn page_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    match usize::deserialize(deserializer)? {
        0 => Err(D::Error::custom("a page has at least 1 session; page-without-entry is a kind of fault")),
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

/// The callers that may use a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Every user.
    Anyone,
    /// Administrators and Server Operators.
    Administrators,
    /// No caller: the level exists, and access to it is denied.
    Nobody,
}

impl Access {
    /// Whether a caller may, who is an administrator or not.
    pub(crate) const fn allows(self, is_administrator: bool) -> bool {
        match self {
            Self::Anyone => true,
            Self::Administrators => is_administrator,
            Self::Nobody => false,
        }
    }
}

/// The answer at a level that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// A return code of the call.
    Code(u32),
    /// An RPC fault.
    Fault(u32),
}

/// The resume handle after the last page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResumeOnSuccess {
    /// 0.
    Zero,
    /// Where the list ends, as on Samba, illumos and some Windows servers.
    Index,
}

/// The body of an answer with an error code.
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
