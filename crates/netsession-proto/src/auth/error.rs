use std::fmt;

use super::KerberosError;
use super::token::TokenStage;

use crate::wire::DecodeError;

/// Why a mechanism could not make or accept a token. Exhaustive, so that the compiler shows every place that has to
/// classify a new cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// A token breaks its specification. The peer is at fault, not the caller.
    #[error("malformed token: {0}")]
    Malformed(#[from] DecodeError),
    /// The server speaks NTLM without the SPNEGO wrapping around it, which is not supported.
    #[error("the server answered with a bare ntlm message instead of a spnego token")]
    BareNtlm,
    /// The server rejected the negotiation (negState `reject`).
    #[error("the server rejected the negotiation of a log-on mechanism")]
    Rejected,
    /// There is no ticket, or the server did not take it.
    #[error("{0}")]
    Kerberos(#[from] KerberosError),
    /// The server chose a mechanism that was not offered to it.
    #[error("the server chose a log-on mechanism that was not offered")]
    OtherMechanism,
    /// The server continues, but its token has no message of the mechanism.
    #[error("the server's token has no message of the log-on mechanism")]
    NoMechanismToken,
    /// The server accepted the session without completing the negotiation.
    #[error("the server accepted the session without completing the negotiation of its mechanism")]
    NotCompleted,
    /// The server's CHALLENGE lacks something that this client never goes without. An old or oddly
    /// configured server, or an attacker on the path who weakens the log-on.
    #[error("the server's ntlm challenge is refused: it lacks {0}")]
    ChallengeLacks(Requirement),
    /// The checksum over the list of mechanisms is wrong: it was changed on its way, or the server does not
    /// know the session key.
    #[error("the checksum over the offered log-on mechanisms is wrong")]
    WrongMechListMic,
    /// The checksum over the three NTLM messages is missing or wrong.
    #[error("the checksum over the ntlm messages is missing or wrong")]
    WrongMic,
    /// The response does not fit the password.
    #[error("the ntlm response does not fit the password")]
    WrongPassword,
    /// The client answered with LM, NTLMv1 or nothing at all.
    #[error("the ntlm response is not of version 2")]
    NotNtlmV2,
    /// A name is longer than any that a server knows, or a message does not fit its 16-bit lengths.
    #[error("{what} is too long for a log-on: {length} bytes, and {limit} are allowed")]
    TooLong {
        /// Which name or field.
        what: &'static str,
        /// Its length in bytes, as it would stand on the wire.
        length: usize,
        /// The largest length in bytes.
        limit: usize,
    },
    /// There is no user name. Logging on anonymously is never done.
    #[error("the user name is empty")]
    EmptyUser,
    /// A token was asked for that does not come next. A mistake in the driver, or a server that asks for
    /// more tokens than the mechanism has.
    #[error("the mechanism has no token for this step ({0:?})")]
    OutOfOrder(TokenStage),
}

/// What an NTLM CHALLENGE must have before a password is used on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// NTLMSSP_NEGOTIATE_UNICODE: without it names are in an unknown code page.
    Unicode,
    /// NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY: without it keys are those of NTLMv1.
    ExtendedSessionSecurity,
    /// NTLMSSP_NEGOTIATE_128: without it keys have 40 or 56 bits.
    Key128,
    /// NTLMSSP_NEGOTIATE_SIGN: without it there is no checksum over the mechanisms.
    Sign,
    /// NTLMSSP_NEGOTIATE_TARGET_INFO and the info itself: without it there is no NTLMv2 and no MIC.
    TargetInfo,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unicode => "unicode names",
            Self::ExtendedSessionSecurity => "extended session security",
            Self::Key128 => "128-bit keys",
            Self::Sign => "signing",
            Self::TargetInfo => "target info (old Fritz!Box firmware and some old NAS send none)",
        })
    }
}
