use netsession_proto::auth::AuthError;
use netsession_proto::auth::kerberos::{KerberosCause, KerberosError, KrbErrorCode};
use netsession_proto::client::{Cause, Failure, Limit, Operation, Refusal, SessionRefusal, Step, Tampering};
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::query::{Query as _, SessionQuery};
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::Level;
use netsession_proto::wire::DecodeError;

use super::{Attempt, ConnectFailure, Error, ErrorKind, ResolveError};
use crate::Account;
use crate::logon_guard::Reason;

const CALL: Step = Step::Call(SessionQuery::OPERATION);

fn error(step: Step, cause: Cause) -> Error {
    let error = Error::from_failure(Failure { step, cause }).with_server("fs1");
    error.with_account(Some(Account::new("admin").in_domain("LAB")))
}

fn system_error(code: u32) -> Error {
    Error::from_system(SessionQuery::OPERATION, Win32Error(code)).with_server("fs1")
}

#[test]
fn texts_name_server_step_and_code() {
    for (step, cause, kind, text) in [
        (
            Step::LogOn,
            Cause::LogOnRefused(NtStatus::LOGON_FAILURE),
            ErrorKind::LogOnRefused,
            r"fs1: log-on as LAB\admin: refused (STATUS_LOGON_FAILURE 0xC000006D)",
        ),
        (
            Step::LogOn,
            Cause::LogOnRefused(NtStatus(0xC000_0FFF)),
            ErrorKind::LogOnRefused,
            r"fs1: log-on as LAB\admin: refused (0xC0000FFF)",
        ),
        (
            Step::LogOn,
            Cause::LogOnRefused(NtStatus::NO_LOGON_SERVERS),
            ErrorKind::Status,
            r"fs1: log-on as LAB\admin: refused (STATUS_NO_LOGON_SERVERS 0xC000005E)",
        ),
        (
            Step::LogOn,
            Cause::Guest,
            ErrorKind::Guest,
            r"fs1: log-on as LAB\admin: the server took the caller for a guest",
        ),
        (
            CALL,
            Cause::Refused(Refusal::Code(Win32Error(5))),
            ErrorKind::AccessDenied,
            r"fs1: enumeration of sessions as LAB\admin: access denied (ERROR_ACCESS_DENIED 5)",
        ),
        (
            CALL,
            Cause::Refused(Refusal::Code(Win32Error(99_999))),
            ErrorKind::Status,
            "fs1: enumeration of sessions: the server answered with 99999",
        ),
        (
            CALL,
            Cause::LevelNotSupported {
                asked: Level::L502,
                works: Some(Level::L1),
                refusal: Refusal::Code(Win32Error(124)),
            },
            ErrorKind::LevelNotSupported,
            "fs1: enumeration of sessions: the server has no level 502 (ERROR_INVALID_LEVEL 124), level 1 works",
        ),
        (
            CALL,
            Cause::LevelNotSupported {
                asked: Level::L2,
                works: None,
                refusal: Refusal::Fault(FaultStatus(0x1C00_0006)),
            },
            ErrorKind::LevelNotSupported,
            "fs1: enumeration of sessions: the server has no level 2 (nca_s_fault_invalid_tag 0x1C000006)",
        ),
        (
            CALL,
            Cause::Refused(Refusal::Fault(FaultStatus(0x1C01_0002))),
            ErrorKind::Status,
            "fs1: enumeration of sessions: the server answered with an RPC fault (nca_op_rng_error 0x1C010002)",
        ),
        (
            Step::TreeConnect,
            Cause::Status(NtStatus::ACCESS_DENIED),
            ErrorKind::AccessDenied,
            r"fs1: tree connect to IPC$ as LAB\admin: access denied (STATUS_ACCESS_DENIED 0xC0000022)",
        ),
        (
            Step::Negotiate,
            Cause::NotSmb(b"HTTP/1.1 400\r\nServer: x".to_vec()),
            ErrorKind::NotSmb,
            r#"fs1: negotiate: what answers is no SMB server: it said "HTTP/1.1 400""#,
        ),
        (
            Step::Negotiate,
            Cause::NotSmb(b"\x1b[2J\x00".to_vec()),
            ErrorKind::NotSmb,
            r#"fs1: negotiate: what answers is no SMB server: it said "\x1b[2J\x00""#,
        ),
        (
            Step::Negotiate,
            Cause::Smb1Only,
            ErrorKind::Smb1Only,
            "fs1: negotiate: the server answered in SMB1: it speaks SMB1 only",
        ),
        (
            Step::Negotiate,
            Cause::Closed,
            ErrorKind::Closed,
            "fs1: negotiate: the server closed the connection before it answered",
        ),
        (
            Step::Negotiate,
            Cause::Reset,
            ErrorKind::Closed,
            "fs1: negotiate: the connection was reset before the server answered",
        ),
        (
            CALL,
            Cause::Closed,
            ErrorKind::Closed,
            "fs1: enumeration of sessions: the server closed the connection",
        ),
        (
            Step::Negotiate,
            Cause::HostDenied(SessionRefusal(0x81)),
            ErrorKind::HostDenied,
            "fs1: negotiate: this machine may not connect to that server (hosts allow, hosts deny) (NetBIOS error 0x81)",
        ),
        (
            Step::Negotiate,
            Cause::HostDenied(SessionRefusal(0x84)),
            ErrorKind::HostDenied,
            "fs1: negotiate: the server refused the connection (NetBIOS error 0x84)",
        ),
        (
            Step::Negotiate,
            Cause::Status(NtStatus::ACCESS_DENIED),
            ErrorKind::Status,
            "fs1: negotiate: access denied (STATUS_ACCESS_DENIED 0xC0000022)",
        ),
        (
            CALL,
            Cause::Malformed(DecodeError::invalid("Level", 4, 7)),
            ErrorKind::Malformed,
            "fs1: enumeration of sessions: malformed answer: Level at byte 4 has the impossible value 0x7",
        ),
        (Step::OpenPipe, Cause::TimedOut, ErrorKind::TimedOut, "fs1: open of the pipe srvsvc: timed out"),
        (
            CALL,
            Cause::Limit(Limit::Entries(10)),
            ErrorKind::Limit,
            "fs1: enumeration of sessions: more than the limit of 10 entries",
        ),
    ] {
        let error = error(step, cause);
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, text));
        assert!(error.advice().is_none_or(|advice| !advice.is_empty()));
    }
}

