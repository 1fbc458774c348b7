use super::Failure;
use crate::smb2::Dialect;
use crate::srvs::{Level, SessionInfo};

/// What a driver is told by [`Connection::poll_event`](super::Connection::poll_event).
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// Answer with [`Connection::provide_token`](super::Connection::provide_token), now or later.
    NeedToken {
        /// The security buffer of the server's last answer; for the first token that of NEGOTIATE.
        input: TokenInput,
        /// Which token is needed.
        stage: TokenStage,
    },
    /// A phase has begun. For progress, logs and metrics.
    Phase(Phase),
    /// The server cut the connection where it may not bear compound requests: open a new connection to
    /// the same address within the same deadline, then call
    /// [`Connection::reconnected`](super::Connection::reconnected). At most once.
    Reconnect,
    /// Logged on, and the pipe is bound: [`Connection::list`](super::Connection::list) may be called.
    Ready(Negotiated),
    /// Some of the answer.
    Page(Vec<SessionInfo>),
    /// The answer is complete; [`Connection::list`](super::Connection::list) may be called again.
    Done(Answer),
    /// The connection has failed and is of no more use: close it.
    ///
    /// A refusal by the server's call itself (`ERROR_ACCESS_DENIED`, say) is [`Event::Refused`] instead.
    Failed(Failure),
    /// The question was refused or its answer could not be taken, and the connection can go on.
    Refused(Failure),
}

/// A token from the server. `Debug` hides it: logs never show tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenInput(pub Vec<u8>);

impl std::fmt::Debug for TokenInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenInput({} bytes)", self.0.len())
    }
}

/// Which token an [`Event::NeedToken`] asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStage {
    /// The first one, to open the exchange. After a reconnect the exchange begins anew with this stage:
    /// start with a fresh authenticator.
    Initial,
    /// The server wants more: with NTLM this is the AUTHENTICATE message, the one that can be refused.
    Continue,
    /// The server is satisfied and its last token is to be checked. The token's bytes are not sent; its
    /// session key is taken if none was given before.
    Final,
}

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// NEGOTIATE.
    Negotiate,
    /// SESSION_SETUP.
    Authenticate,
    /// TREE_CONNECT, CREATE and the RPC bind.
    Bind,
    /// NetrSessionEnum.
    Enumerate,
}

/// What was agreed on with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negotiated {
    /// The dialect.
    pub dialect: Dialect,
    /// Whether the session is encrypted; if not, it is signed.
    pub encrypted: bool,
}

/// How a listing went, after its last [`Event::Page`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The level whose fields the sessions have.
    pub level: Level,
    /// The level that the server was asked for: it differs where a named level was answered from a
    /// richer one.
    pub asked: Level,
    /// How many pages it took.
    pub pages: usize,
}

/// A token for the server and, once it is known, the key of the session. `Debug` hides both.
#[derive(Default)]
pub struct Token {
    /// The bytes of the next SESSION_SETUP's security buffer.
    pub bytes: Vec<u8>,
    /// The session key, as soon as the mechanism has it.
    pub session_key: Option<crate::auth::SessionKey>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}
