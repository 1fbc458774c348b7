use std::time::Duration;

use netsession::{Error, FileListing, Files, KeptClient, OpenFile};

use crate::settings::Settings;

/// The numbers of a listing of open files. No name of a person or a file is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileStats {
    /// `None` if the server answered with ids alone.
    pub(crate) locks: Option<u64>,
    /// `None` if no share is named in the configuration, or the server lists no paths of shares or files.
    pub(crate) by_share: Option<ShareFiles>,
}

/// Open files by their share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ShareFiles {
    /// Each share of the configuration, with its open files. A server adds no share to these: it could make up any
    /// number of labels, and the shares of homes are the names of people.
    pub(crate) named: Vec<(String, u64)>,
    /// Open files anywhere else, pipes included.
    pub(crate) other: u64,
}

/// Lists the open files over the connection that the sessions came through. Shares are requested only where some are
/// named, or where files are recorded.
pub(crate) async fn list(
    client: &mut KeptClient,
    settings: &Settings,
    timeout: Duration,
) -> Result<FileListing, Error> {
    let mut question = Files::new().without_clients();
    if settings.shares.is_empty() && settings.recorder.is_none() {
        question = question.without_shares();
    }
    client.ask(&question, timeout).await
}

impl FileStats {
    pub(crate) fn new(listing: &FileListing, shares: &[String]) -> Self {
        let files = listing.files();
        let locks = files
            .iter()
            .map(OpenFile::locks)
            .try_fold(0_u64, |sum, locks| Some(sum.saturating_add(locks?.into())));
        // Without an open file the shares are not requested, and each has none.
        let is_located = listing.is_empty() || (listing.has_shares() && locks.is_some());
        let by_share = (is_located && !shares.is_empty()).then(|| ShareFiles::new(files, shares));
        Self { locks, by_share }
    }
}

impl ShareFiles {
    fn new(files: &[OpenFile], shares: &[String]) -> Self {
        let mut counted = Self { named: shares.iter().map(|share| (share.clone(), 0)).collect(), other: 0 };
        for share in files.iter().map(|file| file.share().map(str::to_lowercase)) {
            let named = counted.named.iter_mut().find(|(name, _)| Some(name) == share.as_ref());
            let count = named.map_or(&mut counted.other, |(_, count)| count);
            *count = count.saturating_add(1);
        }
        counted
    }

    /// The labels and their values.
    pub(crate) fn samples(&self) -> impl Iterator<Item = (&str, u64)> {
        let named = self.named.iter().map(|(share, count)| (share.as_str(), *count));
        named.chain([("other", self.other)])
    }
}
