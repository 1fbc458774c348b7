use netsession_proto::auth::AuthError;
use netsession_proto::auth::kerberos::{KerberosCause, KerberosError, KrbErrorCode};
use netsession_proto::client::{Cause, Failure, Limit, Operation, Refusal, SessionRefusal, Step, Tampering};
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::query::{Query as _, SessionQuery};
use netsession_proto::rpce::FaultStatus;
use netsession_proto::srvs::Level;
use netsession_proto::wire::DecodeError;

use super::{Attempt, ConnectFailure, Error, ErrorKind, InvalidRequest, LogOnBlame, ResolveError};
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
            r"fs1: log-on as LAB\admin: the server logged the account on as a guest",
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
            r#"fs1: negotiate: not an SMB server: it said "HTTP/1.1 400""#,
        ),
        (
            Step::Negotiate,
            Cause::NotSmb(b"\x1b[2J\x00".to_vec()),
            ErrorKind::NotSmb,
            r#"fs1: negotiate: not an SMB server: it said "\x1b[2J\x00""#,
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
const CLOSE: Step = Step::Call(Operation::change("NetrFileClose", "closing of a file"));

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

/// What answers the call itself is known to have refused it; a status of SMB can be the end of the process that did it.
#[test]
fn changing_call_is_never_retryable_but_where_its_return_code_says_so() {
    for status in [0xC000_00B0, 0xC000_00C9, 0xC000_0203, 0xC000_035C, 0xC000_00B5, 0xC000_0001] {
        let error = error(CLOSE, Cause::Status(NtStatus(status)));
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::UnknownOutcome, false), "{status:#x}");
        assert_eq!(error.code(), Some(status));
    }
    for (status, kind) in [(0xC000_0022, ErrorKind::AccessDenied), (0xC000_00BB, ErrorKind::Status)] {
        let error = error(CLOSE, Cause::Status(NtStatus(status)));
        assert_eq!((error.kind(), error.is_retryable()), (kind, false), "{status:#x}");
    }
    for fault in [0x1C00_0002, 0x1C00_001B, 0x1C01_0014] {
        let error = error(CLOSE, Cause::Refused(Refusal::Fault(FaultStatus(fault))));
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Status, false), "{fault:#x}");
    }
    // ERROR_BUSY
    assert!(error(CLOSE, Cause::Refused(Refusal::Code(Win32Error(170)))).is_retryable());
}

/// The table of the design: what each status that answers SESSION_SETUP counts against.
#[test]
fn statuses_of_the_log_on_blame_account_server_or_neither() {
    let account = [
        0xC000_006D, // LOGON_FAILURE
        0xC000_006A, // WRONG_PASSWORD
        0xC000_0064, // NO_SUCH_USER
        0xC000_0234, // ACCOUNT_LOCKED_OUT
        0xC000_0072, // ACCOUNT_DISABLED
        0xC000_0193, // ACCOUNT_EXPIRED
        0xC000_006E, // ACCOUNT_RESTRICTION
        0xC000_0071, // PASSWORD_EXPIRED
        0xC000_0224, // PASSWORD_MUST_CHANGE
        0xC000_006F, // INVALID_LOGON_HOURS
        0xC000_0070, // INVALID_WORKSTATION
        0xC000_0062, // INVALID_ACCOUNT_NAME
        0xC000_0247, // LOGIN_TIME_RESTRICTION
        0xC000_0248, // LOGIN_WKSTA_RESTRICTION
        0xC000_02FA, // SMARTCARD_LOGON_REQUIRED
        0xC000_0199, // NOLOGON_WORKSTATION_TRUST_ACCOUNT
    ];
    let server = [
        0xC000_0466, // SERVER_UNAVAILABLE: NetApp, now and then
        0xC000_0418, // NTLM_BLOCKED
        0xC000_00BB, // NOT_SUPPORTED
        0xC000_0002, // NOT_IMPLEMENTED
        0xC000_015B, // LOGON_TYPE_NOT_GRANTED
        0xC000_0155, // LOGON_NOT_GRANTED
        0xC000_0022, // ACCESS_DENIED
        0xC000_0413, // AUTHENTICATION_FIREWALL_FAILED
        0xC000_0133, // TIME_DIFFERENCE_AT_DC
        0xC000_0017, // NO_MEMORY
        0xC000_005E, // NO_LOGON_SERVERS
        0xC000_009A, // INSUFFICIENT_RESOURCES
        0xC000_00B5, // IO_TIMEOUT
        0xC000_00CE, // TOO_MANY_SESSIONS
        0xC000_00D0, // REQUEST_NOT_ACCEPTED
        0xC000_0192, // NETLOGON_NOT_STARTED
        0xC000_0196, // REMOTE_SESSION_LIMIT
        0xC000_0203, // USER_SESSION_DELETED
        0xC000_0205, // INSUFF_SERVER_RESOURCES
        0xC000_0233, // DOMAIN_CONTROLLER_NOT_FOUND
        0xC000_0259, // LICENSE_QUOTA_EXCEEDED
        0xC000_02FF, // SERVER_SHUTDOWN_IN_PROGRESS
        0xC000_035C, // NETWORK_SESSION_EXPIRED
        0xC000_018A, // NO_TRUST_LSA_SECRET
        0xC000_018B, // NO_TRUST_SAM_ACCOUNT
        0xC000_018C, // TRUSTED_DOMAIN_FAILURE
        0xC000_018D, // TRUSTED_RELATIONSHIP_FAILURE
        0xC000_0190, // TRUST_FAILURE
        0xC000_019B, // DOMAIN_TRUST_INCONSISTENT
    ];
    let unknown = [
        0xC000_0FFF, // not in the table
        0xC000_0001, // UNSUCCESSFUL
        0xC000_000D, // INVALID_PARAMETER
        0xC000_00E5, // INTERNAL_ERROR
        0xC000_00AE, // PIPE_BUSY
        0xC000_020C, // CONNECTION_DISCONNECTED
        0xC05D_0000, // SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP
    ];
    let every = account.map(|status| (status, "account")).into_iter();
    let every = every.chain(server.map(|status| (status, "server")));
    for (status, blamed) in every.chain(unknown.map(|status| (status, "unknown"))) {
        let reason = Reason::Status(NtStatus(status));
        let expected = match blamed {
            "account" => LogOnBlame::Account(reason),
            "server" => LogOnBlame::Server,
            _ => LogOnBlame::Unknown(Some(reason)),
        };
        // Whichever form the status came in.
        for cause in [Cause::LogOnRefused(NtStatus(status)), Cause::Status(NtStatus(status))] {
            let error = error(Step::LogOn, cause);
            assert_eq!(error.log_on_blame(), expected, "{status:#x}");
            let advice = error.advice().unwrap();
            let says_wrong = advice.contains("password is wrong");
            assert!(!says_wrong || blamed == "account", "{status:#x}: {advice}");
        }
    }
}

