use std::io;
use std::net::SocketAddr;

/// One address that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    pub(crate) address: SocketAddr,
    /// `None` while there is no answer.
    pub(crate) failure: Option<ConnectFailure>,
}

/// Why an address did not accept a TCP connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectFailure {
    /// The host answered, and nothing listens on the port.
    #[error("refused")]
    Refused,
    #[error("reset")]
    Reset,
    /// The system gave up before the deadline.
    #[error("timed out")]
    TimedOut,
    #[error("host unreachable")]
    HostUnreachable,
    #[error("network unreachable")]
    NetworkUnreachable,
    /// A local firewall or policy forbids it.
    #[error("permission denied")]
    PermissionDenied,
    /// Any other error of the system, in its words.
    #[error("{0}")]
    Other(String),
}

impl From<&io::Error> for ConnectFailure {
    fn from(error: &io::Error) -> Self {
        // `io::ErrorKind` can grow: the wildcard is for kinds of the standard library.
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::ConnectionReset => Self::Reset,
            io::ErrorKind::TimedOut => Self::TimedOut,
            io::ErrorKind::HostUnreachable => Self::HostUnreachable,
            io::ErrorKind::NetworkUnreachable => Self::NetworkUnreachable,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            _ => Self::Other(error.to_string()),
        }
    }
}
