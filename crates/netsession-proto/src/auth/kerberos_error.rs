use std::fmt;

use super::KrbErrorCode;

/// Why there is no ticket, or why the server did not take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KerberosError {
    /// What went wrong.
    pub cause: KerberosCause,
    /// The message of the system's library; may be empty.
    pub details: String,
}

/// What went wrong with Kerberos. Closed, as [`AuthError`](crate::auth::AuthError) is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KerberosCause {
    /// A KDC or the server sent this KRB-ERROR.
    Protocol(KrbErrorCode),
    /// This system has no Kerberos library.
    NoLibrary,
    /// The cache has no ticket.
    NoTicket,
    /// The cache has the ticket of another account, which is named here.
    OtherPrincipal(String),
    /// The ticket in the cache has expired.
    Expired,
    /// No domain controller (KDC) answers.
    KdcUnreachable,
    /// Neither the configuration nor DNS names a domain controller (KDC) of the realm.
    UnknownRealm,
    /// The keytab cannot be read or has no key of the account.
    NoKey,
    /// The server is named by an IP address, and tickets are for names.
    Address,
    /// Kerberos cannot use the name of the account or the server.
    BadName,
    /// The server did not prove its identity.
    NotMutual,
    /// The server does not take Kerberos.
    NotTaken,
    /// No domain controller (KDC) answered within the time allowed.
    TimedOut,
    /// Any other error; see the details.
    Other,
}

/// Error numbers of the library that stand for no KRB-ERROR, from its own tables.
mod library {
    pub(super) const BASE: i32 = -1_765_328_384;
    pub(super) const CC_NOTFOUND: i32 = -1_765_328_243;
    pub(super) const REALM_UNKNOWN: i32 = -1_765_328_230;
    pub(super) const KDC_UNREACH: i32 = -1_765_328_228;
    pub(super) const KT_NOTFOUND: i32 = -1_765_328_203;
    pub(super) const FCC_NOFILE: i32 = -1_765_328_189;
    pub(super) const HOST_REALM_UNKNOWN: i32 = -1_765_328_167;
    pub(super) const REALM_CANT_RESOLVE: i32 = -1_765_328_164;
    pub(super) const NO_DEFAULT_REALM: i32 = -1_765_328_160;
}

impl KerberosCause {
    /// What an error number of the library (`krb5_error_code`, the minor status of GSSAPI) stands for, if that
    /// is known. MIT Kerberos and Heimdal have the same numbers.
    #[must_use]
    pub fn from_library(number: i32) -> Option<Self> {
        // KRB-ERROR codes count from the base.
        let protocol = number.checked_sub(library::BASE).and_then(|code| u32::try_from(code).ok());
        match number {
            library::CC_NOTFOUND | library::FCC_NOFILE => Some(Self::NoTicket),
            library::REALM_UNKNOWN | library::HOST_REALM_UNKNOWN | library::NO_DEFAULT_REALM => {
                Some(Self::UnknownRealm)
            }
            // The domain controllers are known by name, and DNS, which somebody may hold back, has no address of them.
            library::KDC_UNREACH | library::REALM_CANT_RESOLVE => Some(Self::KdcUnreachable),
            library::KT_NOTFOUND => Some(Self::NoKey),
            _ => match protocol.filter(|code| (1..128).contains(code)).map(KrbErrorCode) {
                Some(KrbErrorCode::TKT_EXPIRED) => Some(Self::Expired),
                code => code.map(Self::Protocol),
            },
        }
    }
}

impl KerberosError {
    /// An error without a message of the library.
    #[must_use]
    pub fn new(cause: KerberosCause) -> Self {
        Self { cause, details: String::new() }
    }

    /// What a KDC or the server sent.
    #[must_use]
    pub fn code(&self) -> Option<KrbErrorCode> {
        match self.cause {
            KerberosCause::Protocol(code) => Some(code),
            _ => None,
        }
    }

    /// Whether the account itself was refused.
    #[must_use]
    pub fn refuses_the_account(&self) -> bool {
        self.code().is_some_and(KrbErrorCode::refuses_the_account)
    }
}

impl fmt::Display for KerberosError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            KerberosCause::Protocol(code) => match code.text() {
                Some(text) => write!(f, "{text} ({code})")?,
                None => write!(f, "refused ({code})")?,
            },
            KerberosCause::NoLibrary => f.write_str("this system has no Kerberos library")?,
            KerberosCause::NoTicket => f.write_str("there is no ticket")?,
            KerberosCause::OtherPrincipal(principal) => write!(f, "the ticket is of {principal}")?,
            KerberosCause::Expired => f.write_str("the ticket has expired")?,
            KerberosCause::KdcUnreachable => {
                f.write_str("no domain controller (KDC) of the realm answers")?
            }
            KerberosCause::UnknownRealm => f.write_str("the realm is not known here")?,
            KerberosCause::NoKey => f.write_str("the keytab cannot be used")?,
            KerberosCause::Address => {
                f.write_str("tickets are for names, and the server is named by its address")?
            }
            KerberosCause::BadName => f.write_str("not a valid name for Kerberos")?,
            KerberosCause::NotMutual => f.write_str("the server did not prove who it is")?,
            KerberosCause::NotTaken => f.write_str("the server does not take Kerberos")?,
            KerberosCause::TimedOut => f.write_str("timed out waiting for a domain controller (KDC)")?,
            KerberosCause::Other => f.write_str("the Kerberos library failed")?,
        }
        if self.details.is_empty() { Ok(()) } else { write!(f, ": {}", self.details) }
    }
}

impl std::error::Error for KerberosError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_library() {
        let cause = |number| KerberosCause::from_library(number);
        assert_eq!(cause(-1_765_328_347), Some(KerberosCause::Protocol(KrbErrorCode::SKEW)));
        assert_eq!(cause(-1_765_328_378), Some(KerberosCause::Protocol(KrbErrorCode::C_PRINCIPAL_UNKNOWN)));
        assert_eq!(cause(-1_765_328_352), Some(KerberosCause::Expired));
        assert_eq!(cause(-1_765_328_189), Some(KerberosCause::NoTicket));
        assert_eq!(cause(-1_765_328_230), Some(KerberosCause::UnknownRealm));
        for unknown in [0, 2, -1_765_328_384, -1_765_328_256, i32::MIN, i32::MAX] {
            assert_eq!(cause(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn texts_have_code_and_name() {
        let skew = KerberosError {
            cause: KerberosCause::Protocol(KrbErrorCode::SKEW),
            details: "Clock skew too great".into(),
        };
        assert_eq!(
            skew.to_string(),
            "the clocks are too far apart (KRB_AP_ERR_SKEW 37): Clock skew too great"
        );
        let unknown = KerberosError::new(KerberosCause::Protocol(KrbErrorCode(99)));
        assert_eq!(unknown.to_string(), "refused (Kerberos error 99)");
        assert!(!skew.refuses_the_account());
        assert!(KerberosError::new(KerberosCause::Protocol(KrbErrorCode(24))).refuses_the_account());
    }
}
