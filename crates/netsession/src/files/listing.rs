use super::OpenFile;
use super::clients::ClientsByUser;
use super::unc::SharePaths;
use crate::{FilterMismatch, Listing, MemoryShare, Session, ShareListing};

/// The open files of one server, in the server's order.
#[derive(Debug, Clone)]
pub struct FileListing {
    pub(super) server: String,
    /// The server as it stands in a UNC path.
    pub(super) host: String,
    pub(super) level: u32,
    pub(super) files: Vec<OpenFile>,
    pub(super) has_shares: bool,
    pub(super) filter_mismatch: Option<FilterMismatch>,
    pub(super) memory: MemoryShare,
}

impl FileListing {
    /// Adds what shares and sessions of the same server report about each file.
    pub(crate) fn add(&mut self, shares: Option<&ShareListing>, sessions: Option<&Listing>) {
        self.has_shares =
            shares.is_some_and(|shares| shares.shares().iter().any(|share| share.path().is_some()));
        let shares = shares.map(|shares| SharePaths::new(shares.shares()));
        for file in &mut self.files {
            let located = shares.as_ref().zip(file.path.as_deref());
            if let Some((share, unc)) = located.and_then(|(shares, path)| shares.locate(&self.host, path)) {
                (file.share, file.unc) = (Some(share.into()), Some(unc.into()));
            }
        }
        self.add_clients(sessions.map(Listing::sessions).unwrap_or_default());
    }

    /// Adds the computer of each file that one session alone can have opened: for files that were listed
    /// [without clients](crate::Files::without_clients), and sessions of the same server.
    pub fn add_clients(&mut self, sessions: &[Session]) {
        let mut clients = ClientsByUser::new(sessions);
        for file in &mut self.files {
            let client = file.user.as_deref().and_then(|user| clients.only_client(user));
            file.client = client.map(Into::into);
        }
    }

    /// The server, as [`Client::server`](crate::blocking::Client::server) has it.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The level whose fields the files have: 3, or 2 (ids alone).
    #[must_use]
    pub fn level(&self) -> u32 {
        self.level
    }

    /// Whether the server listed the paths of its shares, so that a file without a [`share`](OpenFile::share) is in none of
    /// those that users see. False where they were not requested, as without an open file, or refused.
    #[must_use]
    pub fn has_shares(&self) -> bool {
        self.has_shares
    }

    /// Why a filter by user or client found no file although there may be one: `None` where files were found, or there is
    /// nothing to say.
    #[must_use]
    pub fn filter_mismatch(&self) -> Option<&FilterMismatch> {
        self.filter_mismatch.as_ref()
    }

    /// The memory that the files take, of the budget of all answers: keep it as long as the files.
    #[must_use]
    pub fn memory(&self) -> MemoryShare {
        self.memory.clone()
    }

    /// All files.
    #[must_use]
    pub fn files(&self) -> &[OpenFile] {
        &self.files
    }

    /// The number of files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl IntoIterator for FileListing {
    type Item = OpenFile;
    type IntoIter = std::vec::IntoIter<OpenFile>;

    fn into_iter(self) -> Self::IntoIter {
        self.files.into_iter()
    }
}

impl<'a> IntoIterator for &'a FileListing {
    type Item = &'a OpenFile;
    type IntoIter = std::slice::Iter<'a, OpenFile>;

    fn into_iter(self) -> Self::IntoIter {
        self.files.iter()
    }
}
