use std::fmt;

use crate::auth::AuthError;
use crate::erref::{NtStatus, Win32Error};
use crate::rpce::FaultStatus;
use crate::srvs::Level;
use crate::wire::DecodeError;

/// Why a connection or a question failed, and at which step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was being done.
    pub step: Step,
    /// What went wrong.
    pub cause: Cause,
}

/// A step of the conversation, as an administrator would name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
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
    /// NetrSessionEnum, reading of its answer included.
    Enumerate,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negotiate => "negotiate",
            Self::LogOn => "log-on",
            Self::TreeConnect => "tree connect to IPC$",
            Self::OpenPipe => "open of the pipe srvsvc",
            Self::Bind => "RPC bind",
            Self::ValidateNegotiate => "check against downgrade",
            Self::Enumerate => "enumeration of sessions",
        })
    }
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The deadline passed.
    TimedOut,
    /// The server closed the connection.
    Closed,
    /// The connection was reset: by the server, by something in between, or by either one's limit.
    Reset,
    /// The server closed the connection in answer to NEGOTIATE, or answered in SMB1: most likely it
    /// speaks SMB1 only.
    Smb1Only,
    /// What answers is no SMB server; the first bytes of what it said.
    NotSmb(Vec<u8>),
    /// Bytes that break the format.
    Malformed(DecodeError),
    /// A well-formed message that the protocol does not allow here, in words.
    Misbehaved(&'static str),
    /// A signature or an authentication tag that is wrong or missing where one must be.
    Integrity(&'static str),
    /// An SMB2 status that ends the matter.
    Status(NtStatus),
    /// The log-on was refused.
    LogOnRefused(NtStatus),
    /// The server took the caller for a guest or for nobody.
    Guest,
    /// The mechanism could not make or accept a token.
    Authentication(AuthError),
    /// A return code of NetrSessionEnum.
    Refused(Win32Error),
    /// The level is not to be had here.
    LevelNotSupported {
        /// The level that was asked for.
        asked: Level,
        /// A level that the same caller can have from this server, where one was found.
        works: Option<Level>,
        /// What the server answered: a return code or the status of an RPC fault.
        code: u32,
    },
    /// An RPC fault.
    Fault(FaultStatus),
    /// The bind was refused: no such interface or transfer syntax, or the reason of a bind_nak.
    BindRefused(String),
    /// Encryption was required and the server cannot.
    EncryptionUnavailable,
    /// The server demands encryption and it was switched off. With a status the server did not say so, but
    /// refused what it would have granted to whoever offers encryption.
    EncryptionDemanded(Option<NtStatus>),
    /// A dialect or algorithm that was not offered, or none in common.
    Unsupported(&'static str),
    /// A configured limit was reached; which one and its value.
    Limit(&'static str, usize),
    /// The request itself cannot be sent, in words.
    InvalidRequest(&'static str),
}
