use netsession_proto::auth::kerberos::KerberosError;

/// Why there is no ticket for a server.
#[derive(Debug, Clone)]
pub(crate) struct TicketError {
    pub(crate) error: KerberosError,
    /// Whether the account itself has a ticket, so that only the one for the server is missing.
    pub(crate) had_ticket: bool,
}

/// Called with the result of the request to the domain controller, on the thread that sent it: also when the log-on
/// that wanted it has ended.
pub(crate) type Heard = Box<dyn FnOnce(KdcResult<'_>) + Send>;

/// The result of the request to a domain controller for the secret of a log-on.
#[derive(Debug)]
pub(crate) enum KdcResult<'a> {
    Accepted,
    /// It was not asked for this log-on: the credential is there already, or another log-on asked for it.
    NotAsked,
    Failed(&'a KerberosError),
}
