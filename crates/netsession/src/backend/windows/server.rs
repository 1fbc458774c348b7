use std::net::Ipv6Addr;

use crate::server_name::Server;

impl Server {
    /// `\\fs1`; `None` for this machine.
    pub(super) fn unc(&self) -> Option<String> {
        let host = self.name()?.host();
        Some(match ipv6_literal(host) {
            Some(literal) => format!(r"\\{literal}"),
            None => format!(r"\\{host}"),
        })
    }
}

/// A colon cannot stand in a UNC name: Windows takes `fe80--1s4.ipv6-literal.net` for `fe80::1%4`.
fn ipv6_literal(host: &str) -> Option<String> {
    let (address, scope) = host.split_once('%').map_or((host, None), |(host, scope)| (host, Some(scope)));
    let address = address.parse::<Ipv6Addr>().ok()?;
    let mut name = address.to_string().replace([':', '.'], "-");
    // No label of a name begins or ends with a dash.
    if name.starts_with('-') {
        name.insert(0, '0');
    }
    if name.ends_with('-') {
        name.push('0');
    }
    if let Some(scope) = scope {
        name.push('s');
        name.push_str(scope);
    }
    Some(name + ".ipv6-literal.net")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_netapi32() {
        for (typed, told, shown) in [
            ("fs1", Some(r"\\fs1"), "fs1"),
            (r"\\fs1", Some(r"\\fs1"), "fs1"),
            ("smb://fs1", Some(r"\\fs1"), "fs1"),
            ("10.0.0.5", Some(r"\\10.0.0.5"), "10.0.0.5"),
            ("fe80::1%4", Some(r"\\fe80--1s4.ipv6-literal.net"), "fe80::1%4"),
            ("[2001:db8::5]", Some(r"\\2001-db8--5.ipv6-literal.net"), "2001:db8::5"),
            ("::1", Some(r"\\0--1.ipv6-literal.net"), "::1"),
            ("fe80::", Some(r"\\fe80--0.ipv6-literal.net"), "fe80::"),
            ("::ffff:10.0.0.5", Some(r"\\0--ffff-10-0-0-5.ipv6-literal.net"), "::ffff:10.0.0.5"),
        ] {
            let server = Server::Named(typed.parse().unwrap());
            assert_eq!((server.unc().as_deref(), server.to_string().as_str()), (told, shown), "{typed}");
        }
        assert_eq!((Server::ThisMachine.unc(), Server::ThisMachine.to_string()), (None, "localhost".into()));
    }
}