#[test]
fn codes_have_numbers_and_names() {
    let denied = error(CALL, Cause::Refused(Refusal::Code(Win32Error(5))));
    assert_eq!((denied.code(), denied.name()), (Some(5), Some("ERROR_ACCESS_DENIED")));
    let refused = error(Step::LogOn, Cause::LogOnRefused(NtStatus(0xC000_006D)));
    assert_eq!((refused.code(), refused.name()), (Some(0xC000_006D), Some("STATUS_LOGON_FAILURE")));
    let closed = error(CALL, Cause::Closed);
    assert_eq!((closed.code(), closed.name()), (None, None));
}

#[test]
fn failures_that_another_try_can_help() {
    for (step, cause, retryable) in [
        (CALL, Cause::TimedOut, true),
        (CALL, Cause::Closed, true),
        (Step::LogOn, Cause::LogOnRefused(NtStatus::LOGON_FAILURE), false),
        (Step::LogOn, Cause::LogOnRefused(NtStatus::NO_LOGON_SERVERS), true),
        (Step::LogOn, Cause::LogOnRefused(NtStatus::TRUSTED_RELATIONSHIP_FAILURE), false),
        (Step::OpenPipe, Cause::Status(NtStatus(0xC000_00AC)), true),
        (CALL, Cause::Refused(Refusal::Code(Win32Error(5))), false),
        (Step::Negotiate, Cause::Smb1Only, false),
    ] {
        assert_eq!(error(step, cause.clone()).is_retryable(), retryable, "{cause:?}");
    }
}

