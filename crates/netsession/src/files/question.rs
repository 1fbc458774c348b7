use std::time::Instant;

use netsession_proto::query::{self, EnumQuery, SessionFilter, UserName};
use netsession_proto::srvs::{FileEnumRequest, FileInfo, FileLevel, InfoLevel as _, Operation, RpcCall as _};

use super::{FileListing, OpenFile, PathPattern};
use crate::client_method::client_method;
use crate::collected::Collected;
use crate::error::Error;
use crate::question::{Ask, Carrier, Circumstances, Put, Question, Target};
use crate::shares::Shares;
use crate::unc_host::unc_host;
use crate::{FilterMismatch, Level, Listing, MemoryShare, Session, Sessions};

/// The query for the open files of a server, for [`Client::ask`](crate::blocking::Client::ask) and `Fleet`.
///
/// It takes the rights that listing sessions takes. The shares and the sessions of the server are requested with the
/// files, one round trip each, for [`OpenFile::unc`] and [`OpenFile::client`]; where the server refuses them, these are
/// `None`. Specification: \[MS-SRVS\] 3.1.4.2.
///
/// ```
/// use netsession::{Files, PathPattern};
///
/// let question = Files::new().user("alice").path(PathPattern::new("*.xlsx"));
/// assert!(question.check().is_ok());
/// assert!(Files::new().user("x".repeat(1_024)).check().is_err());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Files {
    user: Option<String>,
    client: Option<String>,
    path: Option<PathPattern>,
    share: Option<String>,
    without_shares: bool,
    without_clients: bool,
}

client_method!(
    /// The open files of the server, with their shares and clients.
    files, Files::new(), FileListing
);

impl Files {
    /// Every open file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only files of this user: `user`, in any domain, `DOMAIN\user`, `DOMAIN/user` or `user@REALM`, as in
    /// [`Sessions::user`]. Without regard to case. Empty is no filter.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into()).filter(|user| !user.is_empty());
        self
    }

    /// Only files that are open on this computer, where a session tells: see [`OpenFile::client`]. Empty is no filter.
    #[must_use]
    pub fn client(mut self, client: impl Into<String>) -> Self {
        self.client = Some(client.into()).filter(|client| !client.is_empty());
        self
    }

    /// Only files whose path on the server, or path for users, matches.
    #[must_use]
    pub fn path(mut self, pattern: PathPattern) -> Self {
        self.path = Some(pattern);
        self
    }

    /// Only files of this share: see [`OpenFile::share`]. Without regard to case. Empty is no filter.
    #[must_use]
    pub fn share(mut self, share: impl Into<String>) -> Self {
        self.share = Some(share.into()).filter(|share| !share.is_empty());
        self
    }

    /// Does not request the shares: [`OpenFile::unc`] and [`OpenFile::share`] are `None`.
    #[must_use]
    pub fn without_shares(mut self) -> Self {
        self.without_shares = true;
        self
    }

    /// Does not request the sessions: [`OpenFile::client`] is `None`.
    #[must_use]
    pub fn without_clients(mut self) -> Self {
        self.without_clients = true;
        self
    }

    /// Checks that the query can be sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest): a name is longer than servers must accept.
    pub fn check(&self) -> Result<(), Error> {
        self.filter().map(|_| ())
    }

    fn filter(&self) -> Result<SessionFilter, Error> {
        SessionFilter::new(self.client.as_deref(), self.user.as_deref()).map_err(Error::invalid)
    }

    fn list(&self) -> Result<FileList, Error> {
        let by_user = SessionFilter::new(None, self.user.as_deref());
        Ok(FileList { by_user: by_user.map_err(Error::invalid)? })
    }

    fn asks_for_shares(&self, files: &FileListing) -> bool {
        !files.is_empty() && (!self.without_shares || self.share.is_some())
    }

    fn asks_for_sessions(&self, files: &FileListing) -> bool {
        !files.is_empty() && (!self.without_clients || self.client.is_some())
    }

    /// Adds what shares and sessions report, and leaves what is wanted.
    fn join(
        &self,
        mut files: FileListing,
        shares: Option<&crate::ShareListing>,
        sessions: Option<&Listing>,
    ) -> Result<FileListing, Error> {
        files.add(shares, sessions);
        let filter = self.filter()?;
        if self.client.is_some() && !files.files.iter().any(|file| is_from(file, &filter)) {
            let mismatch = client_mismatch(&files, &filter, sessions);
            files.filter_mismatch = files.filter_mismatch.or(mismatch);
        }
        if self.share.is_some() && !files.has_shares && !files.is_empty() {
            files.filter_mismatch.get_or_insert(FilterMismatch::SharesNotListed);
        }
        files.files.retain(|file| self.wants(file, &filter));
        Ok(files)
    }

    fn wants(&self, file: &OpenFile, filter: &SessionFilter) -> bool {
        let path = self.path.as_ref().is_none_or(|pattern| {
            [file.path(), file.unc()].into_iter().flatten().any(|path| pattern.matches(path))
        });
        let share = self.share.as_ref().is_none_or(|wanted| {
            file.share().is_some_and(|share| share.to_lowercase() == wanted.to_lowercase())
        });
        path && share && (self.client.is_none() || is_from(file, filter))
    }
}

