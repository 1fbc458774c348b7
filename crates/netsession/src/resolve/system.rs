use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};

use super::Resolve;

/// The system's own resolver: `getaddrinfo`, in whatever order it gives.
#[derive(Debug)]
pub(crate) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs()?.collect())
    }
}
