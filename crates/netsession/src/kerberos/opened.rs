use netsession_proto::auth::{Authenticator, Token};

/// An exchange of tokens, with its first token.
pub(crate) struct Opened {
    pub(crate) authenticator: Box<dyn Authenticator>,
    pub(crate) token: Token,
    /// The owner of the ticket.
    pub(crate) principal: String,
}
