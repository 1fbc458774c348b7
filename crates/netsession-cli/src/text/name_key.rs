use std::net::IpAddr;

/// A client, a user or another name as rows are sorted by it: 10.0.0.9 stands before 10.0.0.10, and every address
/// before every name. Names are compared in lower case, because servers differ in how they write the same one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameKey {
    Address(IpAddr),
    Name(Box<str>),
}

impl NameKey {
    pub(crate) fn new(text: &str) -> Self {
        // An address begins with one of these, and parsing costs more than all the rest.
        let may_be_address = text.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':');
        match may_be_address.then(|| text.parse()) {
            Some(Ok(address)) => Self::Address(address),
            _ => Self::Name(text.to_lowercase().into_boxed_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_sorted_by_value_and_before_names() {
        let mut texts = ["ws-2", "10.0.0.10", "WS-1", "fe80::1", "::1", "10.0.0.9", "fe80"];
        texts.sort_by_key(|text| NameKey::new(text));
        assert_eq!(texts, ["10.0.0.9", "10.0.0.10", "::1", "fe80::1", "fe80", "WS-1", "ws-2"]);
    }
}
