//! The SMB backend: two drivers, async and blocking, over the state machines of `netsession-proto`.
//!
//! A driver carries bytes and waits. A [`Talk`](talk::Talk) decides the next action and its deadline: first the
//! opening of the connection, then one inquiry for each question. Both drivers share them.

mod authenticator;
mod buffer;
#[cfg(feature = "tokio")]
mod connect_async;
mod connect_blocking;
mod connector;
mod dialogue;
mod driver;
mod entropy;
mod holding;
mod inquiry;
#[cfg(feature = "tokio")]
mod inquiry_both;
mod log_on;
mod opening;
mod plan;
#[cfg(feature = "tokio")]
mod second_pipe;
mod session;
mod talk;
#[cfg(test)]
mod tests;
#[cfg(feature = "tokio")]
mod wait;
mod ways;
#[cfg(feature = "tokio")]
mod wire_async;
mod wire_blocking;

#[cfg(feature = "tokio")]
pub(crate) use connect_async::open;
pub(crate) use connect_blocking::open as open_blocking;
pub(crate) use driver::Driver;
pub(crate) use plan::SmbPlan;
#[cfg(all(test, feature = "tokio"))]
pub(crate) use wait::woken_or;
#[cfg(feature = "tokio")]
pub(crate) use wire_async::AsyncWire;
pub(crate) use wire_blocking::BlockingWire;
