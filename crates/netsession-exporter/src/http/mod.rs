//! The HTTP server: routes, parameters of a probe, and limits on connections.

mod browser;
mod lifecycle;
mod request;
mod response;
mod routes;
mod server;
mod write_timeout;

pub use server::serve;
