use std::net::SocketAddr;

use super::Resolve;
use crate::error::{LocalError, ResolveError};

/// The system's own resolver, `getaddrinfo`: addresses in its order.
#[derive(Debug)]
pub(crate) struct SystemResolver;

/// Not by the standard library, which keeps the text of the error and not its code: the text of EAI_AGAIN is another
/// one in each C library.
#[cfg(unix)]
impl Resolve for SystemResolver {
    fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        use dns_lookup::{AddrInfoHints, SockType, getaddrinfo};

        // One address each, instead of one for each type of socket.
        let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
        let found = getaddrinfo(Some(host), None, Some(hints)).map_err(failed)?;
        // An address of a family that is neither IPv4 nor IPv6 is left out.
        let mut addresses: Vec<_> = found.filter_map(Result::ok).map(|found| found.sockaddr).collect();
        addresses.iter_mut().for_each(|address| address.set_port(port));
        Ok(addresses)
    }
}

#[cfg(unix)]
fn failed(error: dns_lookup::LookupError) -> ResolveError {
    use dns_lookup::LookupErrorKind::{Again, Memory, NoData, NoName};

    let kind = error.kind();
    let error = std::io::Error::from(error);
    let text = plain(&error);
    // EAI_SYSTEM brings the number of the system's error along.
    if let Some(local) = LocalError::from_io(&error) {
        return ResolveError::Local(local);
    }
    match kind {
        Memory => ResolveError::Local(LocalError::Exhausted(text)),
        Again => ResolveError::Temporary(text),
        NoName | NoData => ResolveError::NotFound(text),
        // The codes of `getaddrinfo` are open: each system has some of its own.
        _ => ResolveError::Other(text),
    }
}

/// The codes of Windows Sockets, which the standard library keeps.
#[cfg(not(unix))]
impl Resolve for SystemResolver {
    fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        use std::net::ToSocketAddrs as _;

        const WSAHOST_NOT_FOUND: i32 = 11_001;
        const WSATRY_AGAIN: i32 = 11_002;
        const WSANO_DATA: i32 = 11_004;
        match (host, port).to_socket_addrs() {
            Ok(addresses) => Ok(addresses.collect()),
            Err(error) => Err(match error.raw_os_error() {
                Some(WSAHOST_NOT_FOUND | WSANO_DATA) => ResolveError::NotFound(plain(&error)),
                Some(WSATRY_AGAIN) => ResolveError::Temporary(plain(&error)),
                _ => match LocalError::from_io(&error) {
                    Some(local) => ResolveError::Local(local),
                    None => ResolveError::Other(plain(&error)),
                },
            }),
        }
    }
}

/// The text of the resolver in our style: without the prefix of the libraries in between and without a full stop,
/// beginning in lower case.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
    let mut chars = text.trim_end_matches('.').chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn codes_decide_whether_a_failure_is_temporary() {
        let failure = |code| failed(dns_lookup::LookupError::new(code));
        assert!(matches!(failure(libc::EAI_AGAIN), ResolveError::Temporary(_)));
        assert!(matches!(failure(libc::EAI_NONAME), ResolveError::NotFound(_)));
        assert!(matches!(failure(libc::EAI_FAIL), ResolveError::Other(_)));
        assert!(matches!(failure(libc::EAI_MEMORY), ResolveError::Local(_)));
    }

    #[test]
    fn texts_are_in_our_style() {
        let ResolveError::NotFound(text) = failed(dns_lookup::LookupError::new(libc::EAI_NONAME)) else {
            panic!()
        };
        assert!(!text.is_empty() && !text.contains("lookup address") && !text.ends_with('.'), "{text}");
        assert!(text.starts_with(char::is_lowercase), "{text}");
    }

    #[test]
    fn port_is_added_to_each_address() {
        let addresses = SystemResolver.resolve("127.0.0.1", 4455).unwrap();
        assert_eq!(addresses, ["127.0.0.1:4455".parse().unwrap()]);
    }
}
