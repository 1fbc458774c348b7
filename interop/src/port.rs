//! Free ports on loopback.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::process;
use std::sync::{Mutex, PoisonError};

/// Below the range from which Linux takes the ports of outgoing connections: none of them can grab a port
/// between this choice and the server's bind.
const FIRST: u16 = 20_000;
/// Ports that a process reserves at a time, by listening on the first of them, which no test gets.
const BLOCK: u16 = 100;
const BLOCKS: u16 = 120;

/// The blocks of this process, for as long as it runs. Suites run side by side, each in namespaces of its own, where numbers of
/// processes repeat, and a free port is free only until another suite gives it away.
struct Blocks {
    held: Vec<TcpListener>,
    /// The ports of the last block that were not given away.
    left: std::ops::Range<u16>,
}

impl Blocks {
    fn take(&mut self) {
        let begin = process::id() % u32::from(BLOCKS);
        let numbers = (0..BLOCKS).map(|number| (number + begin as u16) % BLOCKS);
        let mut firsts = numbers.map(|number| FIRST + number * BLOCK);
        let taken =
            firsts.find_map(|first| Some((first, TcpListener::bind((Ipv4Addr::LOCALHOST, first)).ok()?)));
        let (first, listener) = taken.expect("no free ports: other suites have all of them");
        self.held.push(listener);
        self.left = first + 1..first + BLOCK;
    }
}

/// A free port, over IPv4 and IPv6. Each call returns another one, also those of other processes of this project.
pub fn free() -> u16 {
    static MINE: Mutex<Blocks> = Mutex::new(Blocks { held: Vec::new(), left: 0..0 });
    let mut mine = MINE.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let Some(port) = mine.left.next() else {
            mine.take();
            continue;
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_that_take_ports_get_different_ones() {
        let mut both = [(); 2].map(|()| Blocks { held: Vec::new(), left: 0..0 });
        for _ in 0..3 {
            both.iter_mut().for_each(Blocks::take);
            let [one, other] = &both;
            assert_ne!(one.left, other.left);
        }
    }
}
