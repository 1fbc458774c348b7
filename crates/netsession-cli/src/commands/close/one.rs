//! Closing one row of a list that is shown, as `netsession top` does.

use super::outcome::{End, Outcome};
use super::talk::Confirm;
use super::{file, session};
use crate::shell::Connection;

/// What was chosen, as it is shown: what the server lists by then must be the same.
#[derive(Debug, Clone)]
pub(crate) enum Chosen {
    File { id: u32, path: Option<String>, user: Option<String> },
    Session { client: String, user: String },
}

/// Lists again, asks and closes, with every safeguard of the command. Says in a line what became of it; not yet escaped.
pub(crate) async fn close_one(
    chosen: Chosen,
    connection: &mut Connection,
    confirm: &mut impl Confirm,
) -> String {
    let outcomes = match chosen {
        Chosen::File { id, path, user } => {
            file::close(&file::Wanted { ids: vec![id], path, user }, connection, confirm).await
        }
        Chosen::Session { client, user } => {
            let wanted = session::Wanted { client, user };
            if let Err(error) = wanted.check() {
                return error.to_string();
            }
            session::close(&wanted, connection, confirm).await
        }
    };
    match outcomes {
        Ok(outcomes) => outcomes.iter().map(text).collect::<Vec<_>>().join("; "),
        Err(error) => error.to_string(),
    }
}

fn text(outcome: &Outcome) -> String {
    match &outcome.end {
        End::Failed(error) | End::Unknown { error, .. } => format!("{}: {error}", outcome.text(false)),
        _ => outcome.text(false),
    }
}