#[test]
fn error_is_small() {
    assert_eq!(std::mem::size_of::<Error>(), std::mem::size_of::<usize>());
}

#[test]
fn system_codes_have_kind_and_advice_of_the_wire() {
    let of_wire = |step, cause| error(step, cause).advice();
    for (code, kind, step, advice) in [
        // An answer of the server: the same error.
        (
            5,
            ErrorKind::AccessDenied,
            "enumeration of sessions",
            of_wire(CALL, Cause::Refused(Refusal::Code(Win32Error(5)))),
        ),
        (
            1326,
            ErrorKind::LogOnRefused,
            "log-on",
            of_wire(Step::LogOn, Cause::LogOnRefused(NtStatus::LOGON_FAILURE)),
        ),
        (
            1909,
            ErrorKind::LogOnRefused,
            "log-on",
            of_wire(Step::LogOn, Cause::LogOnRefused(NtStatus::ACCOUNT_LOCKED_OUT)),
        ),
        (
            1311,
            ErrorKind::Status,
            "log-on",
            of_wire(Step::LogOn, Cause::LogOnRefused(NtStatus::NO_LOGON_SERVERS)),
        ),
        (64, ErrorKind::Closed, "enumeration of sessions", of_wire(CALL, Cause::Closed)),
        (121, ErrorKind::TimedOut, "enumeration of sessions", of_wire(CALL, Cause::TimedOut)),
    ] {
        let error = system_error(code);
        assert_eq!((error.kind(), error.code()), (kind, Some(code)));
        assert_eq!(error.step().unwrap().to_string(), step, "{code}");
        assert_eq!(error.advice(), advice, "{code}");
    }
}

#[test]
fn system_codes_are_named_and_explained() {
    for (code, text) in [
        (53, "fs1: connect: the network path was not found (ERROR_BAD_NETPATH 53)"),
        (1722, "fs1: connect: the RPC server is unavailable (RPC_S_SERVER_UNAVAILABLE 1722)"),
        (1326, "fs1: log-on: the user name or the password is wrong (ERROR_LOGON_FAILURE 1326)"),
        (
            2114,
            "fs1: enumeration of sessions: the Server service is not started (NERR_ServerNotStarted 2114)",
        ),
        (65, "fs1: enumeration of sessions: access denied (ERROR_NETWORK_ACCESS_DENIED 65)"),
        (99_999, "fs1: enumeration of sessions: the server answered with 99999"),
    ] {
        assert_eq!(system_error(code).to_string(), text);
    }
    for code in [53, 1219, 1722, 2114] {
        assert!(system_error(code).advice().is_some(), "{code}");
    }
}

/// A call that changes something: it must not be sent twice.
const CLOSE: Step =
    Step::Call(Operation { call: "NetrFileClose", text: "closing of a file", is_repeatable: false });

#[test]
fn call_without_answer_is_retryable_only_if_repeatable() {
    for cause in [Cause::TimedOut, Cause::Closed, Cause::Reset] {
        assert!(error(CALL, cause.clone()).is_retryable(), "{cause:?}");
        let changing = error(CLOSE, cause.clone());
        assert!(!changing.is_retryable(), "{cause:?}");
        assert!(changing.advice().unwrap().contains("may have been carried out"), "{cause:?}");
        // Before the call nothing was changed.
        assert!(error(Step::OpenPipe, cause).is_retryable());
    }
    let Some(super::Step::Call(operation)) = error(CLOSE, Cause::TimedOut).step() else { panic!() };
    assert_eq!((operation.call(), operation.is_repeatable()), ("NetrFileClose", false));
    assert_eq!(operation.to_string(), "closing of a file");
}

