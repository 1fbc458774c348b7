//! From the name of a server to its addresses.

mod literal;
mod lookups;
mod system;

pub(crate) use system::SystemResolver;

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::task::{Poll, Waker};
use std::thread;

use crate::ServerName;
use crate::error::{Cause, Error, LocalError, ResolveError, Step};
use crate::oneshot::{self, Receiver};
use lookups::Lookups;

/// Maximum lookups of this process at the same time. Each costs a thread and a descriptor or two.
const MAX_LOOKUPS: usize = 2_048;
static LOOKUPS: LazyLock<Lookups> = LazyLock::new(|| Lookups::with_limit(MAX_LOOKUPS));

/// Looks up host names. It may block: it is called on a thread of its own.
pub(crate) trait Resolve: std::fmt::Debug + Send + Sync {
    /// The addresses of `host`, best first.
    fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError>;
}

/// A lookup under way.
///
/// The thread is never joined: a resolver that does not answer delays neither a deadline nor the end of the program.
#[derive(Debug)]
pub(crate) enum Resolution {
    /// The host is an address.
    Known(Vec<SocketAddr>),
    Pending(Receiver<Result<Vec<SocketAddr>, ResolveError>>),
}

impl Resolution {
    pub(crate) fn start(server: &ServerName, resolver: &Arc<dyn Resolve>) -> Result<Self, Error> {
        if let Some(literal) = literal::parse(server.host(), server.port()) {
            let address = literal.map_err(failed)?;
            return Ok(Self::Known(vec![address]));
        }
        tracing::debug!(host = server.host(), "resolving");
        let local = |error| Error::new(Step::Resolve, Cause::Local(error));
        let lookup = LOOKUPS.begin().ok_or_else(|| local(LocalError::TooManyLookups(MAX_LOOKUPS)))?;
        let (sender, receiver) = oneshot::channel();
        let (resolver, server) = (Arc::clone(resolver), server.clone());
        thread::Builder::new()
            .name("netsession-resolve".into())
            .spawn(move || {
                sender.send(resolver.resolve(server.host(), server.port()));
                drop(lookup);
            })
            .map_err(LocalError::no_thread("for the resolver"))
            .map_err(local)?;
        Ok(Self::Pending(receiver))
    }

    /// The addresses, at least one; `None` when the waker will be woken.
    pub(crate) fn poll(&mut self, waker: &Waker) -> Option<Result<Vec<SocketAddr>, Error>> {
        let receiver = match self {
            Self::Known(addresses) => return Some(Ok(std::mem::take(addresses))),
            Self::Pending(receiver) => receiver,
        };
        match receiver.poll(waker) {
            Poll::Pending => None,
            Poll::Ready(None) => Some(Err(Error::new(
                Step::Resolve,
                Cause::Local(LocalError::ThreadDied("the thread of the resolver")),
            ))),
            Poll::Ready(Some(Err(error))) => Some(Err(failed(error))),
            Poll::Ready(Some(Ok(addresses))) if addresses.is_empty() => {
                Some(Err(failed(ResolveError::NoAddress)))
            }
            Poll::Ready(Some(Ok(addresses))) => {
                tracing::debug!(?addresses, "resolved");
                Some(Ok(addresses))
            }
        }
    }
}

fn failed(error: ResolveError) -> Error {
    Error::new(Step::Resolve, Cause::Resolve(error))
}
