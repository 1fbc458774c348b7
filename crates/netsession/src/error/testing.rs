use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};
use netsession_proto::auth::{AuthError, Requirement};
use netsession_proto::client::{self, Step as At};
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::srvs::Level;
use netsession_proto::wire::DecodeError;

use super::{Cause, Error, ErrorKind, Step};
use crate::logon_guard::{Reason, Refusal};

impl Error {
    /// A typical error of this kind from `server`, for tests of code that handles errors (feature `testing`).
    ///
    /// Step, code, text and advice are those of a real error of the kind, such as `ERROR_ACCESS_DENIED` for
    /// [`ErrorKind::AccessDenied`]. Which one is chosen may change between versions: test what the code under test
    /// does with them, not what they are.
    ///
    /// ```
    /// use netsession::{Error, ErrorKind};
    ///
    /// let error = Error::for_testing(ErrorKind::TimedOut, "fs1");
    /// assert_eq!((error.kind(), error.server()), (ErrorKind::TimedOut, Some("fs1")));
    /// assert!(error.is_retryable());
    /// ```
    #[must_use]
    pub fn for_testing(kind: ErrorKind, server: impl Into<String>) -> Self {
        let at = |step, cause| Self::new(Step::Conversation(step), Cause::Conversation(cause));
        let error = match kind {
            ErrorKind::InvalidRequest => Self::invalid("a timeout of zero"),
            ErrorKind::Resolve => {
                Self::new(Step::Resolve, Cause::Resolve("name or service not known".into()))
            }
            ErrorKind::Connect => Self::new(Step::Connect, Cause::Connect(Vec::new())),
            ErrorKind::TimedOut => at(At::Negotiate, client::Cause::TimedOut),
            ErrorKind::Closed => at(At::Negotiate, client::Cause::Closed),
            ErrorKind::NotSmb => {
                at(At::Negotiate, client::Cause::NotSmb(b"HTTP/1.1 400 Bad Request".to_vec()))
            }
            ErrorKind::Smb1Only => at(At::Negotiate, client::Cause::Smb1Only),
            ErrorKind::LogOnRefused => at(At::LogOn, client::Cause::LogOnRefused(NtStatus::LOGON_FAILURE)),
            ErrorKind::LogOnBlocked => {
                let reason = Reason::Status(NtStatus::LOGON_FAILURE);
                let refusal = Refusal { server: "another server".into(), reason };
                Self::new(Step::Conversation(At::LogOn), Cause::Blocked(refusal))
            }
            ErrorKind::Guest => at(At::LogOn, client::Cause::Guest),
            ErrorKind::Authentication => {
                let lacks = AuthError::ChallengeLacks(Requirement::ExtendedSessionSecurity);
                at(At::LogOn, client::Cause::Authentication(lacks))
            }
            ErrorKind::Kerberos => {
                Self::new(Step::Ticket, Cause::Kerberos(KerberosError::new(KerberosCause::NoTicket)))
            }
            ErrorKind::AccessDenied => at(At::Enumerate, client::Cause::Refused(Win32Error::ACCESS_DENIED)),
            ErrorKind::LevelNotSupported => {
                let (asked, works) = (Level::L502, Some(Level::L1));
                at(At::Enumerate, client::Cause::LevelNotSupported { asked, works, code: 124 })
            }
            ErrorKind::Status => at(At::TreeConnect, client::Cause::Status(NtStatus::BAD_NETWORK_NAME)),
            ErrorKind::Encryption => at(At::Negotiate, client::Cause::EncryptionUnavailable),
            ErrorKind::Malformed => {
                at(At::Enumerate, client::Cause::Malformed(DecodeError::invalid("Level", 4, 7)))
            }
            ErrorKind::Misbehaved => at(At::Bind, client::Cause::Misbehaved("an empty fragment")),
            ErrorKind::Integrity => at(At::Enumerate, client::Cause::Integrity("a wrong signature")),
            ErrorKind::Unsupported => at(At::Negotiate, client::Cause::Unsupported("no dialect in common")),
            ErrorKind::Limit => at(At::Enumerate, client::Cause::Limit("entries", 1_000_000)),
            ErrorKind::Local => Self::new(Step::Connect, Cause::Local("too many open files".into())),
        };
        error.at(server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_can_be_made() {
        for &kind in ErrorKind::ALL {
            let error = Error::for_testing(kind, "fs1");
            assert_eq!((error.kind(), error.server()), (kind, Some("fs1")));
            assert!(error.to_string().starts_with("fs1: "), "{error}");
        }
    }
}
