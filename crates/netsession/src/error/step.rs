use std::fmt;

use netsession_proto::client;
use netsession_proto::srvs::{Filters, Right};

/// The step that failed, in the words of an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// The resolver looks up the addresses of the server.
    Resolve,
    /// The TCP connect.
    Connect,
    /// A domain controller issues a Kerberos ticket for the server.
    Ticket,
    /// NEGOTIATE (\[MS-SMB2\] 3.2.4.2.2).
    Negotiate,
    /// SESSION_SETUP (\[MS-SMB2\] 3.2.4.2.3).
    LogOn,
    /// TREE_CONNECT to `IPC$` (\[MS-SMB2\] 3.2.4.2.4).
    TreeConnect,
    /// CREATE of the pipe `srvsvc` (\[MS-SMB2\] 3.2.4.3).
    OpenPipe,
    /// The RPC bind (C706, \[MS-RPCE\] 3.3.1.5.2).
    Bind,
    /// FSCTL_VALIDATE_NEGOTIATE_INFO (\[MS-SMB2\] 3.2.5.5).
    ValidateNegotiate,
    /// A call to the server service, including reading its answer (\[MS-SRVS\] 3.1.4).
    Call(Operation),
}

/// A call to the server service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation(client::Operation);

impl Operation {
    /// The name of the call in the specification, such as `NetrSessionEnum`.
    #[must_use]
    pub fn call(self) -> &'static str {
        self.0.call
    }

    /// Whether the call can be sent again if its answer is missing. A call that changes something cannot: it may have
    /// been carried out.
    #[must_use]
    pub fn is_repeatable(self) -> bool {
        self.0.is_repeatable
    }

    /// The right that it needs.
    pub(super) fn right(self) -> Right {
        self.0.right
    }

    /// The filters that make its answer smaller.
    pub(super) fn filters(self) -> Filters {
        self.0.filters
    }
}

impl Step {
    /// The call that this step is.
    pub(super) fn operation(self) -> Option<Operation> {
        match self {
            Self::Call(operation) => Some(operation),
            Self::Resolve
            | Self::Connect
            | Self::Ticket
            | Self::Negotiate
            | Self::LogOn
            | Self::TreeConnect
            | Self::OpenPipe
            | Self::Bind
            | Self::ValidateNegotiate => None,
        }
    }

    /// Whether the step can be taken again when no answer came.
    pub(super) fn is_repeatable(self) -> bool {
        self.operation().is_none_or(Operation::is_repeatable)
    }

    /// The step of the state machine. Not a `From`: that would be public, and the protocol crate is not.
    pub(crate) fn from_wire(step: client::Step) -> Self {
        match step {
            client::Step::Negotiate => Self::Negotiate,
            client::Step::LogOn => Self::LogOn,
            client::Step::TreeConnect => Self::TreeConnect,
            client::Step::OpenPipe => Self::OpenPipe,
            client::Step::Bind => Self::Bind,
            client::Step::ValidateNegotiate => Self::ValidateNegotiate,
            client::Step::Call(operation) => Self::for_call(operation),
        }
    }

    /// The step of a call.
    pub(crate) fn for_call(operation: client::Operation) -> Self {
        Self::Call(Operation(operation))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Ticket => "Kerberos ticket",
            Self::Negotiate => client::Step::Negotiate.text(),
            Self::LogOn => client::Step::LogOn.text(),
            Self::TreeConnect => client::Step::TreeConnect.text(),
            Self::OpenPipe => client::Step::OpenPipe.text(),
            Self::Bind => client::Step::Bind.text(),
            Self::ValidateNegotiate => client::Step::ValidateNegotiate.text(),
            Self::Call(Operation(operation)) => operation.text,
        })
    }
}

/// The purpose of the call, such as `enumeration of sessions`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.text)
    }
}
