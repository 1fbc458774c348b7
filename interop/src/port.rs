//! Free ports on loopback.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which Linux takes the ports of outgoing connections: none of them can grab a port
/// between this choice and the server's bind.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// A free port, over IPv4 and IPv6. Each call of a process returns another one.
pub fn free() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Processes that run at the same time begin at different places.
    let start = (process::id() % 120) as u16 * 100;
    loop {
        let port = FIRST + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port));
        if v4.is_ok() && (v6.is_ok() || !has_ipv6()) {
            return port;
        }
    }
}

/// Whether this process can listen on port 445 of loopback: as root, and where no other server does.
pub fn is_445_free() -> bool {
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 445));
    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 445));
    v4.is_ok() && (v6.is_ok() || !has_ipv6())
}

/// Whether this machine has `::1`.
pub fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}
