use netsession_proto::client::ListRequest;

use crate::Level;

/// What both kinds of `SessionsRequest` collect.
#[derive(Debug, Clone, Default)]
pub(crate) struct Question {
    pub(crate) level: Level,
    pub(crate) client: Option<String>,
    pub(crate) user: Option<String>,
}

impl Question {
    pub(crate) fn into_request(self) -> ListRequest {
        ListRequest { level: self.level.wanted(), client: self.client, user: self.user }
    }
}
