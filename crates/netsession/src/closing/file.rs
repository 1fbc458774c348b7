use std::time::Instant;

use netsession_proto::query::OneCall;
use netsession_proto::srvs::{CodeAlone, FileCloseRequest, FileEnumRequest, Operation, RpcCall as _};

use super::{Closed, is_answered, outcome, pauses};
use crate::error::{Error, Step};
use crate::question::{Ask, Carrier, Circumstances, Put, Question, Target};
use crate::{FileListing, Files, OpenFile};

/// Closes an open file for its user, whose next access to it fails: for [`Client::ask`](crate::blocking::Client::ask).
///
/// It takes a file that was listed, so that no id is closed blindly. The files are listed again right before: where the
/// id now stands for another path or another user, nothing is closed, and the error has the kind
/// [`Changed`](crate::ErrorKind::Changed). The request is never repeated: where its answer does not come, the kind is
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

    /// The file in a new listing.
    ///
    /// # Errors
    /// The id stands for another file.
    fn find(&self, listing: &FileListing) -> Result<bool, Error> {
        let Some(now) = listing.files().iter().find(|file| file.id() == self.id) else { return Ok(false) };
        if (now.path(), now.user()) == (self.path.as_deref(), self.user.as_deref()) {
            return Ok(true);
        }
        let step = Step::for_call(FileCloseRequest::OPERATION);
        let text = format!(
            "file {} is now {} of {}, not {} of {}",
            self.id,
            now.path().unwrap_or("another file"),
            now.user().unwrap_or("another user"),
            self.path.as_deref().unwrap_or("the file"),
            self.user.as_deref().unwrap_or("the user"),
        );
        Err(Error::changed(step, text).with_server(listing.server()))
    }
}

impl Question for CloseFile {
    type Answer = Closed;
}

impl Put for CloseFile {
    type Output = Closed;

    const OPERATION: Operation = FileEnumRequest::OPERATION;

    async fn put<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<Closed, Error> {
        let list = Files::new().without_shares().without_clients();
        if !self.find(&list.put(carrier, deadline).await?)? {
            return Ok(Closed::AlreadyGone);
        }
        let closed = carrier.ask(&CloseId(self.id), deadline).await;
        if !is_answered(&closed) {
            return closed.map(|()| Closed::Unverified);
        }
        let mut pauses = pauses(deadline);
        loop {
            let after = list.put(carrier, deadline).await;
            // The id of another file by now: this one is gone.
            let after = after.map(|listing| self.find(&listing).unwrap_or(false));
            match pauses.next() {
                Some(pause) if closed.is_ok() && matches!(after, Ok(true)) => carrier.pause(pause).await,
                _ => return outcome(closed, after),
            }
        }
    }
}

/// The request alone.
#[derive(Debug, Clone, Copy)]
struct CloseId(u32);

impl Ask for CloseId {
    type Query = OneCall<FileCloseRequest>;
    type Output = ();
    type Found = ();

    fn query(&self, target: &Target) -> Result<Self::Query, Error> {
        Ok(OneCall(FileCloseRequest { server: target.unc.clone(), id: self.0 }))
    }

    fn collect((): &mut (), _: Vec<CodeAlone>) {}

    fn answer(&self, _: &Self::Query, (): (), _: Circumstances) {}
}
