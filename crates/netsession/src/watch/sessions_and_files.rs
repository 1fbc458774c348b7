use std::time::Instant;

use netsession_proto::srvs::Operation;

use crate::error::Error;
use crate::files::FileList;
use crate::question::{Carrier, Put, Question};
use crate::{FileListing, Listing, Sessions};

/// Who is connected and what is open, at the same time where the connection has a pipe for each.
///
/// The files are those of the server alone, without what shares and sessions report about them.
#[derive(Debug, Clone)]
pub(super) struct SessionsAndFiles;

impl Question for SessionsAndFiles {
    type Answer = (Listing, Result<FileListing, Error>);
}

impl Put for SessionsAndFiles {
    type Output = (Listing, Result<FileListing, Error>);

    const OPERATION: Operation = <Sessions as Put>::OPERATION;

    async fn put<C: Carrier>(&self, carrier: &mut C, deadline: Instant) -> Result<Self::Output, Error> {
        carrier.ask_both(&Sessions::new(), &FileList::default(), deadline).await
    }
}
