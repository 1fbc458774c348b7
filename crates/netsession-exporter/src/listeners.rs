use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::task::Poll;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tracing::debug;

/// The sockets of one exporter: a name such as `localhost` has an address of IPv4 and one of IPv6.
#[derive(Debug)]
pub struct Listeners {
    sockets: Vec<TcpListener>,
    /// Which socket is asked first: a busy one must not keep the others waiting.
    first: usize,
}

impl Listeners {
    /// Listens on every address. Within a runtime. With the port 0 all of them have the port that the first one gets.
    ///
    /// # Errors
    ///
    /// An address is in use or not permitted, or none is available on this machine. One of several that is not available
    /// is left out: `localhost` has an IPv6 address on machines without IPv6, too.
    pub fn bind(addresses: &[SocketAddr]) -> io::Result<Self> {
        let mut sockets: Vec<TcpListener> = Vec::new();
        let mut unavailable = io::Error::new(ErrorKind::NotFound, "there is no address to listen on");
        for (index, address) in addresses.iter().enumerate() {
            if addresses.iter().take(index).any(|before| before == address) {
                continue;
            }
            let mut address = *address;
            if let (0, Some(socket)) = (address.port(), sockets.first()) {
                address.set_port(socket.local_addr()?.port());
            }
            match bind(address) {
                Ok(socket) => sockets.push(socket),
                Err(error) if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
                    return Err(io::Error::new(error.kind(), format!("{address}: {error}")));
                }
                Err(error) => {
                    debug!("cannot listen on {address}: {error}");
                    unavailable = error;
                }
            }
        }
        if sockets.is_empty() { Err(unavailable) } else { Ok(Self { sockets, first: 0 }) }
    }

    /// The addresses that can be reached, with their ports.
    ///
    /// # Errors
    ///
    /// The system does not report them.
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.sockets.iter().map(TcpListener::local_addr).collect()
    }

    /// Whether only programs on this machine reach the exporter. Where an address is not known, the stricter rule holds.
    pub(crate) fn are_loopback(&self) -> bool {
        self.addresses().map_or(true, |addresses| addresses.iter().all(|address| address.ip().is_loopback()))
    }

    /// The next connection to any of them.
    pub(crate) async fn accept(&mut self) -> io::Result<TcpStream> {
        let first = self.first;
        let (index, accepted) = poll_fn(|context| {
            let (before, after) = self.sockets.split_at(first.min(self.sockets.len()));
            for (index, socket) in (first..).zip(after).chain((0..).zip(before)) {
                if let Poll::Ready(accepted) = socket.poll_accept(context) {
                    return Poll::Ready((index, accepted));
                }
            }
            Poll::Pending
        })
        .await;
        self.first = if index < self.sockets.len().saturating_sub(1) { index.saturating_add(1) } else { 0 };
        accepted.map(|(stream, _)| stream)
    }
}

impl From<TcpListener> for Listeners {
    fn from(socket: TcpListener) -> Self {
        Self { sockets: vec![socket], first: 0 }
    }
}

/// Listens with a longer queue than the usual 128: after a shared query has timed out, all of its probes connect again
/// at the same moment, and a client whose SYN is dropped waits a second before it repeats it.
fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    const BACKLOG: u32 = 4096;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Not on Windows: there SO_REUSEADDR lets another process take over the address.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    /// Not an address of this machine: of those for documentation (RFC 3849, RFC 5737).
    const ELSEWHERE: [&str; 2] = ["[2001:db8::1]:0", "192.0.2.1:0"];

    fn loopback() -> SocketAddr {
        (Ipv4Addr::LOCALHOST, 0).into()
    }

    /// A machine without IPv6 cannot show more than that this is no error.
    fn has_ipv6() -> bool {
        std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
    }

    #[tokio::test]
    async fn every_address_of_a_name_is_served_on_one_port() {
        let both = [loopback(), (Ipv6Addr::LOCALHOST, 0).into(), loopback()];
        let mut listeners = Listeners::bind(&both).unwrap();
        let addresses = listeners.addresses().unwrap();
        assert_eq!(addresses.len(), if has_ipv6() { 2 } else { 1 });
        assert!(addresses.iter().all(|address| address.port() == addresses[0].port() && address.port() != 0));
        assert!(listeners.are_loopback());
        // Several times, and the last one first.
        for address in addresses.iter().rev().chain(&addresses) {
            let (connected, accepted) = tokio::join!(TcpStream::connect(address), listeners.accept());
            assert_eq!(accepted.unwrap().peer_addr().unwrap(), connected.unwrap().local_addr().unwrap());
        }
    }

    #[tokio::test]
    async fn address_that_this_machine_lacks_is_left_out_unless_it_is_the_only_one() {
        for other in ELSEWHERE.map(|text| text.parse().unwrap()) {
            for addresses in [[other, loopback()], [loopback(), other]] {
                let bound = Listeners::bind(&addresses).unwrap().addresses().unwrap();
                assert!(bound.len() == 1 && bound[0].ip() == loopback().ip(), "{bound:?}");
            }
            assert!(Listeners::bind(&[other]).is_err());
        }
        assert!(Listeners::bind(&[]).is_err());
    }

    #[tokio::test]
    async fn address_in_use_is_an_error_beside_others() {
        let used = std::net::TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), 0)).unwrap();
        let error = Listeners::bind(&[loopback(), used.local_addr().unwrap()]).unwrap_err();
        assert!(error.to_string().contains("127.0.0.2:"), "{error}");
    }
}
