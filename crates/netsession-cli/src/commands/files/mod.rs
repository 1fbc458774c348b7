//! `netsession files`: which files are open, by whom.

mod row;
#[cfg(test)]
#[cfg(feature = "demo")]
mod tests;
mod totals;

use anyhow::Result;
use clap::Args;
use netsession::{FileListing, Files, PathPattern};

use crate::args::{self, AskArgs, Filter, FilterBy, Format};
use crate::output::{Rows, Selection, columns_help};
use crate::shell::ServerCommand;
pub(crate) use row::FileRow;

const EXAMPLES: &str = "\
Examples:
  netsession files fs1                        the open files of fs1
  netsession files --path report.xlsx @all    who has it open, on any server
  netsession files --path '*.docx' --user bob fs1
                                              the documents that bob has open
  netsession files --share projects --columns user,unc,locks fs1
                                              who is in this share, by path
  netsession files -f jsonl fs1 fs2           as JSON, one line for each file";

/// List the open files of servers: which file, by whom, with how many locks
///
/// Needs the same right as listing sessions. The shares and the sessions of the server are requested with the
/// files, so that a file has its path for users (unc) and the computer it is open on (client): a computer is
/// shown where the user has exactly one session on the server. Neither is requested where its columns are not
/// shown (--columns). Samba shows paths with an invented drive letter.
#[derive(Debug, Args)]
#[command(
    mut_arg("format", Format::of_rows),
    after_help = EXAMPLES,
    after_long_help = args::after_long_help(EXAMPLES, &columns_help::<FileRow>())
)]
pub(crate) struct FilesArgs {
    /// Only files whose path contains this text, or matches it as a glob if it has * or ?
    ///
    /// Without regard to case, and with / or \ between folders. Compared with the path on the server and with the
    /// path for users. A glob matches the whole path or the name of the file: '*.xlsx', 'D:\projects\*'.
    #[arg(long, value_name = "PATTERN", help_heading = "Filters")]
    path: Option<String>,

    /// Only files of this user, USER or DOMAIN\USER
    ///
    /// Also DOMAIN/USER and USER@REALM. Without a domain, of every domain.
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    user: Option<String>,

    /// Only files of this share
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    share: Option<String>,

    /// Only files open on this computer, where the server lists one session of the user
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    client: Option<String>,

    /// Add the DNS name of each client address
    #[arg(long, help_heading = "Output")]
    resolve: bool,

    #[command(flatten)]
    ask: AskArgs,
}

impl FilesArgs {
    /// What is neither shown nor compared with a filter is not requested. `--path` is compared with the path for users,
    /// too; a filter by share or client makes the library request what it needs.
    fn wanted_parts(&self) -> Result<Files> {
        let (output, mut question) = (&self.ask.output, Files::new());
        let selection = Selection::<FileRow>::new(&output.columns)?;
        if self.path.is_none() && !selection.uses(output.format, &["unc", "share"]) {
            question = question.without_shares();
        }
        if !selection.uses(output.format, &["client", "client_name"]) {
            question = question.without_clients();
        }
        Ok(question)
    }
}

impl ServerCommand for FilesArgs {
    type Question = Files;
    type Row = FileRow;

    fn ask_args(&self) -> &AskArgs {
        &self.ask
    }

    fn question(&self) -> Result<Files> {
        let filters: [(Filter<Files>, &Option<String>); 4] = [
            (Filter { by: FilterBy::User, set: |question, name| question.user(name) }, &self.user),
            (Filter { by: FilterBy::Share, set: |question, name| question.share(name) }, &self.share),
            (Filter { by: FilterBy::Client, set: |question, name| question.client(name) }, &self.client),
            (
                Filter { by: FilterBy::Path, set: |question, text| question.path(PathPattern::new(text)) },
                &self.path,
            ),
        ];
        filters.into_iter().try_fold(self.wanted_parts()?, |question, (filter, name)| {
            filter.apply(question, name.as_deref(), Files::check, "file")
        })
    }

    fn resolves_clients(&self) -> bool {
        self.resolve
    }

    fn rows(_: &str, listing: FileListing) -> Rows<FileRow> {
        row::rows(listing)
    }
}
