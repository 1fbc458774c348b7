use netsession_proto::client::{ListRequest, WantedLevel};

use crate::Level;

/// What both kinds of `SessionsRequest` collect.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question {
    pub(crate) level: Level,
    /// What the server gave before, where the level is `Auto`.
    pub(crate) known_level: Level,
    pub(crate) client: Option<String>,
    pub(crate) user: Option<String>,
}

impl Question {
    pub(crate) fn into_request(self) -> ListRequest {
        let level = match (self.level.wanted(), self.known_level.wanted()) {
            (WantedLevel::Auto, WantedLevel::Named(known)) => WantedLevel::AutoFrom(known),
            (wanted, _) => wanted,
        };
        ListRequest { level, client: self.client, user: self.user }
    }
}
