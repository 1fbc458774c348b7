use netsession_proto::auth::kerberos::{KerberosCause, KerberosError};
use netsession_proto::auth::{AuthError, Requirement};
use netsession_proto::client::{self, Limit, Misbehaviour, Refusal, SessionRefusal, Tampering, Unsupported};
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::query::{Query as _, SessionQuery};
use netsession_proto::srvs::{FileCloseRequest, Level, RpcCall as _};
use netsession_proto::wire::DecodeError;

use super::{Cause, Changed, Error, ErrorKind, FileOfUser, InvalidRequest, LocalError, ResolveError, Step};
use crate::logon_guard::{LogOnRefusal, Reason};

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
        let at = |step, cause| Self::new(step, Cause::Conversation(cause));
        let call = Step::for_call(SessionQuery::OPERATION);
        let error = match kind {
            ErrorKind::InvalidRequest => Self::invalid(InvalidRequest::ZeroTimeout),
            ErrorKind::Resolve => {
                let not_found = ResolveError::NotFound("name or service not known".into());
                Self::new(Step::Resolve, Cause::Resolve(not_found))
            }
            ErrorKind::Connect => Self::new(Step::Connect, Cause::Connect(Vec::new())),
            ErrorKind::TimedOut => at(Step::Negotiate, client::Cause::TimedOut),
            ErrorKind::Closed => at(Step::Negotiate, client::Cause::Closed),
            ErrorKind::NotSmb => {
                at(Step::Negotiate, client::Cause::NotSmb(b"HTTP/1.1 400 Bad Request".to_vec()))
            }
            ErrorKind::Smb1Only => at(Step::Negotiate, client::Cause::Smb1Only),
            ErrorKind::HostDenied => {
                at(Step::Negotiate, client::Cause::HostDenied(SessionRefusal::NOT_LISTENING_FOR_CALLING_NAME))
            }
            ErrorKind::LogOnRefused => at(Step::LogOn, client::Cause::LogOnRefused(NtStatus::LOGON_FAILURE)),
            ErrorKind::LogOnBlocked => {
                let reason = Reason::Status(NtStatus::LOGON_FAILURE);
                let refusal = LogOnRefusal { server: "another server".into(), reason };
                Self::new(Step::LogOn, Cause::Blocked(refusal))
            }
            ErrorKind::LogOnUnanswered => {
                let refusal = LogOnRefusal { server: "another server".into(), reason: Reason::NoAnswer };
                Self::new(Step::LogOn, Cause::Unanswered(refusal))
            }
            ErrorKind::Guest => at(Step::LogOn, client::Cause::Guest),
            ErrorKind::Authentication => {
                let lacks = AuthError::ChallengeLacks(Requirement::ExtendedSessionSecurity);
                at(Step::LogOn, client::Cause::Authentication(lacks))
            }
            ErrorKind::Kerberos => {
                Self::new(Step::Ticket, Cause::Kerberos(KerberosError::new(KerberosCause::NoTicket)))
            }
            ErrorKind::AccessDenied => {
                at(call, client::Cause::Refused(Refusal::Code(Win32Error::ACCESS_DENIED)))
            }
            ErrorKind::LevelNotSupported => {
                let (asked, works, refusal) = (Level::L502, Some(Level::L1), Refusal::Code(Win32Error(124)));
                at(call, client::Cause::LevelNotSupported { asked, works, refusal })
            }
            ErrorKind::Changed => {
                let (now, listed) = (
                    FileOfUser::new(Some(r"D:\new.txt"), Some("bob")),
                    FileOfUser::new(Some(r"D:\old.txt"), Some("alice")),
                );
                let call = Step::for_call(FileCloseRequest::OPERATION);
                Self::changed(call, Changed::OtherFile { id: 16, now, listed })
            }
            ErrorKind::UnknownOutcome => {
                at(Step::for_call(FileCloseRequest::OPERATION), client::Cause::TimedOut)
            }
            ErrorKind::Status => at(Step::TreeConnect, client::Cause::Status(NtStatus::BAD_NETWORK_NAME)),
            ErrorKind::Encryption => at(Step::Negotiate, client::Cause::EncryptionUnavailable),
            ErrorKind::Malformed => at(call, client::Cause::Malformed(DecodeError::invalid("Level", 4, 7))),
            ErrorKind::Misbehaved => at(Step::Bind, client::Cause::Misbehaved(Misbehaviour::EmptyFragment)),
            ErrorKind::Integrity => at(call, client::Cause::Integrity(Tampering::Signature)),
            ErrorKind::Unsupported => at(Step::Negotiate, client::Cause::Unsupported(Unsupported::Dialects)),
            ErrorKind::Limit => at(call, client::Cause::Limit(Limit::Entries(1_000_000))),
            ErrorKind::Local => {
                Self::new(Step::Connect, Cause::Local(LocalError::Exhausted("Too many open files".into())))
            }
        };
        error.with_server(server)
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
