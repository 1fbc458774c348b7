use super::{AuthError, Token, TokenStage};

/// A mechanism that logs one user on to one server, token by token.
///
/// One exchange each: after an error, or for a new connection, begin with a new one.
pub trait Authenticator: Send {
    /// Takes the server's token and makes the next one.
    ///
    /// The stages come in the order `Initial`, `Continue` (as often as the server asks), `Final`; `input`
    /// is the security buffer of the server's last answer.
    ///
    /// # Errors
    /// The server's token is malformed, refuses the log-on, is weaker than this mechanism accepts, or
    /// comes out of order. The exchange is over then.
    fn step(&mut self, stage: TokenStage, input: &[u8]) -> Result<Token, AuthError>;
}
