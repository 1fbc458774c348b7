//! The causes of failures: one type for each source.

mod changed;
mod connect;
mod invalid_request;
mod local;
mod resolve;

pub(crate) use changed::{Changed, FileOfUser};
pub(crate) use connect::{Attempt, ConnectFailure};
pub(crate) use invalid_request::InvalidRequest;
pub(crate) use local::LocalError;
pub(crate) use resolve::ResolveError;

use netsession_proto::auth::kerberos::KerberosError;
use netsession_proto::client;
#[cfg(any(windows, test))]
use netsession_proto::erref::Win32Error;

use crate::logon_guard::LogOnRefusal;

/// The cause of an error. The function `classify` matches every variant.
#[derive(Debug, Clone)]
pub(crate) enum Cause {
    /// The request is not sent.
    InvalidRequest(InvalidRequest),
    /// The name has no address.
    Resolve(ResolveError),
    /// No address of the server accepted the connection.
    Connect(Vec<Attempt>),
    /// The deadline passed before there was a connection; the addresses that were tried, if any.
    TimedOut(Vec<Attempt>),
    /// What was to be closed is another one now.
    Changed(Changed),
    /// The account was refused before.
    Blocked(LogOnRefusal),
    /// Other log-ons of the account are unanswered.
    Unanswered(LogOnRefusal),
    /// The client is used after an error that ended its connection.
    ClientClosed,
    /// This machine has no resources left.
    Local(LocalError),
    /// The return code of the system's own call, which got no answer of the server.
    #[cfg(any(windows, test))]
    System(Win32Error),
    /// There is no ticket.
    Kerberos(KerberosError),
    /// What the conversation ended with.
    Conversation(client::Cause),
}
