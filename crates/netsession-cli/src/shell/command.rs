use anyhow::Result;
#[cfg(feature = "exporter")]
use anyhow::bail;
use netsession::Question;

use crate::args::AskArgs;
#[cfg(feature = "exporter")]
use crate::output::ServerRows;
use crate::output::{Row, Rows};

/// A command that asks servers: its arguments, its question, and the rows it makes of an answer.
///
/// [`run`](super::run) does the rest. A new command is
/// 1. a file in `commands/` with the arguments (`#[command(flatten)] ask: AskArgs`), an implementation of this trait,
///    and the [`Row`] with its columns;
/// 2. a variant of `cli::Command`, and a line in `main` that runs it.
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

    /// The rows of all servers as metrics. A command without has no such format: [`Format::of_rows`](crate::args::Format).
    #[cfg(feature = "exporter")]
    fn metrics(_servers: &[ServerRows<Self::Row>]) -> Result<Vec<u8>> {
        bail!("this command has no metrics")
    }

    /// The rows in an answer of `server`, which is the name as it is shown.
    fn rows(server: &str, answer: <Self::Question as Question>::Answer) -> Rows<Self::Row>;
}
