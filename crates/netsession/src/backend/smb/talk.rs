use std::net::IpAddr;
use std::task::Waker;
use std::time::Instant;

use crate::error::Error;

/// A protocol exchange without I/O: it decides the next action, and a driver carries it out.
pub(super) trait Talk {
    /// The result.
    type End;
    /// What goes on over a new connection.
    type Reconnect;

    /// The next action. `waker` is woken when an [`Action::Wait`] ends.
    fn next(&mut self, waker: &Waker) -> Action<Self>;

    /// Bytes from the server, in any portion.
    fn received(&mut self, bytes: &[u8]);

    /// The server closed the connection.
    fn closed(&mut self);

    /// The connection was reset, or the network is gone.
    fn broke(&mut self);

    /// There is the new connection that [`Action::Reconnect`] asked for, from the address `local`.
    ///
    /// # Errors
    ///
    /// This machine cannot go on with it.
    fn reconnected(&mut self, again: Self::Reconnect, local: IpAddr) -> Result<(), Error>;

    /// The end that a failure of this machine is.
    fn failed(&mut self, error: Error) -> Self::End;

    /// The deadline of the exchange.
    fn until(&self) -> Instant;
}

/// The next action of a driver.
pub(super) enum Action<T: Talk + ?Sized> {
    /// Write these bytes, in one write.
    Send(Vec<u8>),
    /// Read, and hand over what comes; call again at this moment at the latest.
    Receive(Instant),
    /// Wait until woken, hand over what has come, and call again at this moment at the latest.
    Wait(Instant),
    /// Connect again to the same address, until this moment at the latest.
    Reconnect(T::Reconnect, Instant),
    /// The exchange has ended.
    Finish(T::End),
}
