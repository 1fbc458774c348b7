use netsession_proto::auth::kerberos::KerberosError;

/// Why there is no ticket for a server.
#[derive(Debug, Clone)]
pub(crate) struct TicketError {
    pub(crate) error: KerberosError,
    /// Whether the account itself has a ticket, so that only the one for the server is missing.
    pub(crate) had_ticket: bool,
}

/// Called with the answer of the domain controller to a secret, on the thread that asked: also when the log-on that
/// wanted it has ended.
pub(crate) type Heard = Box<dyn FnOnce(Answer<'_>) + Send>;

/// What a domain controller said to the secret of a log-on.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    Accepted,
    /// It was not asked for this log-on: the credential is there already, or another log-on asked for it.
    NotAsked,
    Failed(&'a KerberosError),
}
