use crate::srvs::SessionInfo;

use super::SessionFilter;
use super::client_name::ClientName;

/// Why a filter may have found no session although there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterMismatch {
    /// The filter names a computer, and the server lists addresses alone.
    ServerListsAddresses,
    /// The filter has an address, and the server lists names alone.
    ServerListsNames,
    /// The filter names a computer, and the server, which filters by itself, found no client of that name: it may list
    /// addresses.
    NameNotFound,
    /// The server lists this user, whose name may be that of the filter behind a domain and an unusual separator.
    OtherSeparator(String),
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
    pub(super) fn add(&mut self, session: &SessionInfo, filter: &SessionFilter, matches: bool) {
        self.matched |= matches;
        match ClientName::new(&session.client) {
            ClientName::Address(_) => self.addresses = true,
            ClientName::Localhost | ClientName::Name(_) => self.names = true,
        }
        if self.similar_user.is_none() {
            let user = session.user.as_ref().filter(|_| filter.matches_client(&session.client));
            self.similar_user = user.filter(|user| filter.may_mean_user(user)).cloned();
        }
    }

    /// Why the filter matched nothing, where that can be told.
    pub(super) fn mismatch(&self, filter: &SessionFilter) -> Option<FilterMismatch> {
        if self.matched {
            return None;
        }
        match (filter.client(), self.addresses, self.names) {
            (Some(ClientName::Name(_)), true, false) => Some(FilterMismatch::ServerListsAddresses),
            (Some(ClientName::Name(_)), false, false) => Some(FilterMismatch::NameNotFound),
            (Some(ClientName::Address(_)), false, true) => Some(FilterMismatch::ServerListsNames),
            _ => self.similar_user.clone().map(FilterMismatch::OtherSeparator),
        }
    }
}
