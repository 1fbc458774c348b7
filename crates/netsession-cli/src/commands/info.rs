//! `netsession info`: what servers say they are.

use anyhow::Result;
use clap::Args;
use netsession::{Info, ServerInfo};

use crate::args::{self, AskArgs, Format};
use crate::output::{Column, Row, Rows, Value, columns_help};
use crate::shell::ServerCommand;

const EXAMPLES: &str = "\
Examples:
  netsession info files.example.com           which server is behind this name
  netsession info --sort version @all         the oldest systems first
  netsession info -f jsonl fs1 fs2            as JSON, one line for each server";

/// Show what servers say they are: name, version, roles, comment
///
/// Asks each server for its own name, whatever name it was reached by, for the version of its system, and for what
/// it offers. Every user may ask. Samba says 6.1, and by default has its version in the comment. Where Windows
/// itself asks (--backend), the name is the one that it was asked by: give a login to get the server's own.
#[derive(Debug, Args)]
#[command(
    mut_arg("format", Format::of_rows),
    after_help = EXAMPLES,
    after_long_help = args::after_long_help(EXAMPLES, &columns_help::<InfoRow>())
)]
pub(crate) struct InfoArgs {
    #[command(flatten)]
    ask: AskArgs,
}

impl ServerCommand for InfoArgs {
    type Question = Info;
    type Row = InfoRow;

    fn ask_args(&self) -> &AskArgs {
        &self.ask
    }

    fn question(&self) -> Result<Info> {
        Ok(Info)
    }

    fn rows(_: &str, answer: ServerInfo) -> Rows<InfoRow> {
        vec![InfoRow(answer)].into()
    }
}

/// One server.
#[derive(Debug)]
pub(crate) struct InfoRow(ServerInfo);

impl Row for InfoRow {
    type Totals = ();

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("name", "NAME", |row: &Self| row.0.name.as_str().into()).at_least(10).always(),
        Column::new("version", "VERSION", |row: &Self| Value::Version(row.0.version.0, row.0.version.1)),
        Column::new("roles", "ROLES", |row: &Self| Value::Words(row.0.roles().map(Into::into).collect()))
            .at_least(12),
        Column::new("comment", "COMMENT", |row: &Self| row.0.comment.as_str().into()).optional(),
    ];
    const TABLE: &'static [&'static str] = &["name", "version", "roles", "comment"];
    const ONE_TABLE: bool = true;
}