#[test]
fn failures_that_block_the_account() {
    let ticket = |cause| {
        let cause = super::Cause::Kerberos(KerberosError::new(cause));
        Error::new(super::Step::Ticket, cause).account_refusal()
    };
    let krb = KrbErrorCode::PREAUTH_FAILED;
    let failed = NtStatus::LOGON_FAILURE;
    for (step, cause, reason) in [
        (Step::LogOn, Cause::LogOnRefused(failed), Some(Reason::Status(failed))),
        (Step::LogOn, Cause::Status(failed), Some(Reason::Status(failed))),
        // An unknown status counts against the account.
        (
            Step::LogOn,
            Cause::LogOnRefused(NtStatus(0xC000_0FFF)),
            Some(Reason::Status(NtStatus(0xC000_0FFF))),
        ),
        (Step::LogOn, Cause::Guest, Some(Reason::Guest)),
        (Step::LogOn, Cause::LogOnRefused(NtStatus::NO_LOGON_SERVERS), None),
        (Step::LogOn, Cause::LogOnRefused(NtStatus::TRUSTED_DOMAIN_FAILURE), None),
        (Step::LogOn, Cause::EncryptionDemanded(Some(NtStatus::ACCESS_DENIED)), None),
        (Step::LogOn, Cause::TimedOut, None),
        (Step::LogOn, Cause::Integrity(Tampering::LogOnSignature), None),
        // The server relays it without a signature: it cannot block the account.
        (
            Step::LogOn,
            Cause::Authentication(AuthError::Kerberos(KerberosError::new(KerberosCause::Protocol(krb)))),
            None,
        ),
        (Step::TreeConnect, Cause::Status(NtStatus::ACCESS_DENIED), None),
        (Step::TreeConnect, Cause::Status(failed), None),
        (CALL, Cause::Refused(Refusal::Code(Win32Error(5))), None),
    ] {
        assert_eq!(error(step, cause.clone()).account_refusal(), reason, "{step:?} {cause:?}");
    }
    assert_eq!(ticket(KerberosCause::Protocol(krb)), Some(Reason::Kerberos(krb)));
    assert_eq!(ticket(KerberosCause::Protocol(KrbErrorCode::SKEW)), None);
    assert_eq!(ticket(KerberosCause::TimedOut), None);
}

#[test]
fn connect_failures_are_told_apart_by_type() {
    let error = |failures: [Option<ConnectFailure>; 2]| {
        let address = "10.0.0.5:445".parse().unwrap();
        let tried = failures.into_iter().map(|failure| Attempt { address, failure }).collect();
        Error::new(super::Step::Connect, super::Cause::Connect(tried))
    };
    let is_listening_asked = |error: &Error| error.advice().unwrap().starts_with("Nothing listens there");
    let refused = error([Some(ConnectFailure::HostUnreachable), Some(ConnectFailure::Refused)]);
    assert!(is_listening_asked(&refused) && refused.is_retryable());
    // A text that says the same is not the same.
    let other = error([Some(ConnectFailure::Other("refused".into())), Some(ConnectFailure::TimedOut)]);
    assert!(!is_listening_asked(&other) && other.is_retryable());
}

#[test]
fn sources_and_details_are_the_failure_alone() {
    use std::error::Error as _;

    let refused = error(Step::LogOn, Cause::LogOnRefused(NtStatus::LOGON_FAILURE));
    assert_eq!(refused.detail(), "refused (STATUS_LOGON_FAILURE 0xC000006D)");
    assert!(refused.to_string().ends_with(&refused.detail()));
    let malformed = error(CALL, Cause::Malformed(DecodeError::invalid("Level", 4, 7)));
    let source = malformed.source().unwrap();
    assert!(source.source().unwrap().downcast_ref::<DecodeError>().is_some());
    let unresolved = ResolveError::Temporary("try again".into());
    let unresolved = Error::new(super::Step::Resolve, super::Cause::Resolve(unresolved));
    assert_eq!(unresolved.source().unwrap().to_string(), "try again");
    assert!(Error::invalid("a timeout of zero").source().is_none());
}
