//! What is answered over HTTP, and how much of it at a time.

mod patient;
mod request;
mod routes;
mod server;

pub(crate) use routes::router;
pub use server::serve;
