use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6, ToSocketAddrs as _};

use crate::error::ResolveError;

/// `host` as an address, if it is one: `10.0.0.5`, `fe80::1`, `fe80::1%eth0`, `fe80::1%2`.
pub(super) fn parse(host: &str, port: u16) -> Option<Result<SocketAddr, ResolveError>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Some(Ok(SocketAddr::new(address, port)));
    }
    let (address, scope) = host.split_once('%')?;
    let address = address.parse::<Ipv6Addr>().ok()?;
    if let Ok(scope_id) = scope.parse::<u32>() {
        return Some(Ok(SocketAddrV6::new(address, port, 0, scope_id).into()));
    }
    // The system knows the names of its interfaces, and asks no name server for an address in digits.
    let found = (host, port).to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    Some(found.ok_or_else(|| ResolveError::NoInterface(scope.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_no_resolver() {
        let parse = |host| parse(host, 445).map(|found| found.map(|address| address.to_string()));
        assert_eq!(parse("10.0.0.5"), Some(Ok("10.0.0.5:445".into())));
        assert_eq!(parse("::1"), Some(Ok("[::1]:445".into())));
        assert_eq!(parse("fe80::1%7"), Some(Ok("[fe80::1%7]:445".into())));
        assert_eq!(parse("fs1"), None);
        assert_eq!(parse("fs1%eth0"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn interfaces_have_names() {
        assert_eq!(
            parse("fe80::1%lo", 445),
            Some(Ok(SocketAddrV6::new("fe80::1".parse().unwrap(), 445, 0, 1).into()))
        );
        assert_eq!(parse("fe80::1%nosuchif0", 445), Some(Err(ResolveError::NoInterface("nosuchif0".into()))));
    }
}
