use std::fmt;

use thiserror::Error;

use super::{Misbehaviour, Tampering, Unsupported};
use crate::auth::AuthError;
use crate::erref::{NtStatus, Win32Error};
use crate::plural::{bytes, count};
use crate::rpce::{FaultStatus, NakReason, RejectionReason};
use crate::srvs::{Level, Operation};
use crate::wire::DecodeError;

/// Why a connection or a call failed, and at which step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was being done.
    pub step: Step,
    /// What went wrong.
    pub cause: Cause,
}

impl Failure {
    /// This failure, after a line in the log: the connection ends with it.
    pub(crate) fn logged(self) -> Self {
        tracing::debug!(step = %self.step, cause = ?self.cause, "failed");
        self
    }
}

/// A step of the conversation, as an administrator would name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// NEGOTIATE.
    Negotiate,
    /// SESSION_SETUP.
    LogOn,
    /// TREE_CONNECT to `IPC$`.
    TreeConnect,
    /// CREATE of the pipe `srvsvc`.
    OpenPipe,
    /// The RPC bind.
    Bind,
    /// FSCTL_VALIDATE_NEGOTIATE_INFO.
    ValidateNegotiate,
    /// A call to the server service, reading of its answer included.
    Call(Operation),
}

impl Step {
    /// As an administrator would name it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Negotiate => "negotiate",
            Self::LogOn => "log-on",
            Self::TreeConnect => "tree connect to IPC$",
            Self::OpenPipe => "open of the pipe srvsvc",
            Self::Bind => "RPC bind",
            Self::ValidateNegotiate => "check against downgrade",
            Self::Call(operation) => operation.text,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What went wrong.
///
/// One closed list: a consumer that judges causes is told by the compiler of each new one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Cause {
    /// The deadline passed.
    #[error("timed out")]
    TimedOut,
    /// The server closed the connection.
    #[error("the server closed the connection")]
    Closed,
    /// The connection was reset: by the server, by something in between, or by either one's limit.
    #[error("the connection was reset")]
    Reset,
    /// The server answered NEGOTIATE in SMB1, although no dialect of SMB1 was offered.
    #[error("the server answered in SMB1: it speaks SMB1 only")]
    Smb1Only,
    /// A NetBIOS negative session response in answer to NEGOTIATE: the server does not accept this machine.
    #[error("{0}")]
    HostDenied(SessionRefusal),
    /// What answers is no SMB server; the first bytes of what it said.
    #[error(fmt = not_smb)]
    NotSmb(Vec<u8>),
    /// Bytes that break the format.
    #[error("malformed answer: {0}")]
    Malformed(#[source] DecodeError),
    /// A well-formed message that the protocol does not allow here.
    #[error("the server broke the protocol: {0}")]
    Misbehaved(#[source] Misbehaviour),
    /// A signature or an authentication tag that is wrong or missing where one must be.
    #[error("integrity: {0}")]
    Integrity(#[source] Tampering),
    /// An SMB2 status that ends the conversation.
    #[error(fmt = answered_with_status)]
    Status(NtStatus),
    /// The log-on was refused.
    #[error("refused ({0})")]
    LogOnRefused(NtStatus),
    /// The server logged the account on as a guest or an anonymous user.
    #[error("the server logged the account on as a guest")]
    Guest,
    /// The mechanism could not make or accept a token.
    #[error("{0}")]
    Authentication(#[source] AuthError),
    /// The server carried the call out and said no.
    #[error(fmt = answered_with_refusal)]
    Refused(Refusal),
    /// The server does not have the level.
    #[error(fmt = has_no_level)]
    LevelNotSupported {
        /// The level that was asked for.
        asked: Level,
        /// A level that the same caller can have from this server, where one was found.
        works: Option<Level>,
        /// What the server answered.
        refusal: Refusal,
    },
    /// The bind was refused.
    #[error("refused: {0}")]
    BindRefused(BindRefusal),
    /// Encryption was required and the server cannot.
    #[error("encryption is required, and the server does not support it")]
    EncryptionUnavailable,
    /// The server demands encryption and it was switched off. With a status the server did not say so, but
    /// refused what it would have granted to a client that offers encryption.
    #[error(fmt = demands_encryption)]
    EncryptionDemanded(Option<NtStatus>),
    /// A dialect or algorithm that was not offered, or none in common.
    #[error("unsupported: {0}")]
    Unsupported(#[source] Unsupported),
    /// A configured limit was reached.
    #[error("more than the limit of {0}")]
    Limit(Limit),
    /// The request itself cannot be sent.
    #[error("{0}")]
    InvalidRequest(#[source] InvalidRequest),
}

/// The first bytes of what a server said, safe for a terminal.
fn not_smb(said: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const SHOWN: usize = 32;
    let shown = said.get(..SHOWN).unwrap_or(said);
    let line = shown.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or(shown);
    if line.is_empty() {
        return f.write_str("not an SMB server");
    }
    write!(f, "not an SMB server: it said \"{}\"", line.escape_ascii())
}

fn answered_with_status(status: &NtStatus, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match status.text() {
        _ if status.is_access_denied() => write!(f, "access denied ({status})"),
        Some(meaning) => write!(f, "{meaning} ({status})"),
        None => write!(f, "the server answered with {status}"),
    }
}

fn answered_with_refusal(refusal: &Refusal, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match refusal {
        _ if refusal.is_access_denied() => write!(f, "access denied ({refusal})"),
        Refusal::Fault(fault) => write!(f, "the server answered with an RPC fault ({fault})"),
        Refusal::Code(code) => match code.text() {
            Some(meaning) => write!(f, "{meaning} ({code})"),
            None => write!(f, "the server answered with {code}"),
        },
    }
}

/// The Perl module reads "no level N" and "level N works".
fn has_no_level(
    asked: &Level,
    works: &Option<Level>,
    refusal: &Refusal,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "the server has no level {asked} ({refusal})")?;
    works.map_or(Ok(()), |level| write!(f, ", level {level} works"))
}

fn demands_encryption(status: &Option<NtStatus>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match status {
        None => f.write_str("the server demands encryption and it is switched off"),
        Some(status) => {
            write!(f, "access denied ({status}), most likely because encryption is switched off")
        }
    }
}

/// The error code of a NetBIOS negative session response (RFC 1002 4.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionRefusal(pub u8);

impl SessionRefusal {
    /// The server does not listen on the name that it was called by.
    pub const NOT_LISTENING_ON_CALLED_NAME: Self = Self(0x80);
    /// The server does not listen for the name of the caller: Samba's answer to a host that `hosts allow` and
    /// `hosts deny` exclude.
    pub const NOT_LISTENING_FOR_CALLING_NAME: Self = Self(0x81);
    /// The server does not have the name that it was called by.
    pub const CALLED_NAME_NOT_PRESENT: Self = Self(0x82);
    /// The server has the name, and too few resources.
    pub const INSUFFICIENT_RESOURCES: Self = Self(0x83);
    /// Any other reason.
    pub const UNSPECIFIED: Self = Self(0x8f);
}

impl fmt::Display for SessionRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match *self {
            Self::NOT_LISTENING_ON_CALLED_NAME => {
                "the server does not listen on the NetBIOS name that it was called by"
            }
            Self::NOT_LISTENING_FOR_CALLING_NAME => {
                "this machine may not connect to that server (hosts allow, hosts deny)"
            }
            Self::CALLED_NAME_NOT_PRESENT => {
                "the server does not have the NetBIOS name that it was called by"
            }
            Self::INSUFFICIENT_RESOURCES => "the server has no resources for another connection",
            Self::UNSPECIFIED => "the server refused the connection without a reason",
            Self(code) => return write!(f, "the server refused the connection (NetBIOS error {code:#04x})"),
        };
        write!(f, "{text} (NetBIOS error {:#04x})", self.0)
    }
}

/// A server's no to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The return code of the call.
    Code(Win32Error),
    /// An RPC fault.
    Fault(FaultStatus),
}

impl Refusal {
    /// Whether the caller lacks the right. Windows says so as a return code or as a fault.
    #[must_use]
    pub fn is_access_denied(self) -> bool {
        match self {
            Self::Code(code) => {
                matches!(code, Win32Error::ACCESS_DENIED | Win32Error::NETWORK_ACCESS_DENIED)
            }
            Self::Fault(fault) => fault == FaultStatus::ACCESS_DENIED,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => code.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

/// Why a bind was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindRefusal {
    /// The server has no such interface or transfer syntax.
    Rejected(RejectionReason),
    /// A bind_nak.
    Nak(NakReason),
}

impl fmt::Display for BindRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(reason) => reason.fmt(f),
            Self::Nak(reason) => reason.fmt(f),
        }
    }
}

/// A limit and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of one SMB2 frame.
    FrameBytes(usize),
    /// Bytes of RPC answer in one question, over all pages.
    AnswerBytes(usize),
    /// Entries in one question, over all pages.
    Entries(usize),
    /// Pages of one question.
    Pages(usize),
    /// Bytes of memory for all answers of the process together.
    Memory(usize),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FrameBytes(value) => write!(f, "{} of a frame", bytes(*value)),
            Self::AnswerBytes(value) => write!(f, "{} of an answer", bytes(*value)),
            Self::Entries(value) => f.write_str(&count(*value, "entry", "entries")),
            Self::Pages(value) => f.write_str(&count(*value, "page", "pages")),
            Self::Memory(value) => write!(f, "{} of memory for the answers of all servers", bytes(*value)),
        }
    }
}

