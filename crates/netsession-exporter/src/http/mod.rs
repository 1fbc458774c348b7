//! The HTTP server: routes, parameters of a probe, and limits on connections.

mod browser;
mod request;
mod routes;
mod server;
mod write_timeout;

pub use server::serve;
