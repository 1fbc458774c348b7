use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs as _};
use std::str::FromStr;

/// Where to listen, as typed: `127.0.0.1:9945`, `[::1]:9945`, `localhost:9945`, or `:9945` for every address of this
/// machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListenAddress {
    host: Host,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Every,
    Address(SocketAddr),
    Name(String),
}

impl ListenAddress {
    /// The addresses to bind: of a name all that it has, since a client may try any of them first.
    pub(super) fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        match &self.host {
            Host::Every => Ok(vec![SocketAddr::new(every_address(), self.port)]),
            Host::Address(address) => Ok(vec![*address]),
            Host::Name(name) => Ok((name.as_str(), self.port).to_socket_addrs()?.collect()),
        }
    }
}

/// The unspecified address. On Linux and macOS a socket of IPv6 takes connections of IPv4 as well, if the machine has
/// IPv6 at all; on Windows and the BSDs it takes none.
fn every_address() -> IpAddr {
    let takes_both = cfg!(any(target_os = "linux", target_os = "macos"));
    if takes_both && TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).is_ok() {
        Ipv6Addr::UNSPECIFIED.into()
    } else {
        Ipv4Addr::UNSPECIFIED.into()
    }
}

impl FromStr for ListenAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "use ADDRESS:PORT, such as 127.0.0.1:9945, [::1]:9945, localhost:9945, or :9945 for every \
                             address of this machine";
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self { host: Host::Address(address), port: address.port() });
        }
        let (host, port) = text.rsplit_once(':').ok_or(WRONG)?;
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|_| is_number).ok_or(WRONG)?;
        let host = match host {
            "" => Host::Every,
            // `::1` without brackets and what is no name: the resolver would not say what is wrong with it.
            name if name
                .contains(|c: char| ":[]/\\@*".contains(c) || c.is_whitespace() || c.is_control()) =>
            {
                return Err(WRONG);
            }
            name => Host::Name(name.to_owned()),
        };
        Ok(Self { host, port })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Every => write!(f, ":{}", self.port),
            Host::Address(address) => address.fmt(f),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Vec<SocketAddr> {
        text.parse::<ListenAddress>().unwrap().resolve().unwrap()
    }

    #[test]
    fn accepted_addresses() {
        for text in ["127.0.0.1:9945", "[::1]:9945", "0.0.0.0:0"] {
            assert_eq!(resolved(text), [text.parse().unwrap()]);
        }
        let [every] = resolved(":9945")[..] else { panic!("not one address") };
        assert!(every.ip().is_unspecified() && every.port() == 9945, "{every}");
        // How many there are, the machine says.
        let mut localhost = resolved("localhost:9945");
        localhost.dedup();
        let system: Vec<_> = ("localhost", 9945).to_socket_addrs().unwrap().collect();
        assert!(system.iter().all(|address| localhost.contains(address)), "{localhost:?} {system:?}");
        assert!(localhost.iter().all(|one| one.ip().is_loopback() && one.port() == 9945), "{localhost:?}");
        for text in [":9945", "localhost:9945", "[::1]:9945"] {
            assert_eq!(text.parse::<ListenAddress>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refused_addresses() {
        for text in [
            "",
            ":",
            "9945",
            "localhost",
            "::1:9945",
            "::1",
            "[::1]",
            "a:b",
            "a:+1",
            ":65536",
            "*:1",
            "a b:1",
            "h:",
        ] {
            assert!(text.parse::<ListenAddress>().is_err(), "{text:?}");
        }
    }
}
