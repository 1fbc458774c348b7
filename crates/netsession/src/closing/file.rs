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

    /// Whether the file is in a new listing.
    ///
    /// # Errors
    /// The id alone does not say which file it is, or it stands for another one.
    fn find(&self, listing: &FileListing) -> Result<bool, Error> {
        // Level 2 has ids alone. A server that refuses level 3 in NetrFileEnum has none in NetrFileGetInfo either.
        if self.path.as_deref().is_none_or(str::is_empty) {
            return Err(Error::invalid(InvalidRequest::FileWithoutPath));
        }
        let mut same_id = listing.files().iter().filter(|file| file.id() == self.id);
        let Some(now) = same_id.next() else { return Ok(false) };
        let changed = |changed| {
            let step = Step::for_call(FileCloseRequest::OPERATION);
            Err(Error::changed(step, changed).with_server(listing.server()))
        };
        // Samba makes the ids of the number of a process, of which it takes 16 bits.
        if same_id.next().is_some() {
            return changed(Changed::SeveralFiles { id: self.id });
        }
        if self.is(now) {
            return Ok(true);
        }
        let now = FileOfUser::new(now.path(), now.user());
        let listed = FileOfUser::new(self.path.as_deref(), self.user.as_deref());
        changed(Changed::OtherFile { id: self.id, now, listed })
    }

    fn is(&self, now: &OpenFile) -> bool {
        (now.id(), now.path(), now.user()) == (self.id, self.path.as_deref(), self.user.as_deref())
    }
}

impl Question for CloseFile {
    type Answer = Closed;
}

impl Put for CloseFile {
    type Output = Closed;

    const OPERATION: Operation = FileEnumRequest::OPERATION;

    async fn put<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<Closed, Error> {
        if !self.find(&list().put(carrier, deadline).await?)? {
            return Ok(Closed::AlreadyGone);
        }
        close(self, CloseId(self.id), carrier, deadline).await
    }
}

impl Closable for CloseFile {
    /// The id of another file by now: this one is gone.
    async fn is_listed<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<bool, Error> {
        let listing = list().put(carrier, deadline).await?;
        Ok(listing.files().iter().any(|file| self.is(file)))
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