/// A ticket proves that the domain accepted the account: a server that does not accept the ticket says nothing else.
#[test]
fn server_that_does_not_accept_a_ticket_blames_itself() {
    for (status, expected) in [
        (NtStatus::LOGON_FAILURE, LogOnBlame::Server),
        (NtStatus::INVALID_PARAMETER, LogOnBlame::Server),
        (NtStatus::ACCESS_DENIED, LogOnBlame::Server),
        (NtStatus::ACCOUNT_DISABLED, LogOnBlame::Account(Reason::Status(NtStatus::ACCOUNT_DISABLED))),
    ] {
        let error = error(Step::LogOn, Cause::LogOnRefused(status)).by_ticket(true);
        assert_eq!(error.log_on_blame(), expected, "{status}");
    }
}

#[test]
fn failures_without_a_status_blame_the_account_never() {
    let ticket = |cause| {
        let cause = super::Cause::Kerberos(KerberosError::new(cause));
        Error::new(super::Step::Ticket, cause).log_on_blame()
    };
    let krb = KrbErrorCode::PREAUTH_FAILED;
    let unknown = LogOnBlame::Unknown(None);
    for (step, cause, expected) in [
        (Step::LogOn, Cause::Guest, LogOnBlame::Server),
        (Step::LogOn, Cause::EncryptionDemanded(Some(NtStatus::ACCESS_DENIED)), LogOnBlame::Server),
        (Step::LogOn, Cause::TimedOut, unknown),
        (Step::LogOn, Cause::Closed, unknown),
        (Step::LogOn, Cause::Reset, unknown),
        (Step::LogOn, Cause::Integrity(Tampering::LogOnSignature), unknown),
        (Step::LogOn, Cause::Malformed(DecodeError::invalid("Token", 4, 7)), unknown),
        (Step::LogOn, Cause::Authentication(AuthError::WrongMechListMic), unknown),
        // The server relays it without a signature: it cannot block the account.
        (
            Step::LogOn,
            Cause::Authentication(AuthError::Kerberos(KerberosError::new(KerberosCause::Protocol(krb)))),
            LogOnBlame::Server,
        ),
        (Step::TreeConnect, Cause::Status(NtStatus::ACCESS_DENIED), LogOnBlame::Server),
        (Step::TreeConnect, Cause::Status(NtStatus::LOGON_FAILURE), LogOnBlame::Server),
        (Step::TreeConnect, Cause::Closed, LogOnBlame::Server),
        (CALL, Cause::Refused(Refusal::Code(Win32Error(5))), LogOnBlame::Server),
    ] {
        assert_eq!(error(step, cause.clone()).log_on_blame(), expected, "{step:?} {cause:?}");
    }
    assert_eq!(ticket(KerberosCause::Protocol(krb)), LogOnBlame::Account(Reason::Kerberos(krb)));
    assert_eq!(ticket(KerberosCause::Protocol(KrbErrorCode::SKEW)), LogOnBlame::Server);
    let reserved = KrbErrorCode(99);
    assert_eq!(
        ticket(KerberosCause::Protocol(reserved)),
        LogOnBlame::Unknown(Some(Reason::Kerberos(reserved)))
    );
    assert_eq!(ticket(KerberosCause::TimedOut), unknown);
    assert_eq!(ticket(KerberosCause::KdcUnreachable), unknown);
    assert_eq!(ticket(KerberosCause::NoTicket), LogOnBlame::Server);
}

