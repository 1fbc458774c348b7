use netsession_proto::smb2::{PreauthHash, SessionKeys};

use super::ntlm::Exchange;

/// One user's session.
#[derive(Debug)]
pub(super) struct Session {
    /// Over all that was said until there were keys.
    pub(super) preauth: PreauthHash,
    /// The log-on, until it is through.
    pub(super) exchange: Option<Exchange>,
    pub(super) keys: Option<SessionKeys>,
    pub(super) caller: Caller,
    pub(super) signing_required: bool,
    /// Logged off: its keys sign the last reply, and it is nobody's session any more.
    pub(super) ended: bool,
}

/// Who asks.
#[derive(Debug, Clone, Default)]
pub(super) struct Caller {
    pub(super) name: String,
    pub(super) administrator: bool,
}
