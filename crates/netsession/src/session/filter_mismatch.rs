use netsession_proto::query;

/// Why a filter may have found no session although there is one. See
/// [`Listing::filter_mismatch`](super::Listing::filter_mismatch).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterMismatch {
    /// The filter names a computer, and the server lists its clients by address: filter by the address.
    ServerListsAddresses,
    /// The filter is an address, and the server lists its clients by name: filter by the name.
    ServerListsNames,
    /// The filter names a computer, and the server found no client of that name. It may list addresses.
    NameNotFound,
    /// The server lists this user, which may be the wanted one with its domain in front: filter by the user as the server
    /// writes it, or by `DOMAIN\user`. The text comes from the server: escape it before it reaches a terminal.
    OtherSeparator(String),
}

impl FilterMismatch {
    pub(crate) fn from_wire(mismatch: query::FilterMismatch) -> Self {
        match mismatch {
            query::FilterMismatch::ServerListsAddresses => Self::ServerListsAddresses,
            query::FilterMismatch::ServerListsNames => Self::ServerListsNames,
            query::FilterMismatch::NameNotFound => Self::NameNotFound,
            query::FilterMismatch::OtherSeparator(user) => Self::OtherSeparator(user),
        }
    }
}
