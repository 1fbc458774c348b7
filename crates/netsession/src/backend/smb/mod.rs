//! The wire: two drivers, async and blocking, over the one state machine of `netsession-proto`.

#[cfg(feature = "tokio")]
mod wait;

#[cfg(feature = "tokio")]
pub(crate) use wait::woken_or;
