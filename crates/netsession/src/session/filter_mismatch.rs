use netsession_proto::query;

/// Why a filter may have found no session although there is one. See
/// [`Listing::filter_mismatch`](super::Listing::filter_mismatch) and
/// [`FileListing::filter_mismatch`](crate::FileListing::filter_mismatch).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterMismatch {
    /// The filter names a computer, and the server lists its clients by address: filter by the address.
    ServerListsAddresses,
    /// The filter is an address, and the server lists its clients by name: filter by the name.
    ServerListsNames,
    /// The filter names a computer, and the server found no client of that name and refused to list all. It may list
    /// addresses.
    NameNotFound,
    /// The server lists this user, which may be the wanted one with its domain in front: filter by the user as the server
    /// writes it, or by `DOMAIN\user`. The text comes from the server: escape it before it reaches a terminal.
    OtherSeparator(String),
    /// Of files: the filter is a computer, and the server does not list its sessions to this account, so that no file has a
    /// client.
    SessionsNotListed,
    /// Of files: the filter is a computer, and its user has sessions from others as well, so that the server does not report
    /// which of them a file is open on.
    SeveralClients,
    /// Of files: the filter is a share, and the server does not list the paths of its shares to this account, so that no file
    /// has a share.
    SharesNotListed,
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
