use super::agreement::Agreement;
use super::channel::{Channel, Reply};
use super::log_on::Session;
use super::validation::Validation;
use super::{Failure, Limits, Step};
use crate::smb2::{Body, Command, Dialect, Header};

/// The call_id of the first bind; those of calls follow.
pub(super) const BIND_CALL_ID: u32 = 1;

/// A logged-on connection with its tree: what its pipes share.
#[derive(Debug)]
pub(super) struct Connection {
    channel: Channel,
    agreement: Agreement,
    validation: Validation,
    tree_id: u32,
    single_steps: bool,
    limits: Limits,
    next_call_id: u32,
}

/// What was agreed on with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Negotiated {
    /// The dialect.
    pub dialect: Dialect,
    /// Whether the session is encrypted; if not, it is signed.
    pub encrypted: bool,
    /// Whether the pipe was opened in single steps: as configured, or because the server refused the compound.
    pub single_steps: bool,
}

impl Connection {
    pub(super) fn new(
        channel: Channel,
        session: Session,
        tree_id: u32,
        single_steps: bool,
        limits: Limits,
    ) -> Self {
        let Session { agreement, validation } = session;
        let next_call_id = BIND_CALL_ID.wrapping_add(1);
        Self { channel, agreement, validation, tree_id, single_steps, limits, next_call_id }
    }

    pub(super) fn negotiated(&self) -> Negotiated {
        let Agreement { dialect, cipher, .. } = self.agreement;
        Negotiated { dialect, encrypted: cipher.is_some(), single_steps: self.single_steps }
    }

    pub(super) fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// How much of an answer is taken.
    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// Takes any piece of what the server sends.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.channel.push(bytes);
    }

    /// The next reply that is not the confirmation of the negotiation, which is taken here. Another failure than that of
    /// the confirmation is one of `step`.
    pub(super) fn next_reply(&mut self, step: Step) -> Result<Option<Reply>, Failure> {
        loop {
            match self.channel.next_reply() {
                Ok(Some(reply)) if self.validation.is_answer(&reply) => {
                    self.validation.answered(&reply).map_err(Failure::at_step(Step::ValidateNegotiate))?;
                }
                reply => return reply.map_err(Failure::at_step(step)),
            }
        }
    }

    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.channel.poll_transmit()
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.channel.is_stuck()
    }

    pub(super) fn credits(&self) -> u32 {
        self.channel.credits()
    }

    /// Whether an answer may be released: the negotiation is confirmed, or needs no confirmation.
    pub(super) fn is_confirmed(&self) -> bool {
        !self.validation.is_open()
    }

    /// The call_id of a call that begins. Asks for the confirmation of the negotiation along with it, if that is still
    /// due.
    ///
    /// The numbers are those of the connection, not of the pipe: an answer that a server gives to the wrong pipe has a
    /// call_id that this pipe does not wait for.
    pub(super) fn begin_call(&mut self) -> u32 {
        let call_id = self.next_call_id;
        self.next_call_id = call_id.wrapping_add(1);
        self.validation.ask_along(&mut self.channel, self.tree_id);
        call_id
    }

    /// Sends one request and returns its number.
    pub(super) fn send<'a, B: Body<'a>>(&mut self, body: &B) -> u64 {
        self.channel.send(self.tree_id, body)
    }

    /// A header with the next message number, for a request that [`Connection::submit`] then sends.
    pub(super) fn header(&mut self, command: Command) -> Header {
        self.channel.header(command, self.tree_id)
    }

    /// Sends messages, as one compound if they are several.
    pub(super) fn submit(&mut self, messages: Vec<Vec<u8>>) {
        self.channel.submit(messages);
    }
}
