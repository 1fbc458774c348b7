//! The same API without `await`, on plain threads and sockets: no runtime is needed.

mod client;

pub use client::{Client, ClientBuilder, SessionsRequest};
