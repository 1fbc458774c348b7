use std::net::Ipv6Addr;

/// The host as it stands in a UNC path. A colon cannot: Windows takes `fe80--1s4.ipv6-literal.net` for `fe80::1%4`.
pub(crate) fn unc_host(host: &str) -> String {
    ipv6_literal(host).unwrap_or_else(|| host.to_owned())
}

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
    fn no_colon_is_in_a_path() {
        for (host, in_path) in [
            ("fs1", "fs1"),
            ("10.0.0.5", "10.0.0.5"),
            ("fe80::1%4", "fe80--1s4.ipv6-literal.net"),
            ("2001:db8::5", "2001-db8--5.ipv6-literal.net"),
            ("::1", "0--1.ipv6-literal.net"),
            ("fe80::", "fe80--0.ipv6-literal.net"),
            ("::ffff:10.0.0.5", "0--ffff-10-0-0-5.ipv6-literal.net"),
        ] {
            assert_eq!(unc_host(host), in_path);
        }
    }
}
