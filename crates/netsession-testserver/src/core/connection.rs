use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use netsession_proto::smb2::PreauthHash;

use super::credits::Credits;
use super::faults::Faults;
use super::inbox::{Inbox, Incoming};
use super::negotiate::Negotiated;
use super::outbox::{Outbox, Transmit};
use super::pipe::Pipe;
use super::session::Session;
use crate::Scenario;

/// The server's side of one TCP connection.
///
/// After [`ServerConnection::handle_input`] a driver drains [`ServerConnection::poll_transmit`] and then
/// waits for bytes or for [`ServerConnection::poll_timeout`].
#[derive(Debug)]
pub struct ServerConnection {
    pub(super) scenario: Arc<Scenario>,
    pub(super) entropy: Entropy,
    pub(super) start: Start,
    pub(super) now: Instant,
    inbox: Inbox,
    pub(super) outbox: Outbox,
    pub(super) faults: Faults,
    pub(super) credits: Credits,
    pub(super) negotiated: Option<Negotiated>,
    /// Over NEGOTIATE and its answer: where each session's own hash begins.
    pub(super) preauth: PreauthHash,
    pub(super) sessions: BTreeMap<u64, Session>,
    /// Trees, each with its session.
    pub(super) trees: BTreeMap<u32, u64>,
    /// Open pipes, by the volatile part of their FileId.
    pub(super) pipes: BTreeMap<u64, Pipe>,
    last_id: u32,
}

/// Random bytes for one connection; fixed ones make a conversation repeatable.
#[derive(Debug, Clone)]
pub struct Entropy {
    /// NTLM's ServerChallenge of the first log-on.
    pub server_challenge: [u8; 8],
    /// The salt of the pre-authentication integrity context.
    pub preauth_salt: [u8; 32],
}

/// When a connection begins, and from where it comes.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// The clock that runs.
    pub now: Instant,
    /// The same moment as a FILETIME, for NEGOTIATE and NTLM.
    pub filetime: u64,
    /// The client's address, for its own entry in the list.
    pub peer: Option<IpAddr>,
}

impl ServerConnection {
    /// A connection that a client has just made.
    #[must_use]
    pub fn new(scenario: Arc<Scenario>, entropy: Entropy, start: Start) -> Self {
        Self {
            faults: Faults::new(scenario.faults()),
            credits: Credits::new(scenario.smb.max_credits),
            scenario,
            entropy,
            start,
            now: start.now,
            inbox: Inbox::new(),
            outbox: Outbox::default(),
            negotiated: None,
            preauth: PreauthHash::new(),
            sessions: BTreeMap::new(),
            trees: BTreeMap::new(),
            pipes: BTreeMap::new(),
            last_id: 0,
        }
    }

    /// Takes any piece of what the client sends.
    pub fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        self.now = now;
        self.inbox.push(bytes);
        while !self.outbox.is_shut() {
            match self.inbox.next_frame() {
                Ok(None) => return,
                Ok(Some(Incoming::Smb1(message))) => self.handle_smb1(&message),
                Ok(Some(Incoming::Smb2(frame))) => self.handle_frame(frame),
                // Whatever this is, no server goes on with it.
                Err(_) => self.hang_up(),
            }
        }
    }

    /// What to send or do, as far as it is due.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Transmit> {
        self.outbox.poll(now)
    }

    /// When there will be something to send.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.outbox.next_due()
    }

    /// Closes the connection once what is on its way has been sent.
    pub(super) fn hang_up(&mut self) {
        self.outbox.push(self.now, Transmit::Close);
        self.outbox.shut();
    }

    /// A number for a session, tree or pipe that this connection has not used.
    pub(super) fn fresh_id(&mut self) -> u32 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }
}
