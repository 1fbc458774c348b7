use crate::server_name::Server;
use crate::unc_host::unc_host;

impl Server {
    /// `\\fs1`; `None` for this machine.
    pub(super) fn unc(&self) -> Option<String> {
        Some(format!(r"\\{}", unc_host(self.name()?.host())))
    }
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
