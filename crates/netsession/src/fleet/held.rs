use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::turn::Permit;
use crate::resolve::Resolve;

/// A resolver whose thread counts as a server that is asked, for as long as it takes: with name servers that are gone
/// there would otherwise be more threads, and more descriptors of theirs, than may be asked at once.
#[derive(Debug)]
pub(super) struct Held {
    resolver: Arc<dyn Resolve>,
    /// Given back when the last of the task and the thread has dropped this.
    _permit: Permit,
}

impl Held {
    pub(super) fn new(resolver: Arc<dyn Resolve>, permit: Permit) -> Self {
        Self { resolver, _permit: permit }
    }
}

impl Resolve for Held {
    fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        self.resolver.resolve(host, port)
    }
}
