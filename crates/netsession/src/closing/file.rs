use std::time::{Duration, Instant};

use netsession_proto::srvs::{CodeAlone, FileCloseRequest, FileEnumRequest, Operation, RpcCall as _};

use super::{Closable, Closed, close};
use crate::error::{Changed, Error, FileOfUser, InvalidRequest, Step};
use crate::question::{AskOnce, Carrier, Put, Question};
use crate::{FileListing, Files, OpenFile};

/// Closes an open file for its user, whose next access to it fails: for [`Client::ask`](crate::blocking::Client::ask).
///
/// It takes a file that was listed, so that no id is closed blindly. The files are listed again right before: where the
/// id now stands for another path or another user, or for several files, nothing is closed, and the error has the kind
/// [`Changed`](crate::ErrorKind::Changed). A file without a path, from a server that lists ids alone, is not closed
/// either: [`InvalidRequest`](crate::ErrorKind::InvalidRequest). The request is never repeated: where its answer does not come, the kind is
/// [`UnknownOutcome`](crate::ErrorKind::UnknownOutcome). Specification: \[MS-SRVS\] 3.1.4.4.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let scenario = netsession_testserver::scenario::shipped("windows")?;
/// # let (address, _handle) = netsession_testserver::Server::start(scenario)?;
/// # let credentials = netsession::Credentials::ntlm(r"LAB\admin".parse()?, netsession::Password::new("Passw0rd!"));
/// # let client = netsession::blocking::Client::builder(address.to_string()).credentials(credentials).connect()?;
/// use netsession::{CloseFile, Closed, Files, PathPattern};
///
/// let listing = client.ask(&Files::new().path(PathPattern::new("report.xlsx")))?;
/// for file in &listing {
///     assert_eq!(client.ask(&CloseFile::new(file))?, Closed::Closed);
///     assert_eq!(client.ask(&CloseFile::new(file))?, Closed::AlreadyGone);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseFile {
    id: u32,
    path: Option<String>,
    user: Option<String>,
}

impl CloseFile {
    /// The request to close this file.
    #[must_use]
    pub fn new(file: &OpenFile) -> Self {
        let (path, user) = (file.path().map(str::to_owned), file.user().map(str::to_owned));
        Self { id: file.id(), path, user }
    }

    /// Whether the file would be closed where the server still lists this, as [`CloseFile`] looks right before it closes
    /// it. Nothing is sent: for a program that has a listing, and asks a person first.
    #[must_use]
    pub fn check(&self, listing: &FileListing) -> CheckedFile {
        match self.find(listing) {
            Found::This => CheckedFile::Listed,
            Found::Nothing => CheckedFile::NotListed,
            Found::Other(_) => CheckedFile::OtherFile,
            Found::Several => CheckedFile::SeveralFiles,
            Found::NoPath => CheckedFile::NoPath,
        }
    }

    /// Whether a listing has the file, also beside others of the same id. Where the id stands for another file by now, this
    /// one is gone. For a look after an [`UnknownOutcome`](crate::ErrorKind::UnknownOutcome).
    #[must_use]
    pub fn is_in(&self, listing: &FileListing) -> bool {
        listing.files().iter().any(|file| self.is(file))
    }

    fn find<'a>(&self, listing: &'a FileListing) -> Found<'a> {
        let mut same_id = listing.files().iter().filter(|file| file.id() == self.id);
        let now = same_id.next();
        // Samba makes the ids of the number of a process, of which it takes 16 bits.
        if same_id.next().is_some() {
            return Found::Several;
        }
        // Level 2 has ids alone. A server that refuses level 3 in NetrFileEnum has none in NetrFileGetInfo either.
        if self.path.as_deref().is_none_or(str::is_empty) {
            return Found::NoPath;
        }
        match now {
            None => Found::Nothing,
            Some(now) if self.is(now) => Found::This,
            Some(now) => Found::Other(now),
        }
    }

    /// Whether the file is in a new listing.
    ///
    /// # Errors
    /// The id alone does not say which file it is, or it stands for another one.
    fn is_closable(&self, listing: &FileListing) -> Result<bool, Error> {
        let changed = match self.find(listing) {
            Found::This => return Ok(true),
            Found::Nothing => return Ok(false),
            Found::NoPath => return Err(Error::invalid(InvalidRequest::FileWithoutPath)),
            Found::Several => Changed::SeveralFiles { id: self.id },
            Found::Other(now) => Changed::OtherFile {
                id: self.id,
                now: FileOfUser::new(now.path(), now.user()),
                listed: FileOfUser::new(self.path.as_deref(), self.user.as_deref()),
            },
        };
        let step = Step::for_call(FileCloseRequest::OPERATION);
        Err(Error::changed(step, changed).with_server(listing.server()))
    }

    fn is(&self, now: &OpenFile) -> bool {
        (now.id(), now.path(), now.user()) == (self.id, self.path.as_deref(), self.user.as_deref())
    }
}

/// Whether a file would be closed: the answer of [`CloseFile::check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckedFile {
    /// It is listed, and would be closed.
    Listed,
    /// Its id is not listed.
    NotListed,
    /// Its id stands for another path or another user.
    OtherFile,
    /// Its id stands for several files.
    SeveralFiles,
    /// It was listed without a path, and the id alone does not say what would be closed.
    NoPath,
}

/// What a listing has under the id of a file that is to be closed.
enum Found<'a> {
    Nothing,
    This,
    Other(&'a OpenFile),
    Several,
    /// Whatever it has: it is not known which file was meant.
    NoPath,
}

impl Question for CloseFile {
    type Answer = Closed;
}

impl Put for CloseFile {
    type Output = Closed;

    const OPERATION: Operation = FileEnumRequest::OPERATION;

    async fn put<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<Closed, Error> {
        if !self.is_closable(&list().put(carrier, deadline).await?)? {
            return Ok(Closed::AlreadyGone);
        }
        close(self, CloseId(self.id), carrier, deadline).await
    }
}

impl Closable for CloseFile {
    async fn is_listed<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<bool, Error> {
        Ok(self.is_in(&list().put(carrier, deadline).await?))
    }
}

/// Every file, with its path and user alone.
fn list() -> Files {
    Files::new().without_shares().without_clients()
}

/// The request alone.
#[derive(Debug, Clone, Copy)]
struct CloseId(u32);

impl AskOnce for CloseId {
    type Call = FileCloseRequest;
    type Output = ();

    fn call(&self, server: Option<String>) -> FileCloseRequest {
        FileCloseRequest { server, id: self.0 }
    }

    fn answer(&self, _: Option<CodeAlone>, _: Duration) {}
}
