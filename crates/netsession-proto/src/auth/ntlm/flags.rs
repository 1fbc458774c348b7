use std::fmt;
use std::ops::{BitAnd, BitOr};

use crate::auth::Requirement;

/// The capabilities of both sides (NEGOTIATE, \[MS-NLMP\] 2.2.2.5).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NegotiateFlags(pub u32);

impl NegotiateFlags {
    /// NTLMSSP_NEGOTIATE_UNICODE: texts are UTF-16.
    pub const UNICODE: Self = Self(0x0000_0001);
    /// NTLM_NEGOTIATE_OEM: texts are in the sender's code page, if not UTF-16.
    pub const OEM: Self = Self(0x0000_0002);
    /// NTLMSSP_REQUEST_TARGET: the server is to name itself.
    pub const REQUEST_TARGET: Self = Self(0x0000_0004);
    /// NTLMSSP_NEGOTIATE_SIGN: keys for signatures.
    pub const SIGN: Self = Self(0x0000_0010);
    /// NTLMSSP_NEGOTIATE_SEAL: keys for encryption.
    pub const SEAL: Self = Self(0x0000_0020);
    /// NTLMSSP_NEGOTIATE_NTLM: always set.
    pub const NTLM: Self = Self(0x0000_0200);
    /// NTLMSSP_NEGOTIATE_ALWAYS_SIGN: always set.
    pub const ALWAYS_SIGN: Self = Self(0x0000_8000);
    /// NTLMSSP_TARGET_TYPE_DOMAIN: the target name is a domain's.
    pub const TARGET_TYPE_DOMAIN: Self = Self(0x0001_0000);
    /// NTLMSSP_TARGET_TYPE_SERVER: the target name is a server's.
    pub const TARGET_TYPE_SERVER: Self = Self(0x0002_0000);
    /// NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY: the keys of NTLMv2.
    pub const EXTENDED_SESSION_SECURITY: Self = Self(0x0008_0000);
    /// NTLMSSP_NEGOTIATE_TARGET_INFO: the CHALLENGE has target info.
    pub const TARGET_INFO: Self = Self(0x0080_0000);
    /// NTLMSSP_NEGOTIATE_VERSION: the Version field is filled.
    pub const VERSION: Self = Self(0x0200_0000);
    /// NTLMSSP_NEGOTIATE_128: keys of 128 bits.
    pub const KEY_128: Self = Self(0x2000_0000);
    /// NTLMSSP_NEGOTIATE_KEY_EXCH: the client chooses the session key.
    pub const KEY_EXCHANGE: Self = Self(0x4000_0000);
    /// NTLMSSP_NEGOTIATE_56: keys of 56 bits.
    pub const KEY_56: Self = Self(0x8000_0000);

    /// Whether every bit of `flags` is set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Without the bits of `flags`.
    #[must_use]
    pub const fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }

    /// The first thing that is missing for a log-on of this client.
    pub(super) fn lacks(self) -> Option<Requirement> {
        [
            (Self::UNICODE, Requirement::Unicode),
            (Self::EXTENDED_SESSION_SECURITY, Requirement::ExtendedSessionSecurity),
            (Self::KEY_128, Requirement::Key128),
            (Self::SIGN, Requirement::Sign),
            (Self::TARGET_INFO, Requirement::TargetInfo),
        ]
        .into_iter()
        .find_map(|(flag, requirement)| (!self.contains(flag)).then_some(requirement))
    }
}

impl BitOr for NegotiateFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for NegotiateFlags {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Debug for NegotiateFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}
