use std::net::IpAddr;

use super::folded;

/// A computer as an administrator or a server writes it, for a comparison of one with the other.
///
/// Compared without the decoration that some servers add (`\\10.0.0.5`, `\\[fe80::1]`), as an address where both are
/// one, and otherwise without regard to case. `localhost` is every loopback address, and a name without a domain is that
/// of any domain: `ws7` is `ws7.lab.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientName(Computer);

/// What a text says of a computer, in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Computer {
    Address(IpAddr),
    /// `localhost`, in any spelling.
    Localhost,
    /// Any other name.
    Named(String),
}

impl ClientName {
    /// A computer in any spelling.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bare = bare_client(text);
        if let Some(address) = client_address(bare) {
            return Self(Computer::Address(address));
        }
        let name = folded(bare.strip_suffix('.').unwrap_or(bare));
        Self(match name.as_str() {
            "localhost" | "localhost.localdomain" | "localhost6" | "ip6-localhost" => Computer::Localhost,
            _ => Computer::Named(name),
        })
    }

    /// Whether no computer is named: nothing but the decoration of a name, as in `\\\\`, and blanks.
    ///
    /// ```
    /// use netsession_proto::query::ClientName;
    ///
    /// assert!(ClientName::new(r"\\").is_empty() && ClientName::new("[]").is_empty());
    /// assert!(!ClientName::new(r"\\ws7").is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Computer::Named(name) if name.trim_matches(['\\', '[', ']', '.', ' ']).is_empty())
    }

    /// The address, where the computer is written as one: in its shortest form, and without its scope, which only the
    /// machine that wrote it understands.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self.0 {
            Computer::Address(address) => Some(address),
            Computer::Localhost | Computer::Named(_) => None,
        }
    }

    /// Whether this is a name that only DNS or the server can turn into an address: neither an address nor `localhost`.
    #[must_use]
    pub fn is_name(&self) -> bool {
        matches!(self.0, Computer::Named(_))
    }

    pub(super) fn computer(&self) -> &Computer {
        &self.0
    }

    /// Whether a server that shows `shown` may mean this computer.
    #[must_use]
    pub fn matches(&self, shown: &str) -> bool {
        match (&self.0, &Self::new(shown).0) {
            (Computer::Localhost, Computer::Address(address))
            | (Computer::Address(address), Computer::Localhost) => address.is_loopback(),
            (Computer::Named(wanted), Computer::Named(shown)) => {
                wanted == shown || is_short_name(wanted, shown)
            }
            (wanted, shown) => wanted == shown,
        }
    }
}

impl From<IpAddr> for ClientName {
    fn from(address: IpAddr) -> Self {
        Self(Computer::Address(address.to_canonical()))
    }
}

/// Whether one of two names is the other one without its domain.
fn is_short_name(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    !short.is_empty()
        && long.strip_prefix(short).is_some_and(|domain| domain.starts_with('.'))
        && !short.contains('.')
}

/// A client without the decoration that some servers add: leading backslashes, and the brackets of an IPv6 address.
#[must_use]
pub fn bare_client(name: &str) -> &str {
    let name = name.trim_start_matches('\\');
    name.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(name)
}

/// A client without decoration as an address, where it is one.
fn client_address(bare: &str) -> Option<IpAddr> {
    let parse = |text: &str| text.parse::<IpAddr>().ok();
    // Most are addresses, and few have a scope.
    let address = parse(bare).or_else(|| parse(bare.split_once('%')?.0));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_without_decoration() {
        for (sent, bare) in [
            (r"\\10.0.0.5", "10.0.0.5"),
            (r"\\[fe80::1]", "fe80::1"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]", "::1"),
            (r"\\WS-01", "WS-01"),
            (r"\\", ""),
            ("", ""),
            ("[", "["),
            (r"\\[half", "[half"),
            (r"\one", "one"),
            (r"a\b", r"a\b"),
        ] {
            assert_eq!(bare_client(sent), bare, "{sent:?}");
        }
    }

    #[test]
    fn name_is_neither_an_address_nor_this_machine() {
        for text in ["ws7", r"\\WS7.lab.example", "10.0.0"] {
            assert!(ClientName::new(text).is_name(), "{text}");
        }
        for text in ["10.0.0.5", r"\\[fe80::1]", "localhost", "LOCALHOST"] {
            assert!(!ClientName::new(text).is_name(), "{text}");
        }
    }

    #[test]
    fn decoration_alone_names_no_computer() {
        for text in ["", r"\", r"\\", "[]", r"\\[]", r"\[", "]", ".", " ", r"\\ "] {
            assert!(ClientName::new(text).is_empty(), "{text:?}");
        }
        for text in ["ws7", r"\\WS7", "10.0.0.5", "[::1]", "localhost", r"\\x"] {
            assert!(!ClientName::new(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn address_is_the_same_in_each_spelling() {
        let address = |text: &str| ClientName::new(text).address().map(|address| address.to_string());
        for (text, expected) in [
            (r"\\10.0.0.5", "10.0.0.5"),
            ("::ffff:10.0.0.5", "10.0.0.5"),
            (r"\\[FE80:0::1]", "fe80::1"),
            ("fe80::1%eth0", "fe80::1"),
        ] {
            assert_eq!(address(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "ws7", "localhost", "10.0.0", "ws7%eth0"] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn same_computer_in_each_spelling() {
        for spellings in [
            &["10.0.0.5", r"\\10.0.0.5", "::ffff:10.0.0.5", r"\\[::ffff:a00:5]"][..],
            &["fe80::1", "[fe80:0:0::1]", r"\\[fe80::1]", "fe80::1%eth0"],
            &["ws7", r"\\WS7", "ws7."],
            &["ws7", r"\\WS7.lab.example"],
            &["ws7.lab.example", "WS7.LAB.EXAMPLE."],
            &["localhost", "LOCALHOST.", r"\\localhost", "localhost.localdomain", "ip6-localhost"],
            &["localhost", "127.0.0.1"],
            &["localhost", "127.8.0.1"],
            &["localhost", r"\\[::1]"],
            &["localhost", "::ffff:127.0.0.1"],
        ] {
            for wanted in spellings {
                for shown in spellings {
                    assert!(ClientName::new(wanted).matches(shown), "{wanted} {shown}");
                }
            }
        }
    }

    #[test]
    fn other_computers_do_not_match() {
        for (wanted, shown) in [
            ("10.0.0.5", "10.0.0.50"),
            ("127.0.0.1", "::1"),
            ("localhost", "10.0.0.5"),
            ("localhost", "ws7"),
            ("ws7", "ws70"),
            ("ws7", "ws70.lab.example"),
            ("ws7.lab.example", "ws7.other.example"),
            ("ws7.lab", "ws7.lab.example"),
            ("10.0.0", "10.0.0.5"),
            ("ws7", ""),
            ("", ".lab.example"),
        ] {
            for (wanted, shown) in [(wanted, shown), (shown, wanted)] {
                assert!(!ClientName::new(wanted).matches(shown), "{wanted} {shown}");
            }
        }
    }
}