/// Why a request cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidRequest {
    /// \[MS-SRVS\] 3.1.4.5: a server refuses names of 1,024 characters and more, the NUL included.
    #[error("the name of the client is longer than 1,023 characters")]
    LongClient,
    /// As [`Self::LongClient`].
    #[error("the name of the user is longer than 1,023 characters")]
    LongUser,
    /// As [`Self::LongClient`].
    #[error("the name of the share is longer than 1,023 characters")]
    LongShare,
    /// The system's own call would take the part before it.
    #[error("a name with a NUL in it")]
    NulInName,
}

impl Cause {
    /// Whether this is the server's answer to a call, after which the same pipe takes another call.
    #[must_use]
    pub const fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::Refused(_)
                | Self::LevelNotSupported { .. }
                | Self::Unsupported(Unsupported::MadeUpConnections)
        )
    }
}

impl Failure {
    /// For `map_err`: the failure of this step.
    pub(crate) fn at_step(step: Step) -> impl Fn(Cause) -> Self {
        move |cause| Self { step, cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_name_step_refusal_and_limit() {
        assert_eq!(Step::TreeConnect.to_string(), "tree connect to IPC$");
        let (code, fault) = (Win32Error::ACCESS_DENIED, FaultStatus::OP_RNG_ERROR);
        assert_eq!(Refusal::Code(code).to_string(), code.to_string());
        assert_eq!(Refusal::Fault(fault).to_string(), fault.to_string());
        let (rejected, nak) = (RejectionReason::ABSTRACT_SYNTAX_NOT_SUPPORTED, NakReason::NOT_SPECIFIED);
        assert_eq!(BindRefusal::Rejected(rejected).to_string(), rejected.to_string());
        assert_eq!(BindRefusal::Nak(nak).to_string(), nak.to_string());
        assert_eq!(Cause::Limit(Limit::Pages(7)).to_string(), "more than the limit of 7 pages");
        let unknown = SessionRefusal(0x99).to_string();
        assert_eq!(unknown, "the server refused the connection (NetBIOS error 0x99)");
    }

    #[test]
    fn texts_of_answers_have_name_number_and_meaning() {
        let denied = "access denied (ERROR_ACCESS_DENIED 5)";
        let (code, fault) = (Refusal::Code, Refusal::Fault);
        for (cause, text) in [
            (Cause::Refused(code(Win32Error::ACCESS_DENIED)), denied),
            (Cause::Refused(fault(FaultStatus::ACCESS_DENIED)), denied),
            (Cause::Refused(code(Win32Error(99_999))), "the server answered with 99999"),
            (
                Cause::Refused(fault(FaultStatus(1764))),
                "the server answered with an RPC fault (RPC_S_CANNOT_SUPPORT 1764)",
            ),
            (Cause::Status(NtStatus::ACCESS_DENIED), "access denied (STATUS_ACCESS_DENIED 0xC0000022)"),
            (Cause::Status(NtStatus(0xC000_0FFF)), "the server answered with 0xC0000FFF"),
            (Cause::LogOnRefused(NtStatus::LOGON_FAILURE), "refused (STATUS_LOGON_FAILURE 0xC000006D)"),
            (
                Cause::LevelNotSupported {
                    asked: Level::L502,
                    works: Some(Level::L1),
                    refusal: code(Win32Error::INVALID_LEVEL),
                },
                "the server has no level 502 (ERROR_INVALID_LEVEL 124), level 1 works",
            ),
            (Cause::NotSmb(Vec::new()), "not an SMB server"),
            (Cause::NotSmb(b"SSH-2.0\x1b[2J\r\n".to_vec()), r#"not an SMB server: it said "SSH-2.0\x1b[2J""#),
        ] {
            assert_eq!(cause.to_string(), text);
        }
    }

    #[test]
    fn access_denied_comes_as_code_or_as_fault() {
        for (refusal, expected) in [
            (Refusal::Code(Win32Error::ACCESS_DENIED), true),
            (Refusal::Code(Win32Error::NETWORK_ACCESS_DENIED), true),
            (Refusal::Code(Win32Error::INVALID_LEVEL), false),
            (Refusal::Fault(FaultStatus::ACCESS_DENIED), true),
            (Refusal::Fault(FaultStatus::OP_RNG_ERROR), false),
        ] {
            assert_eq!(refusal.is_access_denied(), expected, "{refusal}");
            assert!(Cause::Refused(refusal).is_answer());
        }
        assert!(!Cause::Closed.is_answer());
    }
}