const CANNOT_LIST: &str = "This server cannot list sessions (ksmbd of Linux cannot)";

#[test]
fn server_without_the_call_cannot_list_sessions() {
    for cause in [
        Cause::Status(NtStatus(0xC000_00BB)), // ksmbd
        Cause::Status(NtStatus(0xC000_0002)),
        Cause::Status(NtStatus(0xC000_0010)),
        Cause::Refused(Refusal::Fault(FaultStatus(0x6E4))), // impacket
        Cause::Refused(Refusal::Fault(FaultStatus(0x6D1))),
        Cause::Refused(Refusal::Fault(FaultStatus(0x1C01_0002))),
        Cause::Refused(Refusal::Code(Win32Error(2142))),
        Cause::LevelNotSupported { asked: Level::L0, works: None, refusal: Refusal::Code(Win32Error(50)) },
        Cause::LevelNotSupported { asked: Level::L502, works: None, refusal: Refusal::Code(Win32Error(120)) },
    ] {
        let error = error(CALL, cause.clone());
        assert!(error.advice().unwrap().starts_with(CANNOT_LIST), "{cause:?}: {:?}", error.advice());
        assert!(!error.is_retryable(), "{cause:?}");
    }
    // Another call says nothing about sessions, another step nothing about calls.
    for (step, cause) in [
        (CLOSE, Cause::Status(NtStatus::NOT_SUPPORTED)),
        (Step::OpenPipe, Cause::Status(NtStatus::NOT_SUPPORTED)),
    ] {
        let advice = error(step, cause).advice().unwrap_or_default();
        assert!(!advice.contains("sessions"), "{advice}");
    }
}

/// `auto` ends at level 0, or at 10 with a filter by user; for 2 and 502 every level was tried.
#[test]
fn advice_after_auto_is_not_to_ask_for_auto() {
    for asked in [Level::L0, Level::L10, Level::L2, Level::L502] {
        for code in [124, 50, 120] {
            let refusal = Refusal::Code(Win32Error(code));
            let advice =
                error(CALL, Cause::LevelNotSupported { asked, works: None, refusal }).advice().unwrap();
            assert!(!advice.contains("auto"), "{asked} {code}: {advice}");
        }
    }
    for code in [87, 50, 2142] {
        let advice =
            error(CALL, Cause::Refused(Refusal::Code(Win32Error(code)))).advice().unwrap_or_default();
        assert!(!advice.contains("auto"), "{code}: {advice}");
    }
}

#[test]
fn pipe_without_a_service_names_that_of_windows_and_the_helpers_of_samba() {
    for step in [Step::OpenPipe, Step::Bind] {
        for status in [
            NtStatus::CONNECTION_REFUSED,
            NtStatus::OBJECT_NAME_NOT_FOUND,
            NtStatus::PIPE_DISCONNECTED,
            NtStatus::PIPE_BROKEN,
        ] {
            let advice = error(step, Cause::Status(status)).advice().unwrap();
            for word in ["LanmanServer", "samba-dcerpcd", "rpcd_classic", "rpc start on demand helpers"] {
                assert!(advice.contains(word), "{step:?} {status}: no {word}: {advice}");
            }
        }
    }
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
    assert_eq!(refused.clone().with_server("fs1").to_string(), format!("fs1: {}", refused.without_server()));
    let malformed = error(CALL, Cause::Malformed(DecodeError::invalid("Level", 4, 7)));
    let source = malformed.source().unwrap();
    assert!(source.source().unwrap().downcast_ref::<DecodeError>().is_some());
    let unresolved = ResolveError::Temporary("try again".into());
    let unresolved = Error::new(super::Step::Resolve, super::Cause::Resolve(unresolved));
    assert_eq!(unresolved.source().unwrap().to_string(), "try again");
    assert!(Error::invalid(InvalidRequest::ZeroTimeout).source().is_none());
    let server = Error::from("fs1:0".parse::<crate::ServerName>().unwrap_err());
    assert!(server.source().unwrap().is::<crate::ParseServerNameError>());
    let account = Error::from(r"LAB\".parse::<Account>().unwrap_err());
    assert!(account.source().unwrap().is::<crate::ParseAccountError>());
    let too_long = "x".repeat(1_024);
    for error in [
        crate::Sessions::new().user(&too_long).check().unwrap_err(),
        crate::Files::new().client(&too_long).check().unwrap_err(),
    ] {
        let source = error.source().unwrap();
        assert!(source.is::<netsession_proto::client::InvalidRequest>());
        assert_eq!(error.to_string(), source.to_string());
    }
}
