//! Kerberos inside SPNEGO: one AP-REQ, one AP-REP (RFC 4121, RFC 4178, \[MS-SPNG\]).
//!
//! Tickets come from a cache or a KDC, which is I/O: the mechanism itself is handed in as a [`GssContext`],
//! usually the system's own GSSAPI.

mod authenticator;

pub use crate::auth::{KerberosCause, KerberosError, KrbErrorCode};
pub use authenticator::{GssContext, GssStep, KerberosAuthenticator};
