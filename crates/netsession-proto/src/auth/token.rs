use std::fmt;

use super::SessionKey;

/// A token for the server and, once it is known, the key of the session. `Debug` hides both.
#[derive(Default)]
pub struct Token {
    /// The bytes of the next SESSION_SETUP's security buffer.
    pub bytes: Vec<u8>,
    /// The session key, as soon as the mechanism has it.
    pub session_key: Option<SessionKey>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}

/// A token from the server. `Debug` hides it: logs never show tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenInput(pub Vec<u8>);

impl fmt::Debug for TokenInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenInput({})", crate::plural::bytes(self.0.len()))
    }
}

/// Which token of an exchange is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStage {
    /// The first one, to open the exchange. A second connection begins with this stage again: start it with a
    /// fresh authenticator.
    Initial,
    /// The server wants more: with NTLM this is the AUTHENTICATE message, the one that can be refused.
    Continue,
    /// The server accepts and its last token is to be checked. The token's bytes are not sent; its session
    /// key is taken if none was given before.
    Final,
}