impl Question for Files {
    type Answer = FileListing;
}

impl Put for Files {
    type Output = FileListing;

    const OPERATION: Operation = FileEnumRequest::OPERATION;

    async fn put<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<FileListing, Error> {
        let files = carrier.ask(&self.list()?, deadline).await?;
        let (mut shares, mut sessions) = (None, None);
        if self.asks_for_shares(&files) {
            shares = unless_refused(carrier.ask(&Shares, deadline).await)?;
        }
        if self.asks_for_sessions(&files) {
            sessions = unless_refused(carrier.ask(&users(), deadline).await)?;
        }
        self.join(files, shares.as_ref(), sessions.as_ref())
    }
}

fn is_from(file: &OpenFile, filter: &SessionFilter) -> bool {
    file.client().is_some_and(|client| filter.matches_client(client))
}

/// Why no file is open on the wanted computer, where that can be told.
fn client_mismatch(
    files: &FileListing,
    filter: &SessionFilter,
    sessions: Option<&Listing>,
) -> Option<FilterMismatch> {
    if files.is_empty() {
        return None;
    }
    let Some(sessions) = sessions else { return Some(FilterMismatch::SessionsNotListed) };
    let mut from_there = sessions.iter().filter(|session| filter.matches_client(session.client())).peekable();
    if from_there.peek().is_none() {
        let all = sessions.iter().map(|session| (session.client(), None));
        return query::FilterMismatch::explain(filter, all).map(FilterMismatch::from_wire);
    }
    let has_file_without_client = |session: &Session| {
        let user = session.user().map(UserName::new);
        let is_of_user = |file: &&OpenFile| {
            user.as_ref().zip(file.user()).is_some_and(|(user, shown)| user.matches(shown))
        };
        files.files.iter().filter(is_of_user).any(|file| file.client().is_none())
    };
    from_there.any(has_file_without_client).then_some(FilterMismatch::SeveralClients)
}

/// Clients and users, in one round trip from every server that is known: all of them have level 1.
fn users() -> Sessions {
    Sessions::new().level(Level::L1)
}

/// What the server refuses to tell beside the files is left out. Any other error is one.
pub(crate) fn unless_refused<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_answer() => {
            tracing::debug!(%error, "left out");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The files alone: one call.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileList {
    by_user: SessionFilter,
}

impl Ask for FileList {
    type Query = EnumQuery<FileEnumRequest>;
    type Output = FileListing;
    type Found = Collected<OpenFile>;

    fn query(&self, target: &Target) -> Result<Self::Query, Error> {
        let call = FileEnumRequest {
            server: target.unc.clone(),
            user: self.by_user.sent_user().map(str::to_owned),
            ..FileEnumRequest::new(FileLevel::L3)
        };
        Ok(EnumQuery::new(call, target.limits))
    }

    fn held_bytes(found: &Self::Found) -> usize {
        found.held_bytes()
    }

    fn charge(found: &mut Self::Found, share: MemoryShare) {
        found.charge(share);
    }

    fn collect(found: &mut Self::Found, items: Vec<FileInfo>) {
        found.extend(items.into_iter().map(OpenFile::from_wire));
    }

    fn answer(&self, query: &Self::Query, found: Self::Found, circumstances: Circumstances) -> FileListing {
        let (mut files, share) = found.into_parts();
        let users = files.iter().map(|file| ("", file.user()));
        let mismatch = query::FilterMismatch::explain(&self.by_user, users).map(FilterMismatch::from_wire);
        // Samba ignores the filter.
        files.retain(|file| self.by_user.matches_user(file.user()));
        FileListing {
            server: circumstances.server.to_string(),
            host: unc_host(circumstances.server.host()),
            level: query.level().number(),
            files,
            has_shares: false,
            filter_mismatch: mismatch,
            memory: share,
        }
    }
}
