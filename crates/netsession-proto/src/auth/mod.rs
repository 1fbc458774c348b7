//! Log-on as an exchange of tokens that ends in a session key (\[MS-SPNG\], \[MS-NLMP\]).

mod session_key;

pub use session_key::SessionKey;

/// Why a mechanism could not make or accept a token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {}
