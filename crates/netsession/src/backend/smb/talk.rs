use std::net::IpAddr;
use std::task::Waker;
use std::time::Instant;

use crate::error::Error;

/// What a driver carries: something that says what is to be done next, and does no I/O itself.
pub(super) trait Talk {
    /// What it comes to.
    type End;

    /// What is to be done next. `waker` is woken when an [`Action::Wait`] has come to its end.
    fn next(&mut self, waker: &Waker) -> Action<Self::End>;

    /// Bytes from the server, in any portion.
    fn received(&mut self, bytes: &[u8]);

    /// The server closed the connection.
    fn closed(&mut self);

    /// The connection was reset, or the network is gone.
    fn broke(&mut self);

    /// There is a new connection, from the address `local`.
    ///
    /// # Errors
    ///
    /// This machine cannot go on with it.
    fn reconnected(&mut self, local: IpAddr) -> Result<(), Error>;

    /// The end that a failure of this machine is.
    fn failed(&mut self, error: Error) -> Self::End;

    /// The moment at which what is being done has failed.
    fn until(&self) -> Instant;
}

/// What a driver is to do next.
pub(super) enum Action<E> {
    /// Write these bytes, in one write.
    Send(Vec<u8>),
    /// Read, and hand over what comes; call again at this moment at the latest.
    Receive(Instant),
    /// Wait until woken, and call again at this moment at the latest. There is nothing to read.
    Wait(Instant),
    /// Connect again to the same address, until this moment at the latest.
    Reconnect(Instant),
    /// This is the end.
    Finish(E),
}
