use std::fmt;

use super::SessionFlags;

/// The fields of a session, each for itself. Names and order are those of the command's JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(crate) struct SessionFields<'a> {
    pub(crate) client: &'a str,
    pub(crate) user: Option<&'a str>,
    pub(crate) opens: Option<u32>,
    pub(crate) connected_seconds: Option<u32>,
    pub(crate) idle_seconds: Option<u32>,
    pub(crate) flags: Option<SessionFlags>,
    pub(crate) client_type: Option<&'a str>,
    pub(crate) transport: Option<&'a str>,
}

impl SessionFields<'_> {
    /// As the structure `name` with these fields.
    pub(super) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("client", &self.client)
            .field("user", &self.user)
            .field("opens", &self.opens)
            .field("connected_seconds", &self.connected_seconds)
            .field("idle_seconds", &self.idle_seconds)
            .field("flags", &self.flags)
            .field("client_type", &self.client_type)
            .field("transport", &self.transport)
            .finish()
    }
}
