//! The TCP connect: several addresses of one server with happy eyeballs (RFC 8305).

#[cfg(feature = "tokio")]
mod asynchronous;
mod blocking;
mod race;
#[cfg(test)]
mod tests;

#[cfg(feature = "tokio")]
pub(crate) use asynchronous::connect;
pub(crate) use blocking::connect as connect_blocking;
