use anyhow::Result;

use crate::args::AskArgs;
use crate::output::{Row, Rows};
use netsession::Question;

/// A command that asks servers: its arguments, its question, and the rows it makes of an answer.
pub(crate) trait ServerCommand {
    type Question: Question;
    type Row: Row;

    /// The arguments that all such commands have.
    fn ask_args(&self) -> &AskArgs;

    /// What to ask. An error is one of the arguments: exit code 2, before anything else is looked at.
    fn question(&self) -> Result<Self::Question>;

    /// Whether to look up the names of clients.
    fn resolves_clients(&self) -> bool {
        false
    }

    /// The rows in an answer of `server`, which is the name as it is shown.
    fn rows(server: &str, answer: <Self::Question as Question>::Answer) -> Rows<Self::Row>;
}
