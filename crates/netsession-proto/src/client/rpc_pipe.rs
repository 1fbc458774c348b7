use super::Limits;
use super::channel::Channel;
use super::connection::{Connection, Negotiated};
use super::log_on::Session;
use super::pipe::Pipe;

/// The open and bound pipe `srvsvc`: what a [`Handshake`](super::Handshake) ends in, ready for any call.
///
/// It knows no call by name: [`RpcPipe::call`] takes a number and a stub, and turns the pipe into the
/// [`PendingCall`](super::PendingCall) that carries them and gives the pipe back with the answer.
///
/// It may have a second pipe beside it, over the same connection, which [`RpcPipe::open_second`] opens: then two calls
/// can be under way at the same time ([`RpcPipe::into_pair`], [`PipePair::call`]).
#[derive(Debug)]
pub struct RpcPipe {
    pub(super) connection: Box<Connection>,
    pub(super) pipe: Pipe,
    pub(super) second: Option<Pipe>,
}

/// Two pipes of one connection, for two calls at the same time.
#[derive(Debug)]
pub struct PipePair {
    pub(super) connection: Box<Connection>,
    pub(super) first: Pipe,
    pub(super) second: Pipe,
}

/// A pipe that the server has bound, and what was agreed on before.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) session: Session,
    pub(super) single_steps: bool,
    pub(super) tree_id: u32,
    pub(super) pipe: Pipe,
}

impl RpcPipe {
    pub(super) fn new(channel: Channel, bound: Bound, limits: Limits) -> Self {
        let Bound { session, single_steps, tree_id, pipe } = bound;
        let connection = Connection::new(channel, session, tree_id, single_steps, limits);
        Self { connection: Box::new(connection), pipe, second: None }
    }

    /// What was agreed on with the server.
    #[must_use]
    pub fn negotiated(&self) -> Negotiated {
        self.connection.negotiated()
    }

    /// How much of an answer is taken, as configured.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.connection.limits()
    }

    /// Whether there is a second pipe beside it.
    #[must_use]
    pub fn has_second(&self) -> bool {
        self.second.is_some()
    }

    /// Exchanges this pipe and the second one, if there is one.
    pub(crate) fn swap(&mut self) {
        if let Some(second) = &mut self.second {
            std::mem::swap(&mut self.pipe, second);
        }
    }

    /// This pipe and the second one.
    ///
    /// # Errors
    ///
    /// There is no second one: this pipe, as it was.
    pub fn into_pair(self) -> Result<PipePair, Box<Self>> {
        match self {
            Self { connection, pipe: first, second: Some(second) } => {
                Ok(PipePair { connection, first, second })
            }
            alone @ Self { second: None, .. } => Err(Box::new(alone)),
        }
    }
}

impl PipePair {
    /// How much of each answer is taken, as configured.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.connection.limits()
    }
}

impl From<PipePair> for RpcPipe {
    fn from(pair: PipePair) -> Self {
        let PipePair { connection, first, second } = pair;
        Self { connection, pipe: first, second: Some(second) }
    }
}
