use std::fmt;
use std::str::FromStr;

/// The kind of an error: one closed list, the same in the API, in JSON and in metrics.
///
/// | kind | text | what the caller can do |
/// |---|---|---|
/// | [`InvalidRequest`](Self::InvalidRequest) | `invalid_request` | correct the request |
/// | [`Resolve`](Self::Resolve) | `resolve` | correct the name, check DNS |
/// | [`Connect`](Self::Connect) | `connect` | check that the server runs and TCP port 445 is open |
/// | [`TimedOut`](Self::TimedOut) | `timeout` | try again, or allow more time |
/// | [`Closed`](Self::Closed) | `closed` | connect again |
/// | [`NotSmb`](Self::NotSmb) | `not_smb` | correct the server or the port |
/// | [`Smb1Only`](Self::Smb1Only) | `smb1_only` | enable SMB 2 on the server |
/// | [`HostDenied`](Self::HostDenied) | `host_denied` | allow this machine on the server |
/// | [`LogOnRefused`](Self::LogOnRefused) | `logon_refused` | correct the credentials, then [`logon_guard::allow_again`](crate::logon_guard::allow_again) |
/// | [`LogOnBlocked`](Self::LogOnBlocked) | `logon_blocked` | as above: no log-on was sent |
/// | [`LogOnUnanswered`](Self::LogOnUnanswered) | `logon_unanswered` | look at the server that does not answer, then try again: no log-on was sent |
/// | [`Guest`](Self::Guest) | `guest` | name an account that the server knows |
/// | [`Authentication`](Self::Authentication) | `authentication` | check the server's authentication settings |
/// | [`Kerberos`](Self::Kerberos) | `kerberos` | check the ticket, the realm and the clock, or log on with a password |
/// | [`AccessDenied`](Self::AccessDenied) | `access_denied` | use an administrator of the server |
/// | [`LevelNotSupported`](Self::LevelNotSupported) | `level_not_supported` | ask for another level |
/// | [`Changed`](Self::Changed) | `changed` | list again: what was to be closed is another one now |
/// | [`UnknownOutcome`](Self::UnknownOutcome) | `unknown_outcome` | list again: the change may have been made |
/// | [`Status`](Self::Status) | `status` | look at the code |
/// | [`Encryption`](Self::Encryption) | `encryption` | make both ends agree on encryption |
/// | [`Malformed`](Self::Malformed) | `malformed` | report it: the answer breaks the format |
/// | [`Misbehaved`](Self::Misbehaved) | `misbehaved` | report it: the answer breaks the protocol |
/// | [`Integrity`](Self::Integrity) | `integrity` | look for a device in between that changes messages |
/// | [`Unsupported`](Self::Unsupported) | `unsupported` | widen the dialects |
/// | [`Limit`](Self::Limit) | `limit` | raise the limit |
/// | [`Local`](Self::Local) | `local` | check the resources of this machine |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request itself cannot be sent.
    InvalidRequest,
    /// The name of the server was not resolved to an address.
    Resolve,
    /// No TCP connection: refused, unreachable or reset.
    Connect,
    /// The deadline passed, during the step of the error.
    TimedOut,
    /// The server closed the connection, or the client had failed before.
    Closed,
    /// Another service than SMB answers.
    NotSmb,
    /// The server speaks SMB1 only.
    Smb1Only,
    /// The server does not accept connections from this machine.
    HostDenied,
    /// The server refused the log-on.
    LogOnRefused,
    /// The log-on was not tried, because the account was refused before in this process.
    LogOnBlocked,
    /// The log-on was not tried, because other log-ons of the account are unanswered: they may have been wrong ones.
    LogOnUnanswered,
    /// The server opened a guest or an anonymous session.
    Guest,
    /// The exchange of tokens failed.
    Authentication,
    /// There is no Kerberos ticket for the server, or the server did not accept it.
    Kerberos,
    /// The account was logged on and lacks the right.
    AccessDenied,
    /// The server has no such level.
    LevelNotSupported,
    /// The file that was to be closed is another one now, or of another user. Nothing was closed.
    Changed,
    /// The answer to a request that changes something did not come, or could not be read: it may have been carried
    /// out, and is not repeated.
    UnknownOutcome,
    /// Any other status, return code or fault from the server.
    Status,
    /// Encryption is demanded and switched off, or required and not supported.
    Encryption,
    /// An answer that violates its format.
    Malformed,
    /// A well-formed message that the protocol does not allow at this step.
    Misbehaved,
    /// A wrong or missing signature, or a downgrade.
    Integrity,
    /// No dialect or algorithm in common.
    Unsupported,
    /// A configured limit was reached.
    Limit,
    /// This machine has no descriptors, threads or randomness left.
    Local,
}

/// One list for both: a kind that has no name here does not compile.
macro_rules! names {
    ($($kind:ident => $name:literal,)*) => {
        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The name of the kind in JSON and metrics.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

names! {
    InvalidRequest => "invalid_request",
    Resolve => "resolve",
    Connect => "connect",
    TimedOut => "timeout",
    Closed => "closed",
    NotSmb => "not_smb",
    Smb1Only => "smb1_only",
    HostDenied => "host_denied",
    LogOnRefused => "logon_refused",
    LogOnBlocked => "logon_blocked",
    LogOnUnanswered => "logon_unanswered",
    Guest => "guest",
    Authentication => "authentication",
    Kerberos => "kerberos",
    AccessDenied => "access_denied",
    LevelNotSupported => "level_not_supported",
    Changed => "changed",
    UnknownOutcome => "unknown_outcome",
    Status => "status",
    Encryption => "encryption",
    Malformed => "malformed",
    Misbehaved => "misbehaved",
    Integrity => "integrity",
    Unsupported => "unsupported",
    Limit => "limit",
    Local => "local",
}

impl FromStr for ErrorKind {
    type Err = ParseErrorKindError;

    /// The reverse of [`as_str`](Self::as_str).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(ParseErrorKindError(()))
    }
}

/// A text that is not an [`ErrorKind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of error")]
pub struct ParseErrorKindError(());

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_snake_case() {
        let mut names: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert!(
            names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'1'))
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ErrorKind::ALL.len());
    }
}
