//! Closing one row of a list that is shown, as `netsession top` does.

use netsession::{Closed, Error};

use super::attempt::{Attempt, End};
use super::talk::Confirm;
use super::{file, session};
use crate::shell::Connection;

/// What was chosen, as it is shown: what the server lists by then must be the same.
#[derive(Debug, Clone)]
pub(crate) enum Chosen {
    File { id: u32, path: Option<String>, user: Option<String> },
    Session { client: String, user: String },
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Ending {
    /// In a line; not yet escaped.
    pub(crate) text: String,
    /// Whether it is as the person wants it: closed, or left alone as they said.
    pub(crate) is_as_wanted: bool,
    pub(crate) error: Option<Error>,
}

/// Lists again, asks and closes, with every safeguard of the command.
pub(crate) async fn close_one(
    chosen: Chosen,
    connection: &mut Connection,
    confirm: &mut impl Confirm,
) -> Ending {
    let attempts = match chosen {
        Chosen::File { id, path, user } => {
            file::close(&file::Wanted { ids: vec![id], path, user }, connection, confirm).await
        }
        Chosen::Session { client, user } => {
            let wanted = session::Wanted { client, user };
            if let Err(error) = wanted.check() {
                return Ending { text: error.to_string(), is_as_wanted: false, error: None };
            }
            session::close(&wanted, connection, confirm).await
        }
    };
    match attempts {
        Ok(attempts) => ending(attempts),
        Err(error) => {
            Ending { text: "nothing was closed".to_owned(), is_as_wanted: false, error: Some(error) }
        }
    }
}

/// One was chosen, so that there is one attempt.
fn ending(attempts: Vec<Attempt>) -> Ending {
    let text = attempts.iter().map(|attempt| attempt.text(false)).collect::<Vec<_>>().join("; ");
    let is_as_wanted = |end: &End| match end {
        End::Ended(Closed::Closed | Closed::AlreadyGone | Closed::Unverified) | End::LeftAlone => true,
        End::Ended(_) | End::NotListed(_) | End::OtherThanGiven(_) | End::Failed(_) | End::Unknown { .. } => {
            false
        }
    };
    let is_as_wanted = attempts.iter().all(|attempt| is_as_wanted(&attempt.end));
    let error = attempts.into_iter().find_map(|attempt| match attempt.end {
        End::Failed(error) | End::Unknown { error, .. } => Some(error),
        _ => None,
    });
    Ending { text, is_as_wanted, error }
}
