use std::fmt;

use netsession_proto::client;

/// What was being done when it went wrong, as an administrator would name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// The name of the server is turned into addresses.
    Resolve,
    /// The TCP connect.
    Connect,
    /// A Kerberos ticket for the server is asked for.
    Ticket,
    /// A step of the conversation with the server.
    Conversation(client::Step),
}

impl From<client::Operation> for Step {
    fn from(operation: client::Operation) -> Self {
        Self::Conversation(client::Step::Call(operation))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve => f.write_str("resolve"),
            Self::Connect => f.write_str("connect"),
            Self::Ticket => f.write_str("Kerberos ticket"),
            Self::Conversation(step) => step.fmt(f),
        }
    }
}
