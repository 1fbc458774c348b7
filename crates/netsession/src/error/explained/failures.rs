use std::net::SocketAddr;

use netsession_proto::auth::kerberos::{KerberosCause, KerberosError, KrbErrorCode};
use netsession_proto::auth::{AuthError, Requirement};
use netsession_proto::client::{
    self, BindRefusal, Limit, Misbehaviour, Refusal, SessionRefusal, Tampering, Unsupported,
};
use netsession_proto::erref::{NtStatus, Win32Error};
use netsession_proto::query::{Query as _, SessionQuery};
use netsession_proto::rpce::{FaultStatus, RejectionReason};
use netsession_proto::srvs::{
    ConnectionEnumRequest, FileCloseRequest, FileEnumRequest, Level, Operation, RemoteTodRequest,
    RpcCall as _, ServerGetInfoRequest, SessionDelRequest, ShareEnumRequest,
};
use netsession_proto::wire::DecodeError;

use super::super::{
    Attempt, Cause, Changed, ConnectFailure, Error, FileOfUser, InvalidRequest, LocalError, ResolveError,
    Step,
};
use crate::logon_guard::{LogOnRefusal, Reason};

/// Every failure that the documentation has a paragraph on, by its name there.
pub(super) fn failures() -> Vec<(&'static str, Error)> {
    let refused_before = |reason| {
        let refusal = LogOnRefusal { server: "fs0".into(), reason };
        Error::new(Step::LogOn, Cause::Blocked(refusal))
    };
    let unanswered = |reason| {
        let refusal = LogOnRefusal { server: "fs0".into(), reason };
        Error::new(Step::LogOn, Cause::Unanswered(refusal))
    };
    vec![
        ("the request", Error::invalid(InvalidRequest::ZeroTimeout)),
        (
            "no such host",
            Error::new(
                Step::Resolve,
                Cause::Resolve(ResolveError::NotFound("name or service not known".into())),
            ),
        ),
        ("refused", Error::new(Step::Connect, Cause::Connect(tried(Some(ConnectFailure::Refused))))),
        (
            "unreachable",
            Error::new(Step::Connect, Cause::Connect(tried(Some(ConnectFailure::HostUnreachable)))),
        ),
        ("timed out: resolve", Error::timed_out(Step::Resolve)),
        ("timed out: connect", Error::new(Step::Connect, Cause::TimedOut(tried(None)))),
        ("timed out: ticket", Error::timed_out(Step::Ticket)),
        ("timed out: log-on", failed_at(Step::LogOn, client::Cause::TimedOut)),
        ("timed out: enumeration", failed_at(call(), client::Cause::TimedOut)),
        ("closed perhaps", Error::timed_out(Step::for_call(FileCloseRequest::OPERATION))),
        (
            "another file",
            Error::changed(
                Step::for_call(FileCloseRequest::OPERATION),
                Changed::OtherFile {
                    id: 16,
                    now: FileOfUser::new(Some(r"D:\new.txt"), Some("bob")),
                    listed: FileOfUser::new(Some(r"D:\old.txt"), Some("alice")),
                },
            ),
        ),
        (
            "listing is not enough",
            failed_at(
                Step::for_call(SessionDelRequest::OPERATION),
                client::Cause::Refused(Refusal::Code(Win32Error::ACCESS_DENIED)),
            ),
        ),
        ("cut off", failed_at(call(), client::Cause::Closed)),
        ("reset", failed_at(call(), client::Cause::Reset)),
        (
            "no SMB server",
            failed_at(Step::Negotiate, client::Cause::NotSmb(b"HTTP/1.1 400 Bad Request\r\n".to_vec())),
        ),
        ("SMB1 only", failed_at(Step::Negotiate, client::Cause::Smb1Only)),
        ("closed before it answered", failed_at(Step::Negotiate, client::Cause::Closed)),
        ("reset before it answered", failed_at(Step::Negotiate, client::Cause::Reset)),
        ("host denied", host_denied(0x81)),
        ("called by another name", host_denied(0x80)),
        ("name not present", host_denied(0x82)),
        ("no resources for a connection", host_denied(0x83)),
        ("refused without a reason", host_denied(0x8f)),
        (
            "denied before the log-on",
            failed_at(Step::Negotiate, client::Cause::Status(NtStatus::ACCESS_DENIED)),
        ),
        ("logon failure", log_on(NtStatus::LOGON_FAILURE)),
        ("locked", log_on(NtStatus::ACCOUNT_LOCKED_OUT)),
        ("expired", log_on(NtStatus::ACCOUNT_EXPIRED)),
        ("password expired", log_on(NtStatus::PASSWORD_EXPIRED)),
        ("must change password", log_on(NtStatus::PASSWORD_MUST_CHANGE)),
        ("disabled", log_on(NtStatus::ACCOUNT_DISABLED)),
        ("not at this time", log_on(NtStatus::INVALID_LOGON_HOURS)),
        ("not from this computer", log_on(NtStatus::INVALID_WORKSTATION)),
        ("not over the network", log_on(NtStatus::LOGON_TYPE_NOT_GRANTED)),
        ("restriction", log_on(NtStatus::ACCOUNT_RESTRICTION)),
        ("NTLM not allowed", log_on(NtStatus::NTLM_BLOCKED)),
        ("NTLM not supported", log_on(NtStatus::NOT_SUPPORTED)),
        ("smart card", log_on(NtStatus::SMARTCARD_LOGON_REQUIRED)),
        ("computer account", log_on(NtStatus::NOLOGON_WORKSTATION_TRUST_ACCOUNT)),
        ("selective authentication", log_on(NtStatus::AUTHENTICATION_FIREWALL_FAILED)),
        ("log-on denied", log_on(NtStatus::ACCESS_DENIED)),
        ("no reason given", log_on(NtStatus::UNSUCCESSFUL)),
        ("unavailable for the moment", log_on(NtStatus::SERVER_UNAVAILABLE)),
        ("clock skew behind the server", log_on(NtStatus::TIME_DIFFERENCE_AT_DC)),
        ("no domain controller", log_on(NtStatus::NO_LOGON_SERVERS)),
        ("broken trust", log_on(NtStatus::TRUSTED_RELATIONSHIP_FAILURE)),
        ("no more sessions", log_on(NtStatus::REQUEST_NOT_ACCEPTED)),
        ("refused before", refused_before(Reason::Status(NtStatus::LOGON_FAILURE))),
        ("refused before by the domain", refused_before(Reason::Kerberos(KrbErrorCode::PREAUTH_FAILED))),
        ("unanswered too often", refused_before(Reason::NoAnswer)),
        ("unanswered", unanswered(Reason::NoAnswer)),
        ("unanswered: unknown status", unanswered(Reason::Status(NtStatus(0xC000_0225)))),
        ("guest", failed_at(Step::LogOn, client::Cause::Guest)),
        (
            "weak authentication",
            failed_at(
                Step::LogOn,
                client::Cause::Authentication(AuthError::ChallengeLacks(
                    Requirement::ExtendedSessionSecurity,
                )),
            ),
        ),
        (
            "no target info",
            failed_at(
                Step::LogOn,
                client::Cause::Authentication(AuthError::ChallengeLacks(Requirement::TargetInfo)),
            ),
        ),
        ("no ticket", kerberos(KerberosCause::NoTicket)),
        ("ticket of another", kerberos(KerberosCause::OtherPrincipal("bob@LAB.EXAMPLE".into()))),
        ("ticket expired", kerberos(KerberosCause::Expired)),
        ("ticket expired, as the server says it", krb(KrbErrorCode::TKT_EXPIRED)),
        ("no Kerberos here", kerberos(KerberosCause::NoLibrary)),
        ("KDC unreachable", kerberos(KerberosCause::KdcUnreachable)),
        ("KDC silent", kerberos(KerberosCause::TimedOut)),
        ("unknown realm", kerberos(KerberosCause::UnknownRealm)),
        ("keytab", kerberos(KerberosCause::NoKey)),
        ("address", kerberos(KerberosCause::Address)),
        ("bad name", kerberos(KerberosCause::BadName)),
        ("not mutual", kerberos(KerberosCause::NotMutual)),
        ("Kerberos not taken", kerberos(KerberosCause::NotTaken)),
        ("clock skew", krb(KrbErrorCode::SKEW)),
        (
            "clock skew, as the server says it",
            failed_at(
                Step::LogOn,
                client::Cause::Authentication(AuthError::Kerberos(KerberosError::new(
                    KerberosCause::Protocol(KrbErrorCode::SKEW),
                ))),
            )
            .by_ticket(true),
        ),
        ("unknown principal", krb(KrbErrorCode::C_PRINCIPAL_UNKNOWN)),
        ("unknown server", krb(KrbErrorCode::S_PRINCIPAL_UNKNOWN)),
        ("wrong realm", krb(KrbErrorCode::WRONG_REALM)),
        ("wrong key of the server", krb(KrbErrorCode::MODIFIED)),
        ("name not unique", krb(KrbErrorCode::PRINCIPAL_NOT_UNIQUE)),
        ("KDC busy", krb(KrbErrorCode::SVC_UNAVAILABLE)),
        ("another Kerberos error", kerberos(KerberosCause::Other)),
        ("no encryption type", krb(KrbErrorCode::ETYPE_NOSUPP)),
        ("ticket refused", log_on(NtStatus::LOGON_FAILURE).by_ticket(true)),
        ("wrong password by Kerberos", krb(KrbErrorCode::PREAUTH_FAILED)),
        ("disabled or locked by Kerberos", krb(KrbErrorCode::CLIENT_REVOKED)),
        ("expired by Kerberos", krb(KrbErrorCode::NAME_EXP)),
        ("password expired by Kerberos", krb(KrbErrorCode::KEY_EXPIRED)),
        ("restriction by Kerberos", krb(KrbErrorCode::POLICY)),
        ("access denied", failed_at(call(), client::Cause::Refused(Refusal::Code(Win32Error(5))))),
        ("access denied: open files", refused(FileEnumRequest::OPERATION, 5)),
        ("access denied: closing of a file", refused(FileCloseRequest::OPERATION, 5)),
        ("access denied: connections", refused(ConnectionEnumRequest::OPERATION, 5)),
        ("access denied: shares", refused(ShareEnumRequest::OPERATION, 5)),
        ("access denied: time", refused(RemoteTodRequest::OPERATION, 5)),
        ("access denied: server information", refused(ServerGetInfoRequest::OPERATION, 5)),
        (
            "access denied to IPC$",
            failed_at(Step::TreeConnect, client::Cause::Status(NtStatus::ACCESS_DENIED)),
        ),
        (
            "level not supported",
            failed_at(
                call(),
                client::Cause::LevelNotSupported {
                    asked: Level::L502,
                    works: Some(Level::L1),
                    refusal: Refusal::Code(Win32Error(124)),
                },
            ),
        ),
        ("no level that names users", failed_at(call(), no_level(Level::L10, 124))),
        ("no level at all", failed_at(call(), no_level(Level::L0, 124))),
        ("neither level 1 nor a richer one", failed_at(call(), no_level(Level::L1, 124))),
        ("no level, as a server without the call says it", failed_at(call(), no_level(Level::L0, 50))),
        ("no level: open files", refused(FileEnumRequest::OPERATION, 124)),
        ("no level: shares", refused(ShareEnumRequest::OPERATION, 124)),
        ("no IPC$", failed_at(Step::TreeConnect, client::Cause::Status(NtStatus::BAD_NETWORK_NAME))),
        ("pipe not found", failed_at(Step::OpenPipe, client::Cause::Status(NtStatus::OBJECT_NAME_NOT_FOUND))),
        (
            "helper not started",
            failed_at(Step::OpenPipe, client::Cause::Status(NtStatus::CONNECTION_REFUSED)),
        ),
        ("helper ended", failed_at(Step::Bind, client::Cause::Status(NtStatus::PIPE_DISCONNECTED))),
        (
            "pipe not available",
            failed_at(Step::OpenPipe, client::Cause::Status(NtStatus::PIPE_NOT_AVAILABLE)),
        ),
        ("pipe busy", failed_at(Step::OpenPipe, client::Cause::Status(NtStatus::INSTANCE_NOT_AVAILABLE))),
        (
            "no such call",
            failed_at(call(), client::Cause::Refused(Refusal::Fault(FaultStatus::OP_RNG_ERROR))),
        ),
        ("no such call: ksmbd", failed_at(call(), client::Cause::Status(NtStatus::NOT_SUPPORTED))),
        (
            "no such call: impacket",
            failed_at(call(), client::Cause::Refused(Refusal::Fault(FaultStatus::RPC_S_CANNOT_SUPPORT))),
        ),
        (
            "no such call: time",
            failed_at(
                Step::for_call(RemoteTodRequest::OPERATION),
                client::Cause::Status(NtStatus::NOT_SUPPORTED),
            ),
        ),
        ("encryption demanded", failed_at(Step::LogOn, client::Cause::EncryptionDemanded(None))),
        (
            "encryption demanded, as Samba says it",
            failed_at(Step::LogOn, client::Cause::EncryptionDemanded(Some(NtStatus::ACCESS_DENIED))),
        ),
        ("encryption refused", failed_at(Step::Negotiate, client::Cause::EncryptionUnavailable)),
        ("signature missing", failed_at(Step::LogOn, client::Cause::Integrity(Tampering::LogOnSignature))),
        ("no dialect", failed_at(Step::Negotiate, client::Cause::Unsupported(Unsupported::Dialects))),
        (
            "made-up connections",
            failed_at(
                Step::for_call(ConnectionEnumRequest::OPERATION),
                client::Cause::Unsupported(Unsupported::MadeUpConnections),
            ),
        ),
        (
            "no server service",
            failed_at(
                Step::Bind,
                client::Cause::BindRefused(BindRefusal::Rejected(
                    RejectionReason::ABSTRACT_SYNTAX_NOT_SUPPORTED,
                )),
            ),
        ),
        ("malformed", failed_at(call(), client::Cause::Malformed(DecodeError::invalid("Level", 4, 7)))),
        ("misbehaved", failed_at(Step::Bind, client::Cause::Misbehaved(Misbehaviour::EmptyFragment))),
        ("limit", too_large(SessionQuery::OPERATION)),
        ("limit: open files", too_large(FileEnumRequest::OPERATION)),
        ("limit: shares", too_large(ShareEnumRequest::OPERATION)),
        (
            "local",
            Error::new(
                Step::Connect,
                Cause::Local(LocalError::Exhausted("Too many open files (os error 24)".into())),
            ),
        ),
    ]
}

