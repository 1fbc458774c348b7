use netsession_proto::rpce::MIN_FRAGMENT;
use serde::{Deserialize, Deserializer};

/// The RPC layer of a server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Rpc {
    /// The longest fragment that it accepts, in bytes: at least 1432.
    #[serde(deserialize_with = "fragment_size")]
    pub max_fragment: u16,
    /// Every fragment but the last has STATUS_BUFFER_OVERFLOW, as on Samba.
    pub overflow_between_fragments: bool,
}

impl Default for Rpc {
    fn default() -> Self {
        Self { max_fragment: 5840, overflow_between_fragments: false }
    }
}

fn fragment_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let size = u16::deserialize(deserializer)?;
    if size < MIN_FRAGMENT {
        return Err(serde::de::Error::custom(format!("a fragment has {MIN_FRAGMENT} bytes at least")));
    }
    Ok(size)
}
