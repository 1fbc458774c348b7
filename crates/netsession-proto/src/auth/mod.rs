//! Log-on as an exchange of tokens that ends in a session key (\[MS-SPNG\], \[MS-NLMP\]).
//!
//! A mechanism is an [`Authenticator`]: it is asked for one token after the other and knows nothing of
//! the connection that carries them. Randomness and the time are handed in when it is made.
//!
//! | module | holds | specification |
//! |---|---|---|
//! | [`spnego`] | the wrapping in which every mechanism travels | RFC 4178, \[MS-SPNG\] |
//! | [`ntlm`] | NTLMv2, from both ends | \[MS-NLMP\] |
//! | [`kerberos`] | Kerberos, around a mechanism that is handed in | RFC 4121 |

mod authenticator;
mod error;
mod hidden;
pub mod kerberos;
mod kerberos_error;
mod krb_error_code;
pub mod ntlm;
mod session_key;
pub mod spnego;
mod token;

pub use authenticator::Authenticator;
pub use error::{AuthError, Requirement};
pub(crate) use hidden::Hidden;
pub use kerberos_error::{KerberosCause, KerberosError};
pub use krb_error_code::KrbErrorCode;
pub use session_key::SessionKey;
pub use token::{Token, TokenInput, TokenStage};
