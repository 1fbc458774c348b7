//! From the name of a server to its addresses.

mod literal;
mod lookups;
mod system;

pub(crate) use system::SystemResolver;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::task::{Poll, Waker};
use std::thread;

use crate::ServerName;
use crate::connect::is_local;
use crate::error::{Cause, Error, Step};
use crate::oneshot::{self, Receiver};
use lookups::Lookups;

/// In this process. Each costs a thread and a descriptor or two.
const MOST_LOOKUPS: usize = 2_048;
static LOOKUPS: LazyLock<Lookups> = LazyLock::new(|| Lookups::at_most(MOST_LOOKUPS));

/// Turns a host name into addresses, and may take as long as it likes: it is given a thread of its own.
pub(crate) trait Resolve: std::fmt::Debug + Send + Sync {
    /// The addresses of `host`, best first.
    fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// A name on its way to addresses.
///
/// Dropped, it forgets the thread that asks: a resolver that says nothing holds up neither a deadline nor
/// the end of the program.
#[derive(Debug)]
pub(crate) enum Resolution {
    /// It was an address to begin with.
    Known(Vec<SocketAddr>),
    Asked(Receiver<io::Result<Vec<SocketAddr>>>),
}

impl Resolution {
    pub(crate) fn start(server: &ServerName, resolver: &Arc<dyn Resolve>) -> Result<Self, Error> {
        if let Some(literal) = literal::parse(server.host(), server.port()) {
            let address = literal.map_err(|text| Error::new(Step::Resolve, Cause::Resolve(text)))?;
            return Ok(Self::Known(vec![address]));
        }
        tracing::debug!(host = server.host(), "resolving");
        let local = |text: String| Error::new(Step::Resolve, Cause::Local(text));
        let lookup = LOOKUPS
            .begin()
            .ok_or_else(|| local(format!("{MOST_LOOKUPS} names are being looked up already")))?;
        let (sender, receiver) = oneshot::channel();
        let (resolver, server) = (Arc::clone(resolver), server.clone());
        thread::Builder::new()
            .name("netsession-resolve".into())
            .spawn(move || {
                sender.send(resolver.resolve(server.host(), server.port()));
                drop(lookup);
            })
            .map_err(|error| local(format!("no thread for the resolver: {error}")))?;
        Ok(Self::Asked(receiver))
    }

    /// The addresses, at least one; `None` when the waker will be woken.
    pub(crate) fn poll(&mut self, waker: &Waker) -> Option<Result<Vec<SocketAddr>, Error>> {
        let receiver = match self {
            Self::Known(addresses) => return Some(Ok(std::mem::take(addresses))),
            Self::Asked(receiver) => receiver,
        };
        let failed = |text: String| Some(Err(Error::new(Step::Resolve, Cause::Resolve(text))));
        match receiver.poll(waker) {
            Poll::Pending => None,
            Poll::Ready(None) => failed("the resolver died".into()),
            Poll::Ready(Some(Err(error))) if is_local(&error) => {
                Some(Err(Error::new(Step::Resolve, Cause::Local(error.to_string()))))
            }
            Poll::Ready(Some(Err(error))) => failed(in_words(&error)),
            Poll::Ready(Some(Ok(addresses))) if addresses.is_empty() => {
                failed("the name has no address".into())
            }
            Poll::Ready(Some(Ok(addresses))) => {
                tracing::debug!(?addresses, "resolved");
                Some(Ok(addresses))
            }
        }
    }
}

/// What the resolver said, without what the standard library puts in front.
fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    let mut chars = text.trim_end_matches('.').chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