fn failed_at(step: Step, cause: client::Cause) -> Error {
    Error::new(step, Cause::Conversation(cause))
}

fn call() -> Step {
    Step::for_call(SessionQuery::OPERATION)
}

/// The server's return code to a call.
pub(super) fn refused(operation: Operation, code: u32) -> Error {
    failed_at(Step::for_call(operation), client::Cause::Refused(Refusal::Code(Win32Error(code))))
}

fn too_large(operation: Operation) -> Error {
    failed_at(Step::for_call(operation), client::Cause::Limit(Limit::Entries(1_000_000)))
}

fn no_level(asked: Level, code: u32) -> client::Cause {
    client::Cause::LevelNotSupported { asked, works: None, refusal: Refusal::Code(Win32Error(code)) }
}

fn log_on(status: NtStatus) -> Error {
    failed_at(Step::LogOn, client::Cause::LogOnRefused(status))
}

fn kerberos(cause: KerberosCause) -> Error {
    Error::new(Step::Ticket, Cause::Kerberos(KerberosError::new(cause)))
}

fn krb(code: KrbErrorCode) -> Error {
    kerberos(KerberosCause::Protocol(code))
}

fn tried(failure: Option<ConnectFailure>) -> Vec<Attempt> {
    let address: SocketAddr = "10.0.0.5:445".parse().unwrap();
    vec![Attempt { address, failure }]
}

fn host_denied(code: u8) -> Error {
    failed_at(Step::Negotiate, client::Cause::HostDenied(SessionRefusal(code)))
}
