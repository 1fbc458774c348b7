use std::time::Instant;

use super::commands;
use super::inbox::{Inbox, Incoming};
use super::outbox::Transmit;
use super::receive;
use super::send;
use super::state::{Entropy, Start, State};
use crate::host::Host;

/// The server's side of one TCP connection.
///
/// After [`ServerConnection::handle_input`] a driver drains [`ServerConnection::poll_transmit`] and then
/// waits for bytes or for [`ServerConnection::poll_timeout`].
#[derive(Debug)]
pub struct ServerConnection {
    inbox: Inbox,
    state: State,
    /// Something was sent since the last frame came.
    has_sent: bool,
}

impl ServerConnection {
    /// A new connection to this host. From a scenario: to a host of its own.
    #[must_use]
    pub fn new(host: impl Into<Host>, entropy: Entropy, start: Start) -> Self {
        let host = host.into();
        host.traffic().count_connection();
        Self { inbox: Inbox::new(), state: State::new(host, entropy, start), has_sent: true }
    }

    /// Takes any piece of what the client sends.
    pub fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        self.state.now = now;
        self.inbox.push(bytes);
        while !self.state.outbox.is_shut() {
            match self.inbox.next_frame() {
                Ok(None) => return,
                Ok(Some(Incoming::Smb1(message))) => {
                    let reply = commands::smb1_negotiate(&mut self.state, &message);
                    send::send(&mut self.state, reply.into_iter().collect());
                }
                Ok(Some(Incoming::Smb2(frame))) => {
                    self.state.host.traffic().count_frame();
                    if std::mem::take(&mut self.has_sent) {
                        self.state.host.traffic().count_round_trip();
                    }
                    receive::receive(&mut self.state, frame);
                }
                // [MS-SMB2] 3.3.5.2: a message with any other ProtocolId ends the connection.
                Err(_) => self.state.hang_up(),
            }
        }
    }

    /// What to send or do, as far as it is due.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Transmit> {
        let transmit = self.state.outbox.poll(now);
        self.has_sent |= transmit.is_some();
        transmit
    }

    /// When there will be something to send.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.state.outbox.next_due()
    }
}
