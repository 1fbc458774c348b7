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

mod error;
mod hidden;
pub mod kerberos;
pub mod ntlm;
mod session_key;
pub mod spnego;

pub use error::{AuthError, Requirement};
pub(crate) use hidden::Hidden;
pub use session_key::SessionKey;

use crate::client::{Token, TokenStage};

/// A mechanism that logs one user on to one server, token by token.
///
/// One exchange each: after an error, or for a new connection, begin with a new one.
pub trait Authenticator: Send {
    /// Takes what the server said and makes the next token.
    ///
    /// The stages come in the order `Initial`, `Continue` (as often as the server asks), `Final`; `input`
    /// is what [`Event::NeedToken`](crate::client::Event::NeedToken) carries.
    ///
    /// # Errors
    /// The server's token is malformed, refuses the log-on, is weaker than this mechanism accepts, or
    /// comes out of order. The exchange is over then.
    fn step(&mut self, stage: TokenStage, input: &[u8]) -> Result<Token, AuthError>;
}
