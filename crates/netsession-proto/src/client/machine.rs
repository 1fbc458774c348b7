use std::time::Instant;

/// What every driver carries: a conversation that says what to send, and is told what comes.
///
/// A driver owns the socket and the clock. After each call of a `handle_` method it
///
/// 1. drains [`poll_event`](Self::poll_event) and answers what asks for an answer,
/// 2. drains [`poll_transmit`](Self::poll_transmit), each in one write,
/// 3. waits for bytes, the end of the stream, or [`poll_timeout`](Self::poll_timeout).
///
/// Nothing behind it can panic or wait, whatever the bytes are. After its last event nothing happens any more.
pub trait Machine {
    /// What the driver has to know or do.
    type Event;

    /// Takes any piece of what the server sends.
    fn handle_input(&mut self, bytes: &[u8], now: Instant);

    /// The server has closed the connection: the stream is at its end.
    fn handle_close(&mut self, now: Instant);

    /// The transport has failed: the connection was reset, or the network is gone.
    fn handle_reset(&mut self, now: Instant);

    /// Says what time it is: where the deadline has passed, what is under way fails.
    fn handle_timeout(&mut self, now: Instant);

    /// What to send, in one write.
    fn poll_transmit(&mut self) -> Option<Vec<u8>>;

    /// When to call [`handle_timeout`](Self::handle_timeout): the deadline, while anything is under way.
    fn poll_timeout(&self) -> Option<Instant>;

    /// What the driver has to know or do.
    fn poll_event(&mut self) -> Option<Self::Event>;
}
