use std::fmt;

/// The error code of a KRB-ERROR message (RFC 4120 7.5.9), as a KDC or a server sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KrbErrorCode(pub u32);

macro_rules! codes {
    ($($constant:ident $code:literal $name:literal $text:literal;)*) => {
        impl KrbErrorCode {
            $(#[doc = $name] pub const $constant: Self = Self($code);)*

            /// The name in RFC 4120, such as `KRB_AP_ERR_SKEW`.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                match self.0 { $($code => Some($name),)* _ => None }
            }

            /// In plain English.
            #[must_use]
            pub fn text(self) -> Option<&'static str> {
                match self.0 { $($code => Some($text),)* _ => None }
            }
        }
    };
}

codes! {
    NAME_EXP 1 "KDC_ERR_NAME_EXP" "the account has expired";
    SERVICE_EXP 2 "KDC_ERR_SERVICE_EXP" "the server's account has expired";
    C_PRINCIPAL_UNKNOWN 6 "KDC_ERR_C_PRINCIPAL_UNKNOWN" "the domain has no such account";
    S_PRINCIPAL_UNKNOWN 7 "KDC_ERR_S_PRINCIPAL_UNKNOWN" "the domain knows no file server by this name";
    PRINCIPAL_NOT_UNIQUE 8 "KDC_ERR_PRINCIPAL_NOT_UNIQUE" "several accounts have this server's name";
    NULL_KEY 9 "KDC_ERR_NULL_KEY" "the account has no key";
    NEVER_VALID 11 "KDC_ERR_NEVER_VALID" "the ticket would never be valid";
    POLICY 12 "KDC_ERR_POLICY" "a policy of the domain forbids it";
    BADOPTION 13 "KDC_ERR_BADOPTION" "the domain controller cannot do what was asked";
    ETYPE_NOSUPP 14 "KDC_ERR_ETYPE_NOSUPP" "no encryption type in common";
    PADATA_TYPE_NOSUPP 16 "KDC_ERR_PADATA_TYPE_NOSUPP" "the domain controller wants another proof of identity";
    CLIENT_REVOKED 18 "KDC_ERR_CLIENT_REVOKED" "the account is disabled, locked or expired";
    SERVICE_REVOKED 19 "KDC_ERR_SERVICE_REVOKED" "the server's account is disabled";
    TGT_REVOKED 20 "KDC_ERR_TGT_REVOKED" "the ticket was revoked";
    KEY_EXPIRED 23 "KDC_ERR_KEY_EXPIRED" "the password has expired";
    PREAUTH_FAILED 24 "KDC_ERR_PREAUTH_FAILED" "the password or key is wrong";
    PREAUTH_REQUIRED 25 "KDC_ERR_PREAUTH_REQUIRED" "a proof of identity is wanted first";
    SVC_UNAVAILABLE 29 "KDC_ERR_SVC_UNAVAILABLE" "the domain controller is not available";
    BAD_INTEGRITY 31 "KRB_AP_ERR_BAD_INTEGRITY" "a ticket or message fits no key";
    TKT_EXPIRED 32 "KRB_AP_ERR_TKT_EXPIRED" "the ticket has expired";
    TKT_NYV 33 "KRB_AP_ERR_TKT_NYV" "the ticket is not valid yet";
    REPEAT 34 "KRB_AP_ERR_REPEAT" "the request was seen before";
    NOT_US 35 "KRB_AP_ERR_NOT_US" "the ticket is for another server";
    BADMATCH 36 "KRB_AP_ERR_BADMATCH" "ticket and request do not match";
    SKEW 37 "KRB_AP_ERR_SKEW" "the clocks are too far apart";
    BADADDR 38 "KRB_AP_ERR_BADADDR" "the ticket is for another address";
    MODIFIED 41 "KRB_AP_ERR_MODIFIED" "the server cannot decrypt this ticket";
    BADKEYVER 44 "KRB_AP_ERR_BADKEYVER" "the server has another version of the key";
    NOKEY 45 "KRB_AP_ERR_NOKEY" "the server has no key for this ticket";
    MUT_FAIL 46 "KRB_AP_ERR_MUT_FAIL" "the server did not prove who it is";
    INAPP_CKSUM 50 "KRB_AP_ERR_INAPP_CKSUM" "a checksum of the wrong kind";
    RESPONSE_TOO_BIG 52 "KRB_ERR_RESPONSE_TOO_BIG" "the answer needs TCP";
    GENERIC 60 "KRB_ERR_GENERIC" "an error without a code of its own";
    WRONG_REALM 68 "KDC_ERR_WRONG_REALM" "the account belongs to another realm";
}

impl KrbErrorCode {
    /// Whether the KDC refuses the account by this code. Further tries may lock the account.
    #[must_use]
    pub fn refuses_the_account(self) -> bool {
        matches!(
            self,
            Self::NAME_EXP
                | Self::NULL_KEY
                | Self::POLICY
                | Self::CLIENT_REVOKED
                | Self::KEY_EXPIRED
                | Self::PREAUTH_FAILED
                | Self::BAD_INTEGRITY
        )
    }
}

impl fmt::Display for KrbErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} {}", self.0),
            None => write!(f, "Kerberos error {}", self.0),
        }
    }
}
