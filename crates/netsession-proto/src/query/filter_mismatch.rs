use super::SessionFilter;
use super::client_name::{ClientName, Computer};

/// Why a filter may have found no session although there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterMismatch {
    /// The filter names a computer, and the server lists addresses alone.
    ServerListsAddresses,
    /// The filter has an address, and the server lists names alone.
    ServerListsNames,
    /// The filter names a computer, and the server, which filters by itself, found no client of that name and lists no
    /// session without a filter: it may list addresses.
    NameNotFound,
    /// The server lists this user, whose name may be that of the filter behind a domain and an unusual separator.
    OtherSeparator(String),
}

impl FilterMismatch {
    /// Why a filter matches none of the clients and users that a server lists; `None` where it matches one, or there is
    /// nothing to say.
    ///
    /// ```
    /// use netsession_proto::query::{FilterMismatch, SessionFilter};
    ///
    /// let filter = SessionFilter::new(Some("ws7"), None)?;
    /// let mismatch = FilterMismatch::explain(&filter, [("10.0.0.5", Some("bob"))]);
    /// assert_eq!(mismatch, Some(FilterMismatch::ServerListsAddresses));
    /// # Ok::<(), netsession_proto::client::InvalidRequest>(())
    /// ```
    #[must_use]
    pub fn explain<'a>(
        filter: &SessionFilter,
        all: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Option<Self> {
        let mut listed = Listed::default();
        for (client, user) in all {
            listed.add(client, user, filter, filter.matches_client(client) && filter.matches_user(user));
        }
        listed.mismatch(filter, true)
    }
}

/// What a server listed, as far as it explains an empty answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Listed {
    addresses: bool,
    names: bool,
    matched: bool,
    similar_user: Option<String>,
}

impl Listed {
    /// One more session of the server, and whether the filter matched it.
    pub(super) fn add(&mut self, client: &str, user: Option<&str>, filter: &SessionFilter, matches: bool) {
        self.matched |= matches;
        match ClientName::new(client).computer() {
            Computer::Address(_) => self.addresses = true,
            Computer::Localhost | Computer::Named(_) => self.names = true,
        }
        if self.similar_user.is_none() {
            let user = user.filter(|_| filter.matches_client(client));
            self.similar_user = user.filter(|user| filter.may_mean_user(user)).map(str::to_owned);
        }
    }

    /// Why the filter matched nothing, where that can be told. `is_all` is whether every session was listed.
    pub(super) fn mismatch(&self, filter: &SessionFilter, is_all: bool) -> Option<FilterMismatch> {
        if self.matched {
            return None;
        }
        match (filter.client().map(ClientName::computer), self.addresses, self.names) {
            (Some(Computer::Named(_)), true, false) => Some(FilterMismatch::ServerListsAddresses),
            (Some(Computer::Named(_)), false, false) if !is_all => Some(FilterMismatch::NameNotFound),
            (Some(Computer::Address(_)), false, true) => Some(FilterMismatch::ServerListsNames),
            _ => self.similar_user.clone().map(FilterMismatch::OtherSeparator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_explains_an_empty_answer() {
        let explain = |client, user, listed: &[(&str, &str)]| {
            let filter = SessionFilter::new(client, user).unwrap();
            FilterMismatch::explain(&filter, listed.iter().map(|(client, user)| (*client, Some(*user))))
        };
        let (address, name) = (("10.0.0.5", "bob"), ("ws7", "bob"));
        assert_eq!(explain(Some("ws7"), None, &[address]), Some(FilterMismatch::ServerListsAddresses));
        assert_eq!(explain(Some("ws7"), None, &[name]), None, "it matches");
        // The user alone makes no match.
        let both = explain(Some("10.0.0.5"), Some("bob"), &[name]);
        assert_eq!(both, Some(FilterMismatch::ServerListsNames));
        assert_eq!(explain(Some("ws7"), None, &[]), None, "everything was listed, and it was nothing");
        // An address that a name stands for is a match.
        assert_eq!(explain(Some("127.0.0.1"), None, &[("localhost", "bob")]), None);
        assert_eq!(explain(Some("10.0.0.5"), None, &[name]), Some(FilterMismatch::ServerListsNames));
    }
}
